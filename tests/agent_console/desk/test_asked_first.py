"""Before an order is placed the desk tells who would be asked first, and that is who is asked."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from db.models import Company, Offer
from tests.agent_console.console import Desk, csrf


def quoted(desk: Desk) -> str:
    client = desk.logged_in("agent")
    form = {
        "elder": str(desk.elder_id()), "item": str(desk.item_id()), "key": "k" * 12,
        "csrf_token": csrf(client, f"/desk?elder={desk.elder_id()}"),
    }  # fmt: skip
    answer = client.post("/desk/orders/quote", data=form)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_who_is_told_first_is_asked_first(desk: Desk) -> None:
    told = re.search(r"会先问：(\S+?)[<\s]", quoted(desk))
    assert told
    order = desk.services.orders.place(desk.elder_id(), desk.item_id(), key="first", source="desk")
    desk.services.dispatch.offer_next(order.id)
    with desk.services.reading() as session:
        asked = session.scalars(select(Company.name).join(Offer).where(Offer.order_id == order.id)).first()
    assert asked == told.group(1)


def test_nobody_is_told_where_nobody_would_be_asked(desk: Desk) -> None:
    with desk.services.unit_of_work() as session:
        session.execute(update(Company).values(active=False))
    assert "会先问" not in quoted(desk)
