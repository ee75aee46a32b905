"""A day on which a message is told to many beside the usual calls: the very function that paces the live calls.

The callers of the day are drawn apart from those who are called, so that a day with the message and one without it
meet the very same people (common random numbers).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from heapq import heappop, heappush
from random import Random
from zoneinfo import ZoneInfo

from routing.calls.messages import AgentState, CallerClass
from routing.outreach.pacing import Floor, PacingRules, pace
from routing.outreach.policy import ANSWERED, BUSY, MOST_DIALS, CallRules, Then, Tried, after_attempt
from routing.staffing.simulation.callers import Attempt, Habits, Need, Ring
from routing.staffing.simulation.centre import Centre, Day, Outcome
from routing.staffing.simulation.live import LiveHall

_TICK = 1.0
"""Seconds: how often calls that are owed are claimed (`routing.outreach.scheduler`)."""
_AT_ONCE = 3.0
"""Seconds until a network says that a telephone is busy."""
HOURS = (time(8), time(21))
UTC_ZONE = ZoneInfo("UTC")
DAY_ZERO = datetime(2026, 3, 4, tzinfo=UTC_ZONE)
"""A day of no meaning: seconds of the day of the simulation, as the policy's instants."""
_GONE = frozenset({AgentState.LOGGED_OFF, AgentState.UNREACHABLE})


@dataclass(frozen=True)
class Telling:
    """The message: `telephones` are rung once each between two seconds of the day, on `lines` at once at the most.

    A telephone is answered with `answered_share` after `pick_up_seconds` on average (exponential, at least 3 s), rings
    for `ring_seconds` otherwise; it is talked on for `message_seconds`, spread by a fifth. `person_share` of those who
    answer press 0. Of the tries that nobody answers `busy_share` are busy and `refused_share` refused. Each is tried
    `attempts` times at the most, when the policy of calls to elders says, unless that is after the end.
    Assumptions, all of them: a hotline's own figures are on its page of outreach.
    """

    telephones: int = 2_000
    begins: float = 8 * 3600.0
    ends: float = 12 * 3600.0
    lines: int = 9
    answered_share: float = 0.6
    pick_up_seconds: float = 15.0
    ring_seconds: float = 30.0
    message_seconds: float = 32.0
    person_share: float = 0.03
    attempts: int = 1
    busy_share: float = 0.1
    refused_share: float = 0.15


@dataclass(frozen=True, slots=True)
class Told:
    """One try of one telephone: how long it takes the line, how it ends, and whether they press 0."""

    takes: float
    outcome: str
    asks: bool
    talk: float
    patience: float


@dataclass(frozen=True)
class CampaignDay:
    """What came of it. `inbound` is the day of those who called themselves."""

    inbound: Day
    dialled: int
    """Calls: tries of telephones."""
    answered: int
    """Telephones that were reached; the rest of `Telling.telephones` was not."""
    asked: int
    abandoned: int
    """Of those who asked, who found nobody in time."""
    last_at: float | None
    """Second of the day of the last call; None: there was none."""
    most_at_once: int
    dialled_while_waiting: int
    """Calls made while somebody waited: the pace forbids them."""
    lines_most: int
    lines_over_seconds: float
    """How long more lines than the trunk has would have been taken, by both together."""
    first_round_at: float | None
    """Second of the day at which each telephone had been rung once; None: that did not come about."""


