"""Why a date of a plan is left out or elsewhere, in the words of the page; the policy and the API say it in English."""

from __future__ import annotations

import re

from agent_console.texts import text

_SAID = tuple(
    (re.compile(english), key)
    for english, key in (
        (r"paused: (?P<why>.+)", "plan.reason.paused_why"),
        (r"paused", "plan.reason.paused"),
        (r"skipped", "plan.reason.skipped"),
        (r"moved from (?P<first>\S+) to (?P<then>\S+)", "plan.reason.moved"),
        (r"put off from (?P<first>\S+) \((?P<why>.+)\) to (?P<then>\S+)", "plan.reason.put_off"),
        (
            r"public holiday: (?P<name>.+), and no working day within (?P<days>\d+) days",
            "plan.reason.holiday_without_end",
        ),
        (r"public holiday: (?P<name>.+)", "plan.reason.holiday"),
        (r"(?P<month>\d{4}-\d\d) has no day (?P<day>\d+)", "plan.reason.no_such_day"),
        (r"clocks are put forward: .+", "plan.reason.clocks"),
        (r"(?P<reason>.+), where there is one already", "plan.reason.already"),
        (r"(?P<reason>.+), where another was moved", "plan.reason.another_moved"),
    )
)
_INNER = "reason"
_REFUSED = tuple(
    (re.compile(english), key)
    for english, key in (
        (r"this key belongs to a plan of somebody else: .+", "plan.reason.refused_used"),
        (r"a pause ends on (?P<last>\S+), before it begins on (?P<first>\S+): .+", "plan.reason.refused_pause_ends"),
        (r"plan \d+ is paused until somebody resumes it: .+", "plan.reason.refused_paused"),
        (r"plan \d+ is not paused on (?P<day>\S+)", "plan.reason.refused_not_paused"),
        (r"what is past cannot be changed: give a day from (?P<day>\S+) on", "plan.reason.refused_past"),
        (r"a date is moved by (?P<days>\d+) days at most: .+", "plan.reason.refused_too_far"),
        (r"plan \d+ ends on (?P<day>\S+)", "plan.reason.refused_ends"),
        (r"(?P<day>\S+) is no date of plan \d+: .+", "plan.reason.refused_no_date"),
        (r"plan \d+ has (?P<to>\S+) already: skip (?P<day>\S+), or .+", "plan.reason.refused_has_already"),
        (r"another date of plan \d+ was moved to (?P<to>\S+): .+", "plan.reason.refused_moved_there"),
        (r"say why the plan ends", "plan.reason.refused_why"),
        (r"plan \d+ has ended \((?P<why>.*)\): make a new one", "plan.reason.refused_ended"),
        (r"there is no time zone .+", "plan.reason.refused_zone"),
        (r"holidays is one of .+", "plan.reason.refused_holidays"),
        (r"a plan begins between today \((?P<today>\S+)\) and .+", "plan.reason.refused_begins"),
        (r"the last day (?P<day>\S+) is past, or before the first: .+", "plan.reason.refused_last_day"),
        (r"there is no (?:elder|item|company|worker|plan) \S+", "plan.reason.refused_not_found"),
        (r"worker (?P<code>\S+) is of another company: .+", "plan.reason.refused_other_company"),
    )
)


def in_words(reason: str) -> str:
    """Say a reason; one that is not known stays as it is."""
    for english, key in reversed(_SAID):  # What is said after another reason holds that one.
        found = english.fullmatch(reason)
        if found is not None:
            values = found.groupdict()
            if _INNER in values:
                values[_INNER] = in_words(values[_INNER])
            return text(key, **values)
    return reason


def refusal_of_plan(said: str) -> str:
    """Say on a page why a plan was not made or changed, with what to do; nothing for what is not known here."""
    for english, key in _REFUSED:
        found = english.fullmatch(said)
        if found is not None:
            return text(key, **found.groupdict())
    return ""
