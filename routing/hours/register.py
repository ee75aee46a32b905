"""Opening hours and duty phones in the database: read by whoever must know, changed by supervisors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from db.models import DutyNumber, ExceptionHours, OpeningHours
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.hours.policy import Calendar, DayKind, ExceptionDay, Span, read_spans, write_spans
from routing.hours.public_holidays import known_until, special_days
from routing.hours.rota import DutyPhone, read_times, write_times
from routing.numbers import dialable

DUTY_PHONES_MOST = 20
"""Each rings for some twenty seconds: whoever waits for more of them has long hung up."""
_LONGEST_LINE = 200  # Characters, as the columns have it.


@dataclass(frozen=True)
class HoursPlan:
    """All that is known of hours and duty at one moment."""

    calendar: Calendar
    phones: tuple[DutyPhone, ...] = ()


@dataclass(frozen=True)
class HotlinePlace:
    """Where the hotline is: its zone, and the country and area code that plain numbers belong to."""

    zone: ZoneInfo
    country: str = "CN"
    area_code: str = "0931"


class HoursRegister:
    """Reads and changes hours and duty phones."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, place: HotlinePlace, settings_numbers: Sequence[str] = ()
    ) -> None:
        """`settings_numbers` are the duty phones of the settings, which count while the database has none."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._place = place
        self._settings_numbers = tuple(settings_numbers)

    def plan(self) -> HoursPlan:
        """Read everything. Raises SQLAlchemyError while the database is away."""
        with self._reading() as session:
            hours = {DayKind(row.day_kind): read_spans(row.hours) for row in session.scalars(select(OpeningHours))}
            exceptions = {
                row.day: ExceptionDay(read_spans(row.hours), row.why) for row in session.scalars(select(ExceptionHours))
            }
            query = select(DutyNumber).order_by(DutyNumber.position, DutyNumber.id)
            phones = tuple(_phone(row) for row in session.scalars(query))
        calendar = Calendar(
            self._place.zone, MappingProxyType(hours), MappingProxyType(exceptions),
            special_days(self._place.country), known_until(self._place.country),
        )  # fmt: skip
        return HoursPlan(calendar, phones or self.phones_of_settings())

    def phones_of_settings(self) -> tuple[DutyPhone, ...]:
        """Give the duty phones that the settings name; their ids are negative."""
        return tuple(
            DutyPhone(-n, "", number) for n, number in enumerate(self._settings_numbers, start=1)
        )  # fmt: skip

    def set_week(self, hours: Mapping[DayKind, str]) -> None:
        """Take these hours for each kind of day; a kind that is not named is closed, none at all means always open.

        Raises Invalid.
        """
        read = {kind: read_spans(text) for kind, text in hours.items()}
        if hours and not any(read.values()):
            raise Invalid("with hours for no day at all the hotline would never open; no hours means always open")
        with self._unit_of_work() as session:
            session.execute(delete(OpeningHours))
            for kind, spans in read.items():
                session.add(OpeningHours(day_kind=kind.value, hours=_line(write_spans(spans))))

    def set_exception(self, day: date, hours: str, why: str) -> None:
        """Take these hours for one date; none means closed. Raises Invalid."""
        spans: tuple[Span, ...] = read_spans(hours)
        with self._unit_of_work() as session:
            row = session.get(ExceptionHours, day) or ExceptionHours(day=day)
            row.hours, row.why = _line(write_spans(spans)), _line(why.strip())
            session.add(row)

    def drop_exception(self, day: date) -> None:
        """Let a date have its usual hours again. Raises NotFound."""
        with self._unit_of_work() as session:
            row = session.get(ExceptionHours, day)
            if row is None:
                raise NotFound(f"there is no exception on {day}")
            session.delete(row)

    def add_phone(self, name: str, number: str, times: str = "", position: int | None = None) -> int:
        """Add a duty phone, at the end if no position is given, and give its id. Raises Invalid."""
        name, found, times = self._checked(name, number, times)
        with self._unit_of_work() as session:
            count, last = session.execute(select(func.count(), func.max(DutyNumber.position))).one()
            if count >= DUTY_PHONES_MOST:
                raise Invalid(f"there are {DUTY_PHONES_MOST} duty phones already")
            row = DutyNumber(position=(last or 0) + 1 if position is None else position, name=name, number=found,
                             times=times)  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def change_phone(self, phone_id: int, name: str, number: str, times: str, position: int | None = None) -> None:
        """Change a duty phone. Raises Invalid and NotFound."""
        name, found, times = self._checked(name, number, times)
        with self._unit_of_work() as session:
            row = session.get(DutyNumber, phone_id)
            if row is None:
                raise NotFound(f"there is no duty phone {phone_id}")
            row.name, row.number, row.times = name, found, times
            row.position = row.position if position is None else position

    def drop_phone(self, phone_id: int) -> None:
        """Take a phone off the rota. Raises NotFound."""
        with self._unit_of_work() as session:
            row = session.get(DutyNumber, phone_id)
            if row is None:
                raise NotFound(f"there is no duty phone {phone_id}")
            session.delete(row)

    def _checked(self, name: str, number: str, times: str) -> tuple[str, str, str]:
        found = dialable(number, self._place.country, self._place.area_code)
        if found is None:
            raise Invalid("a duty phone is a fixed line or a mobile of our own country")
        name, times = name.strip(), write_times(read_times(times))
        if not name or len(name) > _LONGEST_LINE or len(times) > 2 * _LONGEST_LINE:
            raise Invalid("say whose phone it is, and when it is on duty, in a line each")
        return name, found, times


def _phone(row: DutyNumber) -> DutyPhone:
    return DutyPhone(row.id, row.name, row.number, read_times(row.times))


def _line(text: str) -> str:
    if len(text) > _LONGEST_LINE:
        raise Invalid(f"that is longer than {_LONGEST_LINE} characters")
    return text
