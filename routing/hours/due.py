"""By when something is to be done that takes one working day at most: pure, by the calendar of the hotline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from routing.hours.policy import DAY_MINUTES, LOOK_AHEAD_DAYS, Calendar, instant_of, plan_of, standing

ALWAYS_OPEN_HOURS = 24
"""Who has set no hours works every day, so one working day is a day."""
_STEP = timedelta(minutes=30)


def within_a_working_day(calendar: Calendar, now: datetime) -> datetime:
    """Tell by when it is done: at this time of the next day with hours, and within these hours.

    What comes while it is closed counts as come when it opens. The answer is on a half hour, rounded up, because it is
    said to callers. A hotline that never opens within a year has 24 hours.
    """
    stands = standing(calendar, now)
    begins = now if stands.open else stands.opens_at
    if begins is None or not calendar.hours:
        return _on_the_half_hour(now + timedelta(hours=ALWAYS_OPEN_HOURS))
    local = begins.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute
    for ahead in range(1, LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=ahead)
        spans = plan_of(calendar, day).spans
        if spans:
            last = min(spans[-1].closes, DAY_MINUTES)
            wanted = min(max(minute, spans[0].opens), last)
            return _on_the_half_hour(instant_of(calendar.zone, day, wanted))
    return _on_the_half_hour(now + timedelta(hours=ALWAYS_OPEN_HOURS))


def _on_the_half_hour(at: datetime) -> datetime:
    """Round up, in seconds since 1970: every zone of today is a whole number of half hours or quarters from UTC."""
    steps, rest = divmod(at.astimezone(UTC).timestamp(), _STEP.total_seconds())
    return datetime.fromtimestamp((steps + (rest > 0)) * _STEP.total_seconds(), UTC)
