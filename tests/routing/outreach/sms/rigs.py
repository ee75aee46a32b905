"""Each adapter with its real counterpart: Kannel's boxes, or our own link, before one simulated carrier."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from routing.outreach.sms.carrier import Carrier, OutgoingSms
from routing.outreach.sms.encoding import Alphabet
from routing.outreach.sms.kannel import KannelGateway, report_of
from routing.outreach.sms.reports import DeliveryReport, ReportAddress
from routing.outreach.sms.smpp.deliveries import Segment, joined_text, read_delivery
from routing.outreach.sms.smpp.pdu import Pdu, Status, answer, message
from routing.outreach.sms.smpp.receipts import Receipted, plain_id
from routing.outreach.sms.smpp.session import Session
from routing.settings import Settings
from scripts.kannel_config import kannel_config, write_kannel_config
from scripts.sms_carrier.control import messages
from scripts.sms_carrier.smsc import Smsc
from tests.ports import free_port
from tests.routing.outreach.sms.gateway import Gateway, run_gateway
from tests.routing.outreach.sms.kannel_boxes import SECONDS, started
from tests.routing.outreach.sms.smpp.bound import run_link, run_smsc
from tests.waiting import until


@dataclass
class Rig:
    """One adapter before the carrier. `next_reply` and `next_report` give what reached our side."""

    carrier: Carrier
    smsc: Smsc
    next_reply: Callable[[], str]
    next_report: Callable[[], DeliveryReport]
    wrong: Callable[[OutgoingSms], object]
    """Hands a message over with a wrong password."""

    def texts(self) -> list[str]:
        """What phones got, joined."""
        return [each["text"] for each in messages(self.smsc.book.taken)]


@contextmanager
def smpp_rig(_folder: Path) -> Iterator[Rig]:
    """Our own link."""
    replies: Queue[str] = Queue()
    reports: Queue[DeliveryReport] = Queue()
    parts: dict[int, bytes] = {}

    def came(session: Session, pdu: Pdu) -> None:
        read = read_delivery(message(pdu))
        session.send(answer(pdu, Status.ROK, ""))
        if isinstance(read, Receipted):
            assert plain_id(read.carrier_id)
            reports.put(read.report)
        elif isinstance(read, Segment):
            parts[read.part] = read.data
            if len(parts) == read.total:
                replies.put(joined_text(parts, read.total, read.coding))
                parts.clear()

    def wrong(one: OutgoingSms) -> object:
        with run_link(smsc, password="wr0ng", bound=False) as refused:
            assert refused.link.wait_for(lambda state: state.wants_a_person, SECONDS)
            return refused.carrier.hand_over(one).outcome

    with run_smsc() as smsc, run_link(smsc, came) as ours:
        yield Rig(ours.carrier, smsc, lambda: replies.get(timeout=SECONDS), lambda: reports.get(timeout=SECONDS), wrong)


@contextmanager
def kannel_rig(folder: Path) -> Iterator[Rig]:
    """Debian's bearerbox and smsbox, with the very configuration of `./scripts/up --sms kannel`."""
    with run_gateway() as console:
        settings = Settings(
            var_dir=folder, sms_simulated="kannel", index_key=SecretStr("k"), web_port=console.port,
            sms_carrier_port=free_port(), kannel_port=free_port(), kannel_box_port=free_port(),
            kannel_admin_port=free_port(),
        )  # fmt: skip
        user, password = settings.sms_account("k")
        write_kannel_config(settings)
        config = str(kannel_config(settings))
        smsc = Smsc({user: password}, port=settings.sms_carrier_port)
        smsc.start()
        boxes: list[subprocess.Popen[bytes]] = []
        try:
            boxes.append(started(["bearerbox", "-v", "2", config], settings.kannel_box_port))
            boxes.append(started(["smsbox", "-v", "2", config], settings.kannel_port))
            until(lambda: smsc.bound == 1, SECONDS)
            yield _through(settings, smsc, console, user, password)
        finally:
            for box in reversed(boxes):
                box.kill()
                box.wait(SECONDS)
            smsc.stop()


def _through(settings: Settings, smsc: Smsc, console: Gateway, user: str, password: str) -> Rig:
    reports = ReportAddress(f"http://127.0.0.1:{console.port}/sms/report", str.encode)

    def adapter(secret: str) -> KannelGateway:
        return KannelGateway(
            settings.sms_gateway, user=user, password=secret, sender="12349", reports=reports,
            as_dialled=lambda number: number.removeprefix("+86"), plain=Alphabet.GSM7,
        )  # fmt: skip

    def next_of(path: str) -> dict[str, str]:
        while True:
            asked = urlsplit(console.asked.get(timeout=SECONDS))
            query = parse_qs(asked.query, keep_blank_values=True)
            if asked.path == path and query.get("status") != ["8"]:
                return {name: values[0] for name, values in query.items()}

    def next_report() -> DeliveryReport:
        told = report_of(next_of("/sms/report")["status"])
        assert told is not None
        return told

    return Rig(
        adapter(password), smsc, lambda: next_of("/sms/inbound")["text"], next_report,
        lambda one: adapter("wr0ng").hand_over(one).outcome,
    )  # fmt: skip


RIGS = {"kannel": kannel_rig, "smpp": smpp_rig}
