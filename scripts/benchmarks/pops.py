"""From the router's offer to the caller's record on the agent's page, in a real Chromium, with real calls.

The clock starts with the moment that the router writes into its offer, and stops as the record has been drawn: in the
second frame after its text stood in the page. Both are this machine's clock. Between them lie the offer's way through
Redis and the live stream, the page's request, what the console reads and audits, and the browser's own work.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from db.demo_people import DISTRICTS
from db.demo_services import LOGINS
from db.encryption import new_key
from db.models import CallRecord, Contact, Elder, ServiceItem
from routing.calls.messages import AgentState
from routing.numbers import as_dialled
from scripts.benchmarks.house import bench_hotline
from scripts.benchmarks.people import add_elders, number_of
from scripts.benchmarks.ring import quantile
from tests.hotline import Hotline, live_events
from tests.phones.line import Line
from tests.phones.phone import Phone

PARTS: Final = ("redis", "asterisk", "ivr", "router", "console")
ELDERS, OFFERS = 20_000, 50
ORDERS, CALLS, CONTACTS = 24, 30, 4
"""Of the elder who calls: two orders a month, a call every other week, and whoever is close to them."""
GOAL_MS: Final = 300.0
_ITEMS: Final = ("meal", "cleaning")
_PATIENCE_SECONDS: Final = 60
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
_WATCH: Final = """
window.popped = {};
new MutationObserver(() => {
  const record = document.querySelector("#pane article.record[data-call]");
  const call = record?.dataset.call;
  if (!call || call in window.popped || !record.querySelector("h1")?.textContent.trim()) return;
  window.popped[call] = null; // Its text is there; it counts once it is drawn.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const asked = performance.getEntriesByType("resource").findLast((each) => each.name.includes(`call=${call}`));
    const at = (milliseconds) => performance.timeOrigin + milliseconds;
    window.popped[call] = { asked: at(asked.startTime), answered: at(asked.responseEnd), drawn: at(performance.now()) };
    document.body.dataset.drawn = call;
  }));
}).observe(document, { childList: true, subtree: true });
"""

Say = Callable[[str], None]


def run(folder: Path, say: Say, *, elders: int = ELDERS, offers: int = OFFERS) -> dict[str, Any]:
    """Have an elder with a past call again and again. Raises what the parts raise at their start, and TimeoutError."""
    login = next(each for each in LOGINS if each.extension)
    with bench_hotline(folder / "pops", *PARTS, session_key=new_key()) as hotline, _line(hotline) as line:
        add_elders(hotline.stores, elders, straight=True)
        caller = Phone(line, as_dialled(number_of(_live_a_while(hotline, elders // 2))))
        caller.plug_in()
        agent = Phone(line, login.extension or "", answers=False)
        secret = next(each.secret for each in hotline.accounts if each.extension == login.extension)
        agent.plug_in(hotline.dial_to, login.extension, secret)
        with _page(hotline, login.login, login.password) as page:
            found = [_pop(hotline, caller, agent, page) for _ in range(offers)]
    if "ELDERLINE_KEEP" not in os.environ:
        shutil.rmtree(folder / "pops", ignore_errors=True)
    figures: dict[str, Any] = {"desk_elders": elders, "desk_offers": len(found)}
    for name in ("asked", "answered", "drawn"):
        ordered = sorted(each[name] for each in found)
        figures |= {
            f"desk_{name}_ms_p50": quantile(ordered, 0.5), f"desk_{name}_ms_p99": quantile(ordered, 0.99),
            f"desk_{name}_ms_most": quantile(ordered, 1.0),
        }  # fmt: skip
    figures["desk_late"] = sum(each["drawn"] > GOAL_MS for each in found)
    say(
        f"{len(found)} offers, {elders:,} elders: the record is drawn p50 {figures['desk_drawn_ms_p50']}, p99"
        f" {figures['desk_drawn_ms_p99']}, at most {figures['desk_drawn_ms_most']} ms after the offer (the page asks"
        f" after p50 {figures['desk_asked_ms_p50']}, and has the answer after {figures['desk_answered_ms_p50']} ms)"
    )
    return figures


def _pop(hotline: Hotline, caller: Phone, agent: Phone, page: Page) -> dict[str, float]:
    """One call: from its offer to the record, in milliseconds. The caller hangs up once it is drawn."""
    extension = agent.number
    hotline.eventually("the agent is free", lambda: _is_ready(hotline, extension), _PATIENCE_SECONDS)
    page.wait_for_selector("#state[data-state=ready]")
    events, since = live_events(hotline), time.monotonic()
    caller.dial(f"sip:{hotline.settings.did_hotline}@{hotline.dial_to}")
    offer = _offer(events, since)
    events.close()  # type: ignore[attr-defined]  # It is a generator.
    agent.wait_for("ringing", _PATIENCE_SECONDS, since)
    page.wait_for_selector(f"body[data-drawn='{offer['call_id']}']")
    seen: dict[str, float] = page.evaluate("call => window.popped[call]", offer["call_id"])
    caller.hang_up()
    agent.wait_for("hung_up", _PATIENCE_SECONDS, since)
    return {name: at - offer["at"] * 1000 for name, at in seen.items()}


def _offer(events: Iterator[dict[str, Any]], since: float) -> dict[str, Any]:
    for each in events:
        if each.get("type") == "TicketOffered":
            return each
        if time.monotonic() > since + _PATIENCE_SECONDS:
            break
    raise TimeoutError(f"no offer within {_PATIENCE_SECONDS} s")


def _is_ready(hotline: Hotline, extension: str) -> bool:
    record = hotline.services.agents.get(extension)
    return record is not None and record.state is AgentState.READY


def _live_a_while(hotline: Hotline, at: int) -> int:
    """Give the made-up elder `at` a past: orders, calls with notes, and contacts."""
    cipher, now = hotline.stores.cipher, datetime.now(UTC)
    with hotline.stores.unit_of_work() as work:
        elder = work.scalars(select(Elder).where(Elder.code == f"BENCH{at}")).one()
        elder.district = DISTRICTS[0]
        elder.health_notes, elder.address = "高血压，走路需要拐杖，对青霉素过敏", "清水湾街道一号院二单元301室"
        elder.contacts = [
            Contact(name=f"王建{each}", relation="儿子", number=number, number_index=cipher.number_index(number))
            for each, number in enumerate(f"+861390000{each:04d}" for each in range(CONTACTS))
        ]  # fmt: skip
        for each in range(CALLS):
            began = now - timedelta(days=14 * each + 1)
            work.add(
                CallRecord(id=f"bench-{each}", node="a", direction="inbound", elder_id=elder.id, started_at=began,
                           ended_at=began + timedelta(minutes=4), outcome="answered", agent_note="女儿周末来")
            )  # fmt: skip
        elder_id, items = elder.id, work.scalars(select(ServiceItem.id).where(ServiceItem.code.in_(_ITEMS))).all()
    for each in range(ORDERS):
        placed = hotline.services.orders.place(
            elder_id, items[each % len(items)], key=f"bench-{each}", source="desk", actor="bench", channel="desk"
        )
        if each >= 3:  # Three are open.
            hotline.services.orders.cancel(placed.id, actor="bench", channel="desk", reason="bench")
    return at


@contextmanager
def _line(hotline: Hotline) -> Iterator[Line]:
    line = Line(hotline.carrier_port)
    try:
        yield line
    finally:
        line.close()


@contextmanager
def _page(hotline: Hotline, login: str, password: str) -> Iterator[Page]:
    """The agent's page in Debian's Chromium, logged in, with its live stream open."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
            page.set_default_timeout(_PATIENCE_SECONDS * 1000)
            page.add_init_script(_WATCH)
            page.goto(f"http://127.0.0.1:{hotline.settings.web_port}/login")
            page.fill("[name=login]", login)
            page.fill("[name=password]", password)
            with page.expect_navigation():
                page.press("[name=password]", "Enter")
            page.goto(f"http://127.0.0.1:{hotline.settings.web_port}/desk")
            page.wait_for_selector("body[data-online=yes]")
            yield page
        finally:
            browser.close()
