"""Asking for the own orders, as tests do."""

from __future__ import annotations

from db.demo import DEMO
from ivr.flows.welcome import Welcome
from routing.orders.policy import OrderState
from tests.ivr.flows.talk import Exchange, Talk
from tests.routing.town import Town

ASK = {"welcome.menu": "2"}
WANG = DEMO.wang.number


def ask(exchange: Exchange, hang_up_at: int | None = None, **keys: str) -> Talk:
    """Ask for the own orders; the keys by prompt, with _ for the dot."""
    return exchange.call(
        Welcome, WANG, ASK | {prompt.replace("_", ".", 1): key for prompt, key in keys.items()}, hang_up_at=hang_up_at
    )  # fmt: skip


def state(town: Town, order_id: int) -> OrderState:
    return town.orders.get(order_id).state
