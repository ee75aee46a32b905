"""Acts 1 to 4: an elder orders a meal, a company takes it, a care worker brings it, the elder gives a score."""

from __future__ import annotations

from typing import Any

from db.demo import DEMO
from routing.numbers import as_dialled
from scripts.story.stage import Stage
from scripts.wiring.stores import now


def order_by_phone(stage: Stage) -> dict[str, Any]:
    """She dials, is greeted by name, orders by keys, and hears the number of her order."""
    wang = stage.somebody(DEMO.wang.number)
    elder_id = stage.elder_id(DEMO.wang.code)
    known = {order["id"] for order in stage.api.get("orders", elder_id=elder_id)["items"]}
    step = stage.timeline.step
    with step("王桂兰 (82, lives alone) dials 12349, and the hotline answers"):
        stage.dial(wang, stage.settings.did_hotline)
    with step("she is greeted as 王奶奶"):
        wang.hears(_greeting(stage), who="王奶奶")
    with step("she hears the menu and presses 1 for services"):
        wang.hears("welcome.menu", 25)
        wang.phone.press("1")
    with step("she hears the services and presses 1 for a meal"):
        wang.hears("services.choice", service="送餐", key="1")
        wang.phone.press("1")
    with step("she hears that it is free for her class of payer, is asked when it shall be, and presses 1"):
        wang.hears("order.confirm_free", service="送餐")
        wang.phone.press("1")
    with step("a work order exists, written from her call"):
        order = stage.api.until("a new order", lambda: _new_order(stage, elder_id, known), 10)
    with step(f"she hears its short number {order['number']} and its time, and the hotline says goodbye and hangs up"):
        wang.hears("order.placed", number=order["number"])
        wang.hears("bye.goodbye", 25)
        wang.phone.wait_for("hung_up", 10)
    return order


def company_accepts(stage: Stage, order: dict[str, Any]) -> dict[str, Any]:
    """The company is called by the system and takes the order by key; an SMS tells the elder who will come."""
    company = stage.actors[as_dialled(DEMO.company.number)]
    step = stage.timeline.step
    with step("the company's phone rings by itself, and they pick up"):
        company.phone.wait_for("connected", 60)
    with step("they hear that it is about an order, and press a key"):
        company.hears("offer.any_key")
        company.phone.press("5")
    with step("they hear the choice and press 1 to accept"):
        company.hears("offer.menu", 30)
        company.phone.press("1")
        company.hears("offer.accepted")
    with step("the order is accepted, and a care worker is assigned"):
        order = stage.api.until("the order accepted", lambda: _in_state(stage, order["id"], "accepted"), 10)
        if order["worker_id"] is None:
            raise AssertionError("nobody is assigned")
    with step("an SMS tells 王桂兰 who will come"):
        message = stage.api.until("the SMS", lambda: _sms_about(stage, order["id"], DEMO.wang.number), 15)
        if "师傅" not in message["text"]:
            raise AssertionError(f"the SMS does not name anybody: {message['text']}")
    return order


def visit(stage: Stage, order: dict[str, Any], elder_number: str) -> None:
    """The care worker checks in from her own phone, and out from the elder's."""
    step = stage.timeline.step
    on_duty = stage.worker(order["worker_id"])
    worker, pin = stage.somebody(on_duty.number), on_duty.pin
    with step("the care worker dials 12348 from her phone and enters her PIN"):
        stage.dial(worker, stage.settings.did_visits)
        worker.hears("visit.enter_pin")
        worker.phone.press(f"{pin}#")
    with step("she presses 1 to check in; it is accepted, as unverified, for it is not the elder's phone"):
        worker.hears("visit.which")
        worker.phone.press("1")
        worker.hears("visit.unverified")
        stage.api.until("the order visiting", lambda: _in_state(stage, order["id"], "visiting"), 10)
        worker.phone.wait_for("hung_up", 30)
        stage.leaves(on_duty.number)
    home = stage.somebody(elder_number)
    before = home.phone.events[-1].at if home.phone.events else 0.0
    with step("later she checks out from the elder's telephone: the caller ID proves the place"):
        stage.dial(home, stage.settings.did_visits)
        home.hears("visit.enter_pin")
        home.phone.press(f"{pin}#")
        home.hears("visit.which")
        home.phone.press("2")
        home.phone.wait_for("hung_up", 40, since=before)
    with step("the visit is written with its six facts, the order is done"):
        stage.api.until("the order done", lambda: _in_state(stage, order["id"], "done"), 10)
        seen = stage.api.get("visits", order_id=order["id"])["items"][0]
        if seen["in_verified"] or not seen["out_verified"] or seen["checked_out_at"] is None:
            raise AssertionError(f"the visit is not as it was: {seen}")


def called_back(stage: Stage, order: dict[str, Any]) -> None:
    """The system calls her back, and she gives five points."""
    wang = stage.actors[as_dialled(DEMO.wang.number)]
    since = wang.phone.events[-1].at
    step = stage.timeline.step
    with step("the system calls 王桂兰 back by itself"):
        wang.phone.wait_for("connected", 90, since=since)
        wang.hears("callback.greet", who="王奶奶")
    with step("she presses a key, and 1: yes, it was done"):
        wang.hears("callback.any_key")
        wang.phone.press("8")
        wang.hears("callback.done", service="送餐")
        wang.phone.press("1")
    with step("she presses 5: very satisfied, and is thanked"):
        wang.hears("callback.score")
        wang.phone.press("5")
        wang.hears("callback.thanks")
        wang.phone.wait_for("hung_up", 20, since=since)
    with step("the score is with the order"):
        stage.api.until("the score", lambda: _scored(stage, order["id"], "call", 5), 10)
    stage.leaves(DEMO.wang.number)


def _greeting(stage: Stage) -> str:
    hour = now().astimezone(stage.settings.zone).hour
    return f"welcome.greet_{'morning' if 5 <= hour < 12 else 'afternoon' if 12 <= hour < 18 else 'evening'}"


def _new_order(stage: Stage, elder_id: int, known: set[int]) -> dict[str, Any] | None:
    return next((each for each in stage.api.get("orders", elder_id=elder_id)["items"] if each["id"] not in known), None)


def _in_state(stage: Stage, order_id: int, state: str) -> dict[str, Any] | None:
    order: dict[str, Any] = stage.api.get(f"orders/{order_id}")
    return order if order["state"] == state else None


def _sms_about(stage: Stage, order_id: int, number: str) -> dict[str, Any] | None:
    sent = stage.api.get("sms", direction="out")["items"]
    return next((each for each in sent if each["order_id"] == order_id and each["number"] == number), None)


def _scored(stage: Stage, order_id: int, channel: str, score: int) -> bool:
    ratings = stage.api.get("ratings", order_id=order_id)["items"]
    return any(each["channel"] == channel and each["score"] == score for each in ratings)
