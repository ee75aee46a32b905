"""A message about the weather for the demo town."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from db.demo import DEMO
from db.models import Callback, CampaignRecipient
from routing.calls.messages import PlaceCall
from routing.outreach.campaigns.telling import Heard
from routing.outreach.campaigns.views import CampaignView, Wish
from tests.routing.town import Town

TEXT = "明天有暴雨，请不要出门。"
WANG, QUIET = DEMO.wang, DEMO.quiet
WISH = Wish("暴雨", TEXT, lines=2, opens="08:00", closes="20:00")


def made(town: Town, **wanted: Any) -> CampaignView:
    """Make one that has a sound."""
    town.voice.spoken.add((TEXT, "zh-CN"))
    return town.campaigns.make(replace(WISH, **wanted), by="user:2")


def started(town: Town, **wanted: Any) -> int:
    """Start one for all."""
    return town.campaigns.start(made(town, **wanted).id, by="user:2").id


def states(town: Town, campaign_id: int) -> dict[int, str]:
    """Give what became of each elder."""
    with town.reading() as session:
        rows = session.execute(
            select(CampaignRecipient.elder_id, CampaignRecipient.state).where(
                CampaignRecipient.campaign_id == campaign_id
            )
        )
        return {row[0]: row[1] for row in rows}


def round_of_calls(town: Town) -> tuple[PlaceCall, ...]:
    """One turn of the clock: owe, and claim."""
    town.campaign_runner.sweep()
    return town.callbacks.claim_due()


def answers(town: Town, call: PlaceCall) -> int:
    """Have a call answered; give the recipient."""
    cause = call.cause.rpartition(".")[0]
    town.callbacks.begin(cause)
    return int(call.reference)


def hears(town: Town, call: PlaceCall) -> None:
    """Have somebody hear it to its end."""

    town.telling.told(answers(town, call), Heard.HEARD)
    town.callbacks.finish(call.cause.rpartition(".")[0], True)


def owed(town: Town) -> list[Callback]:
    """Calls of messages, as they stand."""
    return [row for row in town.rows(Callback) if row.kind == "campaign"]


def play_out(town: Town, campaign_id: int, answer: bool = True) -> list[PlaceCall]:
    """Go on until it is over; everybody answers, or nobody."""
    placed = []
    for _ in range(500):
        for call in round_of_calls(town):
            placed.append(call)
            if answer:
                hears(town, call)
            else:
                town.callbacks.settle(call.cause, "no_answer")
        if town.campaigns.get(campaign_id).state != "running":
            return placed
        town.clock.forward(minutes=2)
    raise AssertionError(states(town, campaign_id))
