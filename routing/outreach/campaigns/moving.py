"""A message that somebody wants to move: locked, and whether it may be."""

from __future__ import annotations

from sqlalchemy.orm import Session

from db.models import Campaign
from routing.errors import Conflict, NotFound
from routing.outreach.campaigns.policy import MOVES, Act, State, is_repeat


def locked(session: Session, campaign_id: int) -> Campaign:
    """Give the row, locked. Raises NotFound."""
    row = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"there is no group message {campaign_id}")
    return row


def after_move(row: Campaign, act: Act, by: str) -> State | None:
    """Give the state that follows; None if the same person has brought it there already. Raises Conflict."""
    after = MOVES.get((State(row.state), act))
    if after is None and not is_repeat(State(row.state), act, by[:60], row.changed_by):
        raise Conflict(
            f"{row.changed_by} was faster: the message is {row.state} since {row.changed_at:%Y-%m-%d %H:%M} UTC"
        )
    return after
