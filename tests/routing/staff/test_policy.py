"""The rules for users: which passwords are taken, and that an administrator is always left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.staff.passwords import Passwords
from routing.staff.policy import ROLES, Standing, belongs, keeps_an_administrator, password_verdict


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "short"), ("x" * 201, "long"), ("aaaaaaaaaaaa", "easy"), ("abcdefghijkl", "easy"),
        ("9876543210", "easy"), ("password12", "guessable"), ("li.na.2026", "short_of_nothing"), ("1212121212", "easy"),
        ("li.nali.na1", "guessable"), ("我每天早上喝一杯茶吧", ""), ("correct horse battery", ""),
    ],
)  # fmt: skip
def test_passwords(password: str, reason: str) -> None:
    verdict = password_verdict(password, "li.na")
    assert verdict.allowed == (reason in {"", "short_of_nothing"})
    assert verdict.allowed or verdict.reason == reason


def test_a_password_that_we_make_is_good_enough() -> None:
    made = {Passwords.one_time() for _ in range(200)}
    assert len(made) == 200
    assert all(password_verdict(each, "li.na").allowed for each in made)


_USERS = st.lists(st.tuples(st.sampled_from(ROLES), st.booleans()), min_size=1, max_size=5)


@given(_USERS, st.integers(0, 4), st.sampled_from(ROLES), st.booleans())
def test_an_administrator_is_left_after_every_change_that_is_allowed(
    users: list[tuple[str, bool]], at: int, role: str, active: bool
) -> None:
    before = [Standing(number, *each) for number, each in enumerate(users)]
    changed = Standing(at % len(users), role, active)
    verdict = keeps_an_administrator(before, changed)
    after = [changed if each.id == changed.id else each for each in before]
    assert verdict.allowed == any(each.role == "administrator" and each.active for each in after)


def test_what_goes_with_a_role() -> None:
    assert belongs("owner", None, None).reason == "role"
    assert belongs("company", None, None).reason == "company_missing"
    assert belongs("agent", 3, None).reason == "company_given"
    assert belongs("auditor", None, "1001").reason == "extension_given"
    assert belongs("company", 3, None).allowed and belongs("agent", None, "1001").allowed
