"""Two records become one and are parted again: no row is lost, in any table that knows an elder, now or ever."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    select,
    update,
)  # fmt: skip

from db.encryption import FieldCipher, Sealed, SealedFloat, new_key
from db.models import Base, Callback, Elder, ElderPhone, QuotaMonth, UtcDateTime, WellBeingEnrolment
from db.search_keys import refresh
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work
from routing.elders.belongings import belongings
from routing.elders.merging import BothCalledDaily, BothPromised, ElderMerges, Merge, NotMerged
from routing.errors import NotFound

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
CIPHER = FieldCipher(new_key(), new_key())
OWNED = list(belongings())
NO_ELDERS = {"audit", "elder_merges"}


class Rows:
    """Writes rows that are whole into any table, and whatever they hang on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbers = count(1)
        self._parents: dict[str, Any] = {}

    def add(self, table: Table, **given: Any) -> Any:
        values = dict(given)
        for column in table.columns:
            if column.name in values or (column.primary_key and column.autoincrement is True):
                continue
            if column.foreign_keys:
                if not column.nullable:
                    values[column.name] = self._parent(next(iter(column.foreign_keys)).column)
            elif not column.nullable or column.primary_key:
                values[column.name] = self._value(column)
        done = self._connection.execute(insert(table).values(values))
        return done.inserted_primary_key[0] if done.inserted_primary_key else None

    def elder(self, code: str) -> int:
        return int(self.add(Elder.__table__, code=code, state="active", name=code, name_index=CIPHER.name_index(code)))

    def _parent(self, column: Column[Any]) -> Any:
        name = column.table.name
        if name not in self._parents:
            self._parents[name] = self.add(column.table)
        return self._parents[name]

    def _value(self, column: Column[Any]) -> Any:
        number = next(self._numbers)
        kind = column.type
        length = getattr(kind, "length", None) or 40
        ways: dict[type[Any], Any] = {
            Sealed: f"text {number}", SealedFloat: float(number), UtcDateTime: NOW, Boolean: True, Integer: number,
            LargeBinary: number.to_bytes(16, "big"), Float: float(number), String: f"w{number}"[:length],
            Date: date.fromordinal(date(2026, 1, 1).toordinal() + number),
        }  # fmt: skip
        return next(value for wanted, value in ways.items() if isinstance(kind, wanted))


def dump(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is stored, but what a merge writes about itself."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in NO_ELDERS:
            continue
        columns = [column for column in table.columns if not (table.name == "elders" and column.name == "updated_at")]
        rows = [tuple(row) for row in connection.execute(select(*columns))]
        found[table.name] = sorted(rows, key=repr)
    return found


def service(unit_of_work: UnitOfWork, reading: UnitOfWork) -> ElderMerges:
    return ElderMerges(unit_of_work, reading, lambda: NOW, CIPHER)


def test_every_column_that_looks_like_an_elder_is_known() -> None:
    known = {each.name for each in OWNED} | {
        "elder_merges.kept_id",
        "elder_merges.gone_id",
        "elder_search_keys.elder_id",
    }
    looks = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if "elder_id" in column.name
    }
    assert looks - known == {"well_being_enrolments.active_elder_id"}, "a number without a key, which merging.py knows"
    assert len(OWNED) > 15


@settings(max_examples=5, phases=[Phase.generate])
@given(
    st.lists(st.tuples(st.integers(0, len(OWNED) - 1), st.sampled_from(["kept", "gone", "both"])), max_size=8),
    st.booleans(),
)
def test_no_row_is_lost_and_parting_brings_everything_back(rows: list[tuple[int, str]], one_number: bool) -> None:
    engine = make_engine("sqlite://", CIPHER)
    Base.metadata.create_all(engine)
    unit_of_work, reading = make_unit_of_work(engine), make_reading(engine)
    check(engine, unit_of_work, reading, [*rows, *((at, "both") for at in range(len(OWNED)))], one_number)
    engine.dispose()


