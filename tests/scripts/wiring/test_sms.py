"""The process that has the link: it sends, takes and answers, is seen by /healthz, and tells a wrong password."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.encryption import new_key
from db.migrate import upgrade
from db.models import SmsMessage
from routing.outreach.sms.smpp.link import LinkState
from routing.outreach.sms.standing import judge
from routing.settings import Settings
from scripts.health import check
from scripts.sms_carrier.control import messages
from scripts.sms_carrier.smsc import Smsc
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores
from tests.ports import free_ports
from tests.redis_server import RedisServer
from tests.waiting import until

PASSWORD = "s3cret"


@contextmanager
def process(variables: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ELDERLINE_")}
    with log.open("wb") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "scripts.cli", "run", "sms"], env={**environment, **variables}, stdout=output,
            stderr=output,
        )  # fmt: skip
        try:
            yield running
        finally:
            running.kill()
            running.wait(30)


def test_what_is_queued_goes_and_what_comes_is_answered_through_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis_port, *others = free_ports(5)
    smsc = Smsc({"elderline": PASSWORD})
    names = ("web_port", "http_port", "ami_port", "agi_port")
    variables = {
        "ELDERLINE_VAR_DIR": str(tmp_path), "ELDERLINE_REDIS_PORT": str(redis_port),
        "ELDERLINE_FIELD_KEY": new_key(), "ELDERLINE_INDEX_KEY": new_key(),
        "ELDERLINE_SMS_SMPP": f"127.0.0.1:{smsc.port}", "ELDERLINE_SMS_USER": "elderline",
        "ELDERLINE_SMS_PASSWORD": PASSWORD,
        **{f"ELDERLINE_{name.upper()}": str(port) for name, port in zip(names, others, strict=True)},
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    upgrade(settings.database)
    redis = RedisServer(tmp_path, redis_port)
    redis.start()
    smsc.start()
    stores = open_stores(settings)
    sms = HotlineServices(stores).sms

    def states() -> list[str]:
        with stores.reading() as work:
            query = select(SmsMessage.state).where(SmsMessage.direction == "out").order_by(SmsMessage.id)
            return list(work.scalars(query))

    def health() -> str:
        return check(settings)["sms"]["detail"]

    try:
        assert "does not run" in health()
        sms.queue("one", "+8613900000077", "字" * 100)
        assert sms.send_due().accepted == 0  # This process has no link, and burns nothing.
        with process(variables, tmp_path / "first.log") as running:
            until(lambda: states() == ["delivered"])
            smsc.book.reply("13900000077", "12349", "在吗")
            until(lambda: len(states()) == 2 and states()[1] == "delivered")
            until(lambda: "bound" in health())
            assert check(settings)["sms"]["ok"]
            running.send_signal(signal.SIGKILL)
            running.wait(30)
        sms.queue("two", "+8613900000077", "再见")
        key = smsc.book.reply("13900000078", "12349", "你好")[0]  # Nobody is there; the carrier keeps it.
        with process(variables, tmp_path / "second.log") as running:
            until(lambda: smsc.book.was_brought(key) and states() == ["delivered"] * 4)
            running.terminate()
            assert running.wait(30) == 0
        got = [each["text"] for each in messages(smsc.book.taken)]
        assert (len(got), got.count("再见"), got.count("字" * 100)) == (4, 1, 1)
        with process({**variables, "ELDERLINE_SMS_PASSWORD": "wr0ng"}, tmp_path / "third.log"):
            until(lambda: "ESME_RINVPASWD" in health())
        part = check(settings)["sms"]
        assert not part["ok"]
        assert "ELDERLINE_SMS_PASSWORD" in part["detail"]
        logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
        assert "wr0ng" not in part["detail"] + logs
        assert not any(secret in logs for secret in (PASSWORD, "13900000077", "在吗"))
    finally:
        stores.redis.close()
        stores.engine.dispose()
        smsc.stop()
        redis.stop()


NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "well"),
    [
        (None, False),
        (LinkState(True, NOW), True),
        (LinkState(False, NOW - timedelta(minutes=4), "no connection"), True),
        (LinkState(False, NOW - timedelta(minutes=6), "no connection"), False),
        (LinkState(False, NOW, "refused", wants_a_person=True), False),
        (LinkState(False, NOW + timedelta(hours=1), "the clock was set back"), True),
    ],
)
def test_a_link_that_is_away_for_long_or_wants_a_person_is_red(state: LinkState | None, well: bool) -> None:
    standing = judge(state, NOW, timedelta(minutes=5))
    assert (standing.well, bool(standing.words)) == (well, True)
