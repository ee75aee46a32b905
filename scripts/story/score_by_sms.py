"""Act 5: another order, ordered at the desk, whose elder never picks up; her score comes as an SMS."""

from __future__ import annotations

import secrets
from typing import Any

from db.demo import DEMO
from db.demo_people import ELDERS, DemoElder
from routing.numbers import as_dialled
from scripts.story.meal import visit
from scripts.story.stage import Stage

ELDER: DemoElder = next(elder for elder in ELDERS if elder.name == "周淑芬")


def order_at_the_desk(stage: Stage, item_id: int) -> dict[str, Any]:
    """An agent takes an order for 周淑芬; the company accepts, the worker comes and goes."""
    step = stage.timeline.step
    elder_id = stage.elder_id(ELDER.code)
    phone = stage.somebody(ELDER.number)
    company = stage.actors[as_dialled(DEMO.company.number)]
    since = company.phone.events[-1].at
    with step("an agent takes an order for 周淑芬 at the desk"):
        order: dict[str, Any] = stage.api.post(
            "orders", {"elder_id": elder_id, "item_id": item_id}, Idempotency_Key=f"story-{secrets.token_hex(8)}"
        )
    with step("the company is called and accepts this one too"):
        company.phone.wait_for("connected", 60, since=since)
        company.hears("offer.any_key")
        company.phone.press("5")
        company.hears("offer.menu", 30)
        company.phone.press("1")
        order = stage.api.until("the order accepted", lambda: _accepted(stage, order["id"]), 20)
        company.phone.wait_for("hung_up", 30, since=since)
    stage.leaves(DEMO.company.number)
    visit(stage, order, ELDER.number)
    phone.phone.refuses = 486
    return order


def score_by_sms(stage: Stage, order: dict[str, Any]) -> None:
    """Three calls found her line busy: an SMS asks instead, and her reply is read."""
    step = stage.timeline.step
    phone = stage.actors[as_dialled(ELDER.number)].phone
    attempts = stage.settings.callback_attempts
    with step(f"the call back to 周淑芬 finds her line busy {attempts} times, and no more"):
        question = stage.api.until("the SMS that asks", lambda: _question(stage, order["id"]), 150)
        tries = sum(event.what == "refused" for event in phone.events)
        if tries != attempts:
            raise AssertionError(f"her phone rang {tries} times")
    with step("an SMS asks her for a score; she replies 非常满意，5分"):
        if "5" not in question["text"]:
            raise AssertionError("the SMS does not tell the scale")
        stage.api.sms_in(as_dialled(ELDER.number), "非常满意，5分", f"story-{secrets.token_hex(8)}")
    with step("her reply is a score of 5 for that order"):
        stage.api.until("the score", lambda: _scored(stage, order["id"]), 10)


def _accepted(stage: Stage, order_id: int) -> dict[str, Any] | None:
    order: dict[str, Any] = stage.api.get(f"orders/{order_id}")
    return order if order["state"] == "accepted" else None


def _question(stage: Stage, order_id: int) -> dict[str, Any] | None:
    sent = stage.api.get("sms", direction="out", order_id=order_id)["items"]
    return next((each for each in sent if each["question"] and each["state"] in ("sent", "delivered")), None)


def _scored(stage: Stage, order_id: int) -> bool:
    ratings = stage.api.get("ratings", order_id=order_id)["items"]
    return any(each["channel"] == "sms" and each["score"] == 5 for each in ratings)
