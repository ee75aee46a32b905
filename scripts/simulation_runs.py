"""Playing simulated days: both policies on the same callers, and tables in which one thing changes from row to row."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from tqdm import tqdm

from routing.calls.rules import rules_of
from routing.settings import Settings
from routing.staffing.erlang import StaffingError
from routing.staffing.history import Day as Course
from routing.staffing.history import scaled
from routing.staffing.simulation.app_queue import AppQueueHall
from routing.staffing.simulation.callers import Habits, Need, draw_day
from routing.staffing.simulation.centre import Centre, Day
from routing.staffing.simulation.figures import Figures, figures
from routing.staffing.simulation.hall import Hall
from routing.staffing.simulation.live import LiveHall

SIDES = {"app_queue": "app_queue", "live": "live policy", "live_told": "live, told"}
LOADS = (0.8, 1.0, 1.2, 1.4)
OFFERS = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0)
ACCEPTING = (0.0, 0.375, 0.6, 0.8, 1.0)
_LIVE_ONLY = ("offers", "accepting")
"""What changes in these tables does not touch app_queue, which is played once."""
DUTY_PHONE, OUTSIDE = "13900000001", "120"


@dataclass(frozen=True)
class Setup:
    """A centre, and who calls it: `load` times `calls` people a day, on the course of a day."""

    centre: Centre
    habits: Habits
    course: Course
    calls: float
    load: float
    told_patience: float

    def needs(self, days: int, seed: int) -> list[tuple[Need, ...]]:
        """Draw the callers of some days. Raises StaffingError."""
        return [
            draw_day(scaled(self.course, self.calls * self.load), self.habits, seed * 10_000 + n) for n in range(days)
        ]

    def sides(self, days: int, seed: int) -> dict[str, list[Day]]:
        """Play the same days through each side of `SIDES`."""
        needs = self.needs(days, seed)
        return {name: self.play(name, needs) for name in SIDES}

    def play(self, side: str, days: Sequence[tuple[Need, ...]]) -> list[Day]:
        """Play days through app_queue, through the live policy, or through that with the effect of being told."""
        hall: type[Hall] = AppQueueHall if side == "app_queue" else LiveHall
        told = self.told_patience if side == "live_told" else self.centre.told_patience
        shown = tqdm(days, unit=" days", file=sys.stderr, desc=SIDES[side], leave=False, disable=None)
        return [hall(replace(self.centre, told_patience=told), needs).run() for needs in shown]


@dataclass(frozen=True)
class Spread:
    """A figure over several seeds: its mean, and the standard deviation of one seed's figure."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Row:
    """One policy under one variant, with its figures by name. `seconds` were simulated."""

    variant: str
    side: str
    spreads: Mapping[str, Spread]
    seconds: float


FIGURES: Mapping[str, Callable[[Figures], float]] = {
    "within_15": lambda each: each.all.within_15,
    "answer_seconds": lambda each: each.all.answer_seconds,
    "wait_max": lambda each: each.all.wait_max,
    "abandoned": lambda each: each.all.abandoned,
    "abandoned_after_5": lambda each: each.all.abandoned_after_5,
    "abandoned_unrung": lambda each: each.all.abandoned_unrung,
    "called_back": lambda each: each.all.called_back,
    "callback_wait_p99": lambda each: each.callback_wait_p99,
    "answered_or_called_back": lambda each: each.answered_or_called_back,
    "sos_within_15": lambda each: _of_sos(each, "stayed_within_15"),
    "sos_within_60": lambda each: _of_sos(each, "stayed_within_60"),
    "sos_wait_max": lambda each: _of_sos(each, "wait_max"),
}


def variants(table: str, setup: Setup) -> dict[str, Setup]:
    """Give the rows of a table: loads, offers, accepting or sos."""
    centre = setup.centre
    match table:
        case "loads":
            return {f"{load:.0%}": replace(setup, load=load) for load in LOADS}
        case "offers":
            offers = {f"{each:.0f} s": replace(centre, callback_offer_seconds=each) for each in OFFERS}
            return {
                name: replace(setup, centre=each)
                for name, each in (offers | {"never": replace(centre, callback_offer_seconds=None)}).items()
            }
        case "accepting":
            return {
                f"{share:.1%}": replace(setup, habits=replace(setup.habits, accept_share=share)) for share in ACCEPTING
            }
        case "sos":
            alone = replace(centre.rules, duty_numbers=(), sos_outside_number="")
            rules = {
                "agents alone": alone,
                "one duty phone": replace(alone, duty_numbers=(DUTY_PHONE,)),
                "outside number": replace(alone, sos_outside_number=OUTSIDE),
            }
            return {name: replace(setup, centre=replace(centre, rules=each)) for name, each in rules.items()}
        case _:
            raise StaffingError(f"there is no table {table}")


def rows(table: str, setup: Setup, days: int, seeds: Sequence[int]) -> Iterable[Row]:
    """Play a table, row by row. Raises StaffingError."""
    for number, (variant, changed) in enumerate(variants(table, setup).items()):
        needs = [changed.needs(days, seed) for seed in seeds]
        for side in SIDES:
            if side == "app_queue" and number and table in _LIVE_ONLY:
                continue
            played = [changed.play(side, each) for each in needs]
            found = [figures(each) for each in played]
            spreads = {name: _spread([of(each) for each in found]) for name, of in FIGURES.items()}
            yield Row(variant, side, spreads, sum(day.simulated_seconds for each in played for day in each))


def settled_centre(settings: Settings, desks: tuple[int, ...], callback_offer: float | None) -> Centre:
    """Give a centre that is run as the settings have it."""
    return Centre(
        desks,
        rules_of(settings),
        ring_seconds=settings.ring_seconds,
        wrap_up_seconds=settings.wrap_up_seconds,
        rest_seconds=settings.rest_seconds,
        announce_first_seconds=settings.announce_first_seconds,
        announce_every_seconds=settings.announce_every_seconds,
        callback_offer_seconds=callback_offer or settings.callback_offer_seconds,
        callback_ring_seconds=settings.outbound_ring_seconds,
        callback_attempts=settings.promise_attempts,
        callback_retry_seconds=settings.promise_retry_seconds or Centre.callback_retry_seconds,
    )


def _spread(values: Sequence[float]) -> Spread:
    return Spread(fmean(values), stdev(values) if len(values) > 1 else 0.0)


def _of_sos(found: Figures, name: str) -> float:
    """Of a run without any SOS: as if all were answered at once."""
    sos = found.by_class.get("sos")
    return float(getattr(sos, name)) if sos else (0.0 if name == "wait_max" else 1.0)
