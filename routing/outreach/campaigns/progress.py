"""How far a group message is, and what became of it with each elder: read within a unit of work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Callback, Campaign, CampaignRecipient, Elder
from db.session import UnitOfWork
from routing.errors import NotFound
from routing.outreach.campaigns.claims import on_lines
from routing.outreach.campaigns.costs import USUAL_TARIFF, Cost, Tariff, came_to
from routing.outreach.campaigns.moving import moves_of, queued
from routing.outreach.campaigns.policy import State, Way
from routing.outreach.campaigns.views import CampaignView, Move, Recipient, selection_of

A_PAGE = 200


def view(session: Session, row: Campaign, *, spoken: bool) -> CampaignView:
    """Give a message as it stands."""
    counted = session.execute(
        select(CampaignRecipient.state, func.count().label("count"))
        .where(CampaignRecipient.campaign_id == row.id)
        .group_by(CampaignRecipient.state)
    )
    return CampaignView(
        id=row.id, title=row.title, text=row.text, language=row.language, recording=row.recording, spoken=spoken,
        way=Way(row.way), warning=row.warning, selection=selection_of(row), lines=row.lines, opens=row.opens,
        closes=row.closes, starts_at=row.starts_at, ends_at=row.ends_at, state=State(row.state),
        created_at=row.created_at, created_by=row.created_by, started_at=row.started_at, changed_at=row.changed_at,
        changed_by=row.changed_by, counts={each[0]: each[1] for each in counted}, calls=on_lines(session, row.id),
        queued=queued(session, row.id),
    )  # fmt: skip


class Recipients:
    """Lists the elders of a message."""

    def __init__(self, reading: UnitOfWork, clock: Callable[[], datetime], tariff: Tariff = USUAL_TARIFF) -> None:
        self._reading = reading
        self._tariff = tariff
        self._clock = clock

    def of(self, campaign_id: int, *, state: str = "", after: int = -1, limit: int = A_PAGE) -> tuple[Recipient, ...]:
        """Give them in their turn, from the one after position `after` on. Raises NotFound."""
        with self._reading() as session:
            if session.get(Campaign, campaign_id) is None:
                raise NotFound(f"there is no group message {campaign_id}")
            query = (
                select(CampaignRecipient, Elder.name, Callback.attempts, Callback.last_outcome)
                .join(Elder, Elder.id == CampaignRecipient.elder_id)
                .outerjoin(Callback, Callback.cause == CampaignRecipient.cause)
                .where(CampaignRecipient.campaign_id == campaign_id, CampaignRecipient.position > after)
                .order_by(CampaignRecipient.position)
                .limit(limit)
            )
            if state:
                query = query.where(CampaignRecipient.state == state)
            return tuple(
                Recipient(
                    row.elder_id, name, row.number, row.state, row.reason, attempts or 0, outcome or "", row.settled_at
                )
                for row, name, attempts, outcome in session.execute(query)
            )

    def moves(self, campaign_id: int) -> tuple[Move, ...]:
        """Give who did what with a message, and when; the latest first."""
        with self._reading() as session:
            return moves_of(session, campaign_id)

    def cost(self, campaign_id: int) -> Cost:
        """Count what a message came to so far. Raises NotFound."""
        with self._reading() as session:
            row = session.get(Campaign, campaign_id)
            if row is None:
                raise NotFound(f"there is no group message {campaign_id}")
            return came_to(session, row, self._tariff)

    def going_on(self) -> dict[str, int]:
        """Count the elders of the messages that run or are paused, by their state."""
        query = (
            select(CampaignRecipient.state, func.count())
            .join(Campaign, Campaign.id == CampaignRecipient.campaign_id)
            .where(Campaign.state.in_((State.RUNNING, State.PAUSED)))
            .group_by(CampaignRecipient.state)
        )
        with self._reading() as session:
            return {each[0]: each[1] for each in session.execute(query)}
