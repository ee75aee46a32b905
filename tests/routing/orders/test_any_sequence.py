"""Any sequence of commands, by the real services on a real SQLite: no order ever leaves the table of moves."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from db.counting import recount
from db.demo import DEMO
from db.encryption import FieldCipher
from db.models import Company, Offer, Order, OrderEvent
from routing.errors import DomainError
from routing.orders.commands import Cancel, Close, Dispute, GiveUp, Resolve, SendBack
from routing.orders.policy import MOVES, OrderState
from tests.routing.orders.dispatching.test_emergencies import add_repairers
from tests.routing.town import ZONE, Town
from tests.routing.town_fixture import DemoFile

COMPANIES = st.integers(1, 4)
REASONS = st.sampled_from(["", "because"])
KEYS = st.sampled_from(["", "k1", "k2", "k3"])
LONG_AGO = date(2026, 1, 1)
_file: list[DemoFile] = []


class AnySequence(RuleBasedStateMachine):
    """One order of an elder, an emergency or not, and everybody who may do something with it."""

    town: Town
    order_id: int

    @initialize(item=st.sampled_from(["meal", "repair"]))
    def place(self, item: str) -> None:
        file = _file[0]
        file.begin_anew()
        self.town = Town(file.engine, _cipher(file))
        add_repairers(self.town)
        self.order_id = self.town.place(DEMO.wang, item).id

    @rule(at=st.integers(0, 3), accept=st.booleans(), key=KEYS)
    def answers(self, at: int, accept: bool, key: str) -> None:
        offers = self.town.rows(Offer)
        with suppress(DomainError):
            if offers:
                offer = offers[at % len(offers)]
                self.town.dispatch.answer(
                    offer.id, accept, actor=f"company:{offer.company_id}", channel="phone_key", key=key
                )

    @rule(minutes=st.sampled_from([0, 3, 11, 300]))
    def time_goes_by(self, minutes: int) -> None:
        self.town.clock.forward(minutes=minutes)
        self.town.dispatch.sweep()

    @rule(company=COMPANIES, again=st.booleans(), reason=REASONS, key=KEYS)
    def is_given(self, company: int, again: bool, reason: str, key: str) -> None:
        give = self.town.dispatch.reassign if again else self.town.dispatch.assign
        with suppress(DomainError):
            give(self.order_id, company, actor="user:2", reason=reason, key=key)

    @rule(
        command=st.sampled_from(
            [Cancel(), Close(), Dispute(), SendBack(), *(Resolve(state) for state in OrderState), GiveUp(1), GiveUp(2)]
        ),
        reason=REASONS,
        key=KEYS,
        channel=st.sampled_from(["desk", "phone_key"]),
    )
    def somebody_acts(
        self, command: Cancel | Close | Dispute | SendBack | Resolve | GiveUp, reason: str, key: str, channel: str
    ) -> None:
        with suppress(DomainError):
            self.town.orders.carry_out(
                self.order_id, command, actor="user:2", channel=channel, reason=reason, key=key
            )  # fmt: skip

    @rule()
    def the_worker_comes(self) -> None:
        worker = self.town.orders.get(self.order_id).worker_id
        with suppress(DomainError):
            if worker is not None:
                self.town.visits.check_in(worker, DEMO.wang.number, "in")

    @rule()
    def the_worker_leaves(self) -> None:
        worker = self.town.orders.get(self.order_id).worker_id
        with suppress(DomainError):
            if worker is not None:
                self.town.visits.check_out(worker, DEMO.wang.number, "out")

    @rule(score=st.integers(1, 5), done=st.booleans())
    def the_elder_says(self, score: int, done: bool) -> None:
        with suppress(DomainError):
            self.town.ratings.score(self.order_id, "call", score=score if done else None, done=done)

    @invariant()
    def the_history_walks_along_the_table(self) -> None:
        (order,) = self.town.rows(Order)
        events = self.town.rows(OrderEvent)
        assert (events[0].from_state, events[0].to_state) == ("", "requested")
        for before, after in itertools.pairwise(events):
            assert after.from_state == before.to_state
            assert OrderState(after.to_state) in MOVES[OrderState(after.from_state)]
            assert after.actor and after.channel and after.command and after.at >= before.at
        assert order.state == events[-1].to_state

    @invariant()
    def the_days_of_the_companies_are_counted(self) -> None:
        with self.town.unit_of_work() as session:
            assert not recount(session, ZONE, LONG_AGO, repair=False)

    @invariant()
    def keys_are_used_once(self) -> None:
        keys = [event.key for event in self.town.rows(OrderEvent) if event.key]
        assert len(keys) == len(set(keys))

    @invariant()
    def offers_and_owner_agree_with_the_state(self) -> None:
        (order,) = self.town.rows(Order)
        offers = [offer.state for offer in self.town.rows(Offer)]
        assert ("open" in offers) == (order.state == "offered")
        assert offers.count("accepted") <= 1
        nobodys = order.state in ("requested", "offered", "unassigned")
        assert (order.company_id is None) == nobodys or order.state == "cancelled"
        assert order.worker_id is None or order.company_id is not None


def _cipher(file: DemoFile) -> FieldCipher:
    cipher: FieldCipher = file.engine.dialect.field_cipher  # type: ignore[attr-defined]
    return cipher


@pytest.mark.slow
def test_no_sequence_of_commands_leaves_the_table(demo_file: DemoFile) -> None:
    _file[:] = [demo_file]
    run_state_machine_as_test(AnySequence, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))


def test_the_companies_of_the_machine_are_there(town: Town) -> None:
    assert {1, 2, 3} <= {company.id for company in town.rows(Company)}