class CampaignHall(LiveHall):
    """The live policy, and beside it a message. `run_both` may be called once."""

    def __init__(
        self, centre: Centre, needs: Sequence[Need], telling: Telling, rules: PacingRules, *, seed: int,
        found_nobody_seconds: float = 2.0, quiet_seconds: float = 0.0,
    ) -> None:  # fmt: skip
        """`quiet_seconds`: see `routing.outreach.pace_reading.PaceReader`."""
        super().__init__(centre, needs)
        self._telling = telling
        self._rules = rules
        self._base = len(needs)
        self._habits = Habits()
        self._list = [_drawn(telling, self._habits, Random(f"told {seed} {n}")) for n in range(telling.telephones)]  # noqa: S311  # A simulation must be repeatable.
        self._fresh = 0
        self._tried: dict[int, list[Tried]] = defaultdict(list)
        self._again: list[tuple[float, int]] = []
        """Telephones that are to be rung again, with the second of the day."""
        self._first_round: float | None = None
        self._call_rules = CallRules(HOURS, UTC_ZONE, telling.attempts, timedelta(hours=2), spread=True)
        self._found_nobody = found_nobody_seconds
        self._quiet = quiet_seconds
        self._calm_from = 0.0
        self._automatic = self._answered = self._asked = self._abandoned = self._seen = 0
        self._made: list[float] = []
        self._most = self._against = self._lines_most = 0
        self._over = 0.0

    def run_both(self) -> CampaignDay:
        """Play the day to its end."""
        self.at(self._telling.begins, self._tick)
        day = self.run()
        inbound = replace(day, ended=tuple(each for each in day.ended if each.need < self._base))
        return CampaignDay(
            inbound, len(self._made), self._answered, self._asked, self._abandoned,
            self._made[-1] if self._made else None, self._most, self._against, self._lines_most, self._over,
            self._first_round,
        )  # fmt: skip

    def _tick(self) -> None:
        """As the worker's sweep: ask how many calls may be made, and make them."""
        waiting = sum(not each.promised and not self._is_told(each.ticket_id) for each in self.held.values())
        there = [desk for desk in self.desks if desk.state not in _GONE]
        self._count()
        if waiting:
            self._calm_from = self.now + self._quiet
        floor = Floor(
            waiting=waiting, automatic=self._automatic,
            agents_ready=sum(desk.state is AgentState.READY for desk in there), agents_in=len(there),
            answered=self._answered, asked=self._asked, abandoned=self._abandoned,
            calm=not waiting and self.now >= self._calm_from,
        )  # fmt: skip
        room = min(pace(floor, self._rules).messages, self._telling.lines - self._automatic)
        for _ in range(max(0, room)):
            number = self._next()
            if number is None:
                break
            self._against += waiting > 0
            self._dial(number)
        self._most = max(self._most, self._automatic)
        busy = sum(desk.state is AgentState.TALKING for desk in self.desks)
        taken = len(self._present) + busy + self._automatic
        self._lines_most = max(self._lines_most, taken)
        self._over += _TICK * (taken > self._rules.lines)
        if self.now < self._telling.ends and (self._fresh < len(self._list) or self._again or self._automatic):
            self.at(self.now + _TICK, self._tick)

    def _next(self) -> int | None:
        """Give whose turn it is: who is to be rung again, then who has not been rung."""
        if self._again and self._again[0][0] <= self.now:
            return heappop(self._again)[1]
        if self._fresh == len(self._list):
            return None
        self._fresh += 1
        if self._fresh == len(self._list):
            self._first_round = self.now
        return self._fresh - 1

    def _dial(self, number: int) -> None:
        told = self._list[number][len(self._tried[number])]
        self._made.append(self.now)
        self._automatic += 1
        self.at(self.now + told.takes, lambda: self._over_with(number, told))

    def _over_with(self, number: int, told: Told) -> None:
        self._automatic -= 1
        self._answered += told.outcome == ANSWERED
        self._follow(number, told)
        if told.asks:
            self._asked += 1
            self._arrival(_need(self._base + number, self.now, told, self._habits), 0)()

    def _follow(self, number: int, told: Told) -> None:
        """As `routing.outreach.following` does after an attempt; what would come after the end does not come."""
        before, now = self._tried[number], DAY_ZERO + timedelta(seconds=self.now)
        follow = after_attempt(told.outcome, len(before) + 1, now, self._call_rules, before=tuple(before))
        before.append(Tried(now, told.outcome))
        if follow.then is Then.RETRY and follow.due_at is not None:
            due = (follow.due_at - DAY_ZERO).total_seconds()
            if due < self._telling.ends:
                heappush(self._again, (due, number))

    def _count(self) -> None:
        """Count who asked for a person and found none in time, among the calls that ended since the last look."""
        for each in self._ended[self._seen :]:
            late = each.waited > self._found_nobody or each.outcome is Outcome.ABANDONED
            self._abandoned += each.need >= self._base and late
        self._seen = len(self._ended)

    def _is_told(self, ticket_id: str) -> bool:
        return int(ticket_id.partition(".")[0]) >= self._base


def _drawn(telling: Telling, habits: Habits, random: Random) -> tuple[Told, ...]:
    """Draw all the tries that there may be, whenever they come."""
    return tuple(_try(telling, habits, random) for _ in range(telling.attempts * MOST_DIALS))


def _try(telling: Telling, habits: Habits, random: Random) -> Told:
    answered = random.random() < telling.answered_share
    pick_up = min(telling.ring_seconds, 3.0 + random.expovariate(1 / max(0.1, telling.pick_up_seconds - 3.0)))
    message = max(1.0, random.gauss(telling.message_seconds, telling.message_seconds / 5))
    asks = answered and random.random() < telling.person_share
    talk = random.expovariate(1 / habits.talk_seconds)
    patience = random.expovariate(1 / habits.patience_seconds)
    if answered:
        return Told(pick_up + message, ANSWERED, asks, talk, patience)
    chance = random.random()
    if chance < telling.busy_share:
        return Told(_AT_ONCE, BUSY, asks, talk, patience)
    refused = chance < telling.busy_share + telling.refused_share
    return Told(
        pick_up if refused else telling.ring_seconds, "refused" if refused else "no_answer", asks, talk, patience
    )


def _need(number: int, at: float, told: Told, habits: Habits) -> Need:
    ring = Ring(habits.pick_up_seconds, False)
    attempt = Attempt(told.patience, False, None, (ring, ring))
    return Need(number, at, CallerClass.ELDER, told.talk, (), None, (attempt,), (ring,))
