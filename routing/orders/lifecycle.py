"""The moves of an order within a unit of work: a command is decided by pure rules, and each move leaves its history.

Nothing else writes the state of an order, its company or its worker, or ends its offers.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Offer, Order, OrderEvent
from routing.calls.messages import OrderMoved
from routing.errors import Invalid, NotFound
from routing.orders.actors import name_of
from routing.orders.commands import Accept, Act, Command, Decline, Expire, GiveUp
from routing.orders.errors import MovedMeanwhile, MoveRefused
from routing.orders.offers import end_offer, hand_back, open_offers
from routing.orders.policy import OrderState, may_move
from routing.orders.preconditions import Refusal, Refused, Situation, decide
from routing.orders.pricing.settling import on_move

__all__ = ["Act", "carried_out", "load", "move", "perform", "situation"]


_ANSWERS: dict[type[Command], str] = {Accept: "accepted", Decline: "declined", Expire: "expired"}
"""Commands that answer an offer, and the state that it has then."""


def load(session: Session, order_id: int, expected_version: int | None = None) -> Order:
    """Take the order for a change; nobody else can change it before this unit of work ends.

    Raises NotFound, and MovedMeanwhile (which names who moved it) when the order is no longer at `expected_version`.
    """
    # What this session read of the order before may be old: whoever had to wait for the lock reads what it is then.
    order = session.get(Order, order_id, populate_existing=True, with_for_update=True)
    if order is None:
        raise NotFound(f"there is no order {order_id}")
    if expected_version is not None and order.version != expected_version:
        last = order.history[-1] if order.history else None
        who = name_of(session, last.actor, last.at) if last else "somebody"
        to = last.to_state if last else order.state
        raise MovedMeanwhile(f"order {order.number} was changed meanwhile: {who} moved it to {to}", who=who, to=to)
    return order


def situation(session: Session, order: Order) -> Situation:
    """Give what the rules must know of an order."""
    state = OrderState(order.state)
    offers = open_offers(session, order.id) if state is OrderState.OFFERED else ()
    return Situation(
        order.number, state, order.due_at, order.company_id, order.worker_id,
        {each.company_id: each.expires_at for each in offers},
    )  # fmt: skip


def carried_out(session: Session, key: str, order: Order, command: Command) -> bool:
    """Tell whether this very command was carried out under this key before; the order is locked, so nobody does it now.

    Raises Invalid when the key belongs to something else.
    """
    if not key:
        return False
    event = session.scalar(select(OrderEvent).where(OrderEvent.key == key))
    offer = session.scalar(select(Offer).where(Offer.answer_key == key))
    if event is None and offer is None:
        return False
    same_answer = offer is None or (offer.order_id, offer.state) == (order.id, _ANSWERS.get(type(command)))
    if not same_answer or (event is not None and (event.order_id, event.command) != (order.id, command.told())):
        raise Invalid("this Idempotency-Key belongs to another move: use a new one")
    return True


def perform(  # Who does what to what, and the key.
    session: Session, order: Order, command: Command, act: Act, key: str = "", *, worker_id: int | None = None
) -> list[OrderMoved]:
    """Carry out a command on an order that was taken with `load`, once per `key`; give what moved, to be published.

    `worker_id`: who is sent by the company that has the order then. Raises MoveRefused, whose text says what stands
    against it and who was there before.
    """
    if carried_out(session, key, order, command):
        return []
    decision = decide(situation(session, order), command, act)
    if isinstance(decision, Refused):
        raise _refused(session, order, decision)
    before = OrderState(order.state)
    if before is OrderState.OFFERED:
        _end_offers(session, order, command, act, key)
    if before is OrderState.ACCEPTED and OrderState.REQUESTED in decision.path:
        _take_away(session, order, "given_up" if isinstance(command, GiveUp) else "taken_back")
    moved = []
    for to in decision.path:
        if to is OrderState.ACCEPTED:
            order.company_id = getattr(command, "company_id", order.company_id)
            order.worker_id = worker_id
            session.expire(order, ["company", "worker"])
        last = to is decision.path[-1]
        moved.append(move(session, order, to, act, command=command.told(), key=key if last else ""))
    return moved


def move(
    session: Session, order: Order, to: OrderState, act: Act, *, command: str = "", key: str = ""
) -> OrderMoved:  # fmt: skip
    """Write one move of an order that was taken with `load`. Raises MoveRefused when the table does not allow it.

    Whoever does something to an order calls `perform`, which knows what else must hold; this is its pen.
    """
    if not may_move(OrderState(order.state), to):
        raise MoveRefused(f"order {order.number} is {order.state} and cannot become {to.value}", why=Refusal.TABLE)
    session.add(  # Not appended: that would read the whole history first.
        OrderEvent(
            order=order, at=act.at, from_state=order.state, to_state=to.value, actor=act.actor, channel=act.channel,
            reason=act.reason, command=command, key=key or None,
        )
    )  # fmt: skip
    on_move(session, order, to, act.at)  # Reads before anything of the order changes: a move is one version of it.
    order.state = to.value
    order.updated_at = act.at
    session.flush()
    return OrderMoved(order.id, to.value, act.at.timestamp(), order.elder_id)


def _refused(session: Session, order: Order, refused: Refused) -> MoveRefused:
    """Say what stands against it, and who brought the order where it is."""
    last = order.history[-1] if order.history else None
    who = name_of(session, last.actor, last.at) if last else ""
    by = f" ({who} made it so)" if who else ""
    text = f"order {order.number} is {order.state}{by}: {refused.reason}"
    return MoveRefused(text, why=refused.why, who=who, to=order.state)


def _end_offers(session: Session, order: Order, command: Command, act: Act, key: str) -> None:
    """End the offer that is answered; whatever takes the order away from the companies withdraws the others."""
    answer, company = _ANSWERS.get(type(command)), getattr(command, "company_id", None)
    for offer in open_offers(session, order.id):
        if answer and offer.company_id == company:
            end_offer(session, offer, answer, act.at, key)
        elif answer in (None, "accepted"):
            end_offer(session, offer, "withdrawn", act.at)


def _take_away(session: Session, order: Order, how: str) -> None:
    """The company that had it has it no more, and its worker neither."""
    hand_back(session, order.id, how)
    order.company_id = order.worker_id = None
    session.expire(order, ["company", "worker"])
