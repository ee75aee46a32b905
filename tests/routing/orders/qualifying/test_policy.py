"""Who may do what, on which day; and the same asked of the database gives the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from db.models import Worker, WorkerCertificate
from routing.orders.certificates import qualified_workers
from routing.orders.qualifying.policy import THRESHOLDS, Held, Vetting, needs_of, qualified, threshold
from tests.routing.town import Town

TODAY = date(2026, 3, 4)
DAYS = st.integers(-2, 2).map(lambda days: TODAY + timedelta(days=days))
KINDS = st.sampled_from(("care", "food", "driver"))
HELD = st.lists(st.builds(Held, KINDS, st.none() | DAYS, st.booleans()), max_size=4)
VETTINGS = st.builds(Vetting, st.sampled_from(("", "cleared", "refused")), st.none() | DAYS)
NEEDS = st.lists(KINDS | st.just("vetting"), max_size=3, unique=True)


@given(NEEDS, HELD, VETTINGS, DAYS)
def test_somebody_may_only_with_all_that_is_asked_for_valid_on_the_day(
    needs: list[str], held: list[Held], vetting: Vetting, day: date
) -> None:
    found = qualified(needs, held, vetting, day)
    assert bool(found.reason) == (not found.may)
    if found.may:
        assert vetting.state != "refused"
        for need in needs:
            if need == "vetting":
                assert vetting.state == "cleared" and (vetting.until is None or vetting.until >= day)
            else:
                assert [
                    each for each in held if each.kind == need and not each.revoked and (each.expires or day) >= day
                ]


@given(NEEDS, HELD, VETTINGS, DAYS, st.builds(Held, KINDS, st.none() | DAYS))
def test_one_more_certificate_never_takes_anything_away(
    needs: list[str], held: list[Held], vetting: Vetting, day: date, more: Held
) -> None:
    assert qualified(needs, [*held, more], vetting, day).may >= qualified(needs, held, vetting, day).may


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(NEEDS, st.lists(st.tuples(HELD, VETTINGS), min_size=6, max_size=6), DAYS)
def test_the_database_says_the_same(
    any_town: Town, needs: list[str], workers: list[tuple[list[Held], Vetting]], day: date
) -> None:
    with any_town.unit_of_work() as session:
        session.execute(delete(WorkerCertificate))
        rows = session.scalars(select(Worker).order_by(Worker.id)).all()
        for worker, (held, vetting) in zip(rows, workers, strict=True):
            worker.vetting, worker.vetted_until = vetting.state, vetting.until
            session.add_all(
                WorkerCertificate(
                    worker_id=worker.id, kind=each.kind, expires=each.expires, checked_by="test",
                    state="revoked" if each.revoked else "valid", added_at=any_town.clock(),
                )
                for each in held
            )  # fmt: skip
        expected = {
            worker.id
            for worker, (held, vetting) in zip(rows, workers, strict=True)
            if qualified(needs, held, vetting, day).may
        }
    with any_town.reading() as session:
        found = session.scalars(select(Worker.id).where(*qualified_workers(",".join(needs), day)))
        assert set(found) == expected


def test_needs_are_read_from_the_item() -> None:
    assert needs_of("") == ()
    assert needs_of(" care, vetting ,care,") == ("care", "vetting")


@pytest.mark.parametrize(("left", "due"), [(31, None), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-3, 0)])
def test_each_threshold_is_reached_in_its_turn(left: int, due: int | None) -> None:
    assert threshold(TODAY + timedelta(days=left), TODAY) == due
    assert due is None or due in THRESHOLDS