def test_on_both_databases(engine: Engine, unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    engine.dialect.field_cipher = CIPHER  # type: ignore[attr-defined]
    check(engine, unit_of_work, reading, [(at, "both") for at in range(len(OWNED))], True)


def check(
    engine: Engine, unit_of_work: UnitOfWork, reading: UnitOfWork, rows: list[tuple[int, str]], one_number: bool
) -> None:
    """Fill two records, merge them, look for every row, part them, and compare everything."""
    with engine.begin() as connection:
        writer = Rows(connection)
        kept, gone = writer.elder("kept"), writer.elder("gone")
        for at, whose in rows:
            what = OWNED[at]
            fixed = {column.name: writer._value(column) for column in what.key if not column.foreign_keys
                     and column.autoincrement is not True and what.table.name == "quota_months"}  # fmt: skip
            for elder in {"kept": [kept], "gone": [gone], "both": [kept, gone]}[whose]:
                # What hangs on the one parent that there is of a kind can be an elder's once.
                once = any(all(column.foreign_keys for column in rule) for rule in what.once)
                alone = once and connection.execute(
                    select(what.owner).where(what.owner == elder)
                ).first()  # fmt: skip
                if not alone:
                    writer.add(what.table, **{what.owner.name: elder, **fixed})
        if one_number:
            index = CIPHER.number_index("+8613900000001")
            for elder, kind in ((kept, "home"), (gone, "one_key")):
                writer.add(ElderPhone.__table__, elder_id=elder, number="+8613900000001", number_index=index, kind=kind)
            for elder, fen in ((kept, 500), (gone, 700)):
                connection.execute(
                    insert(QuotaMonth).values(elder_id=elder, month="2026-03", payer_class="assisted", taken_fen=fen)
                )
    with unit_of_work() as work:
        refresh(work, (kept, gone))
    with engine.connect() as connection:
        before = dump(connection)
    merges = service(unit_of_work, reading)
    said = merges.preview(kept, gone)
    number = merges.merge(Merge(kept, gone, daily="kept"), "user:1")
    with engine.connect() as connection:
        after = dump(connection)
        for what in OWNED:
            mine = connection.execute(select(what.table).where(what.owner == gone)).all()
            there, name = said.stays.get(what.table.name, 0), what.table.name
            joined = there if name in ("elder_phones", "quota_months") else 0
            assert len(before[name]) - len(after[name]) == joined, name
            assert len(mine) == there - joined, name
        if one_number:
            phone = connection.execute(
                select(ElderPhone.kind).where(ElderPhone.number_index == CIPHER.number_index("+8613900000001"))
            ).all()
            assert [row.kind for row in phone] == ["one_key"]
            month = (QuotaMonth.month == "2026-03", QuotaMonth.payer_class == "assisted")
            assert connection.execute(select(QuotaMonth.taken_fen).where(*month)).scalar_one() == 1200
    merges.undo(number, "user:1")
    with engine.connect() as connection:
        assert dump(connection) == before
    with pytest.raises(NotMerged):
        merges.undo(number, "user:1")


@pytest.fixture
def pair(engine: Engine) -> tuple[int, int]:
    engine.dialect.field_cipher = CIPHER  # type: ignore[attr-defined]
    with engine.begin() as connection:
        writer = Rows(connection)
        return writer.elder("kept"), writer.elder("gone")


def test_two_daily_calls_are_a_persons_to_decide(
    engine: Engine, unit_of_work: UnitOfWork, reading: UnitOfWork, pair: tuple[int, int]
) -> None:
    with engine.begin() as connection:
        for elder in pair:
            Rows(connection).add(WellBeingEnrolment.__table__, elder_id=elder, active_elder_id=elder)
    merges = service(unit_of_work, reading)
    assert merges.preview(*pair).both_daily
    with pytest.raises(BothCalledDaily):
        merges.merge(Merge(*pair), "user:1")
    number = merges.merge(Merge(*pair, daily="gone"), "user:1")
    query = select(WellBeingEnrolment.active_elder_id).order_by(WellBeingEnrolment.id)
    with engine.connect() as connection:
        assert list(connection.scalars(query)) == [None, pair[0]]
    merges.undo(number, "user:1")
    with engine.connect() as connection:
        assert list(connection.scalars(query)) == list(pair)


def test_two_promised_calls_are_not_merged(
    engine: Engine, unit_of_work: UnitOfWork, reading: UnitOfWork, pair: tuple[int, int]
) -> None:
    with engine.begin() as connection:
        writer = Rows(connection)
        for elder in pair:
            writer.add(Callback.__table__, elder_id=elder, kind="promise", state="due")
    with pytest.raises(BothPromised):
        service(unit_of_work, reading).merge(Merge(*pair), "user:1")


def test_fields_are_taken_where_they_lack_or_where_a_person_says_so(
    engine: Engine, unit_of_work: UnitOfWork, reading: UnitOfWork, pair: tuple[int, int]
) -> None:
    kept, gone = pair
    with engine.begin() as connection:
        one = {"address": "一号院", "health_notes": None, "birth_date": date(1944, 1, 5)}
        other = {"address": "二号院", "health_notes": "糖尿病", "birth_date": date(1945, 2, 6)}
        connection.execute(update(Elder).where(Elder.id == kept).values(**one))
        connection.execute(update(Elder).where(Elder.id == gone).values(**other))
    merges = service(unit_of_work, reading)
    assert {"address", "birth_date", "name"} <= set(merges.preview(kept, gone).differ)
    number = merges.merge(Merge(kept, gone, take=frozenset({"birth_date"})), "user:1")
    with reading() as work:
        row = work.get_one(Elder, kept)
        assert (row.address, row.health_notes, row.birth_date) == ("一号院", "糖尿病", date(1945, 2, 6))
    merges.undo(number, "user:1")
    with reading() as work:
        row = work.get_one(Elder, kept)
        assert (row.address, row.health_notes, row.birth_date) == ("一号院", None, date(1944, 1, 5))


def test_what_cannot_be_merged(unit_of_work: UnitOfWork, reading: UnitOfWork, pair: tuple[int, int]) -> None:
    merges, (kept, gone) = service(unit_of_work, reading), pair
    for wrong, error in (((kept, kept), NotMerged), ((kept, 99), NotFound), ((99, gone), NotFound)):
        with pytest.raises(error):
            merges.merge(Merge(*wrong), "user:1")
    merges.merge(Merge(kept, gone), "user:1")
    with pytest.raises(NotMerged):
        merges.merge(Merge(gone, kept), "user:1")
