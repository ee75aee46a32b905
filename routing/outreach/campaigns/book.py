"""Group messages: made, recorded, previewed, started, paused and stopped. The reasons of refusals say what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from redis.exceptions import RedisError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Callback, Campaign, CampaignRecipient
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.announcements import Sayings
from routing.outreach.campaigns import wishes
from routing.outreach.campaigns.costs import USUAL_TARIFF, Tariff, expected
from routing.outreach.campaigns.moving import after_move, locked, moved, note
from routing.outreach.campaigns.policy import (
    KIND,
    USUAL_HABITS,
    Act,
    CallHabits,
    State,
    Way,
    lasts,
)
from routing.outreach.campaigns.progress import view
from routing.outreach.campaigns.selecting import Candidate, MayDial, candidates, districts, first_step, leads
from routing.outreach.campaigns.taking_back import hold_sms, release_sms, take_back
from routing.outreach.campaigns.views import CampaignView, Preview, Wish, selection_of
from routing.outreach.owing import CLAIMING
from routing.outreach.policy import CallRules
from routing.outreach.reach import NumberIndex
from routing.outreach.sms import texts
from routing.outreach.telephone_wav import check_telephone_wav
from routing.writing import one_at_a_time

log = structlog.get_logger(__name__)

MOST_SECONDS = 40.0
"""Of a recording: more than this nobody keeps in mind."""
CHARACTERS_A_SECOND = 3.7
"""The slowest pace of the voice that was measured (docs/prompts.md)."""
MOST_RECIPIENTS = 20_000


class Campaigns:
    """Makes them, and decides over them. What runs is `running.Runner`'s."""

    def __init__(
        self, *, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], recordings: Path,
        sayings: Sayings, number_index: NumberIndex, may_dial: MayDial, rules: CallRules, lines_most: int,
        withdraw: Callable[[str], None], language: str = "zh-CN", habits: CallHabits = USUAL_HABITS,
        tariff: Tariff = USUAL_TARIFF,
    ) -> None:  # fmt: skip
        """`lines_most`: what automatic calls may take at once (`pacing.lines_for_calls`). `withdraw` has the router
        not make a call, or end it while it rings."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._recordings = recordings
        self._sayings = sayings
        self._number_index = number_index
        self._may_dial = may_dial
        self._rules = rules
        self.lines_most = lines_most
        self._withdraw = withdraw
        self._language = language
        self._habits = habits
        self._tariff = tariff

    def make(self, wish: Wish, *, by: str) -> CampaignView:
        """Make a draft, and have its text spoken. Raises Invalid."""
        now = self._clock()
        with self._reading() as session:
            known = districts(session)
        row = wishes.checked(wish, now, self._rules, self.lines_most, known)
        if Way(row.way).calls:
            try:
                self._sayings.want(row.text, self._language)
            except RedisError as error:  # It shows as not spoken, and can be recorded.
                log.warning("campaigns.not_asked_for", error=type(error).__name__)
        row.language, row.state = self._language, State.DRAFT.value
        row.created_at = row.changed_at = now
        row.created_by = row.changed_by = by[:60]
        with self._unit_of_work() as session:
            session.add(row)
            session.flush()
            note(session, row, Act.MAKE, by=by, now=now)
            session.flush()
            return self._view(session, row)

    def record(self, campaign_id: int, sound: bytes, *, by: str) -> CampaignView:
        """Take a human voice for a draft: a WAV file as `check_telephone_wav` wants it, 40 s at most.

        Raises NotFound, Conflict once it was started, Invalid for another file, and OSError.
        """
        check_telephone_wav(sound, MOST_SECONDS)
        name = f"campaign-{campaign_id}"
        with self._unit_of_work() as session:
            row = locked(session, campaign_id)
            if row.state != State.DRAFT:
                raise Conflict("a message that was started keeps its sound: make a new one")
            self._recordings.mkdir(parents=True, exist_ok=True)
            whole, part = self._recordings / f"{name}.wav", self._recordings / f"{name}.new"
            part.write_bytes(sound)
            part.chmod(0o644)
            part.replace(whole)
            row.recording, row.changed_at, row.changed_by = name, self._clock(), by[:60]
            note(session, row, Act.RECORD, by=by, now=row.changed_at)
            return self._view(session, row)

    def file(self, campaign_id: int) -> Path | None:
        """Give the file of its human voice; None without one. Raises NotFound."""
        recording = self.get(campaign_id).recording
        path = self._recordings / f"{recording}.wav"
        return path if recording and path.is_file() else None

    def get(self, campaign_id: int) -> CampaignView:
        """Give one. Raises NotFound."""
        with self._reading() as session:
            row = session.get(Campaign, campaign_id)
            if row is None:
                raise NotFound(f"there is no group message {campaign_id}")
            return self._view(session, row)

    def all(self, limit: int = 50) -> tuple[CampaignView, ...]:
        """Give them, the newest first."""
        with self._reading() as session:
            rows = session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(limit))
            return tuple(self._view(session, row) for row in rows)

    def districts(self) -> tuple[str, ...]:
        """Give the districts in which elders live."""
        with self._reading() as session:
            return districts(session)

    def preview(self, campaign_id: int) -> Preview:
        """Say what a start would do now: whom it would reach, why not the others, and how long it takes. Raises
        NotFound."""
        now = self._clock()
        with self._reading() as session:
            row = session.get(Campaign, campaign_id)
            if row is None:
                raise NotFound(f"there is no group message {campaign_id}")
            way = Way(row.way)
            found = self._found(session, row, now)
            lines, ends_at, begins = min(row.lines, self.lines_most), row.ends_at, max(now, row.starts_at)
            seconds, text = self._seconds(row), row.text
        chosen, steps = leads(found, way), {each.person.elder_id: first_step(each, way) for each in found}
        out = Counter(why for state, why in steps.values() if state == "left_out")
        rung = sum(steps[elder_id][0] == "waiting" for elder_id in chosen)
        last = lasts(rung, lines, seconds, self._rules.attempts, self._habits)
        written = sum(steps[each][0] == "writing" for each in chosen)
        later = sum(step[0] == "waiting" for step in steps.values()) if way.writes else 0
        parts = texts.parts(texts.group_message(text)) if way.writes else 0
        fen, most = expected(
            rung, parts * written, parts, seconds, attempts=self._rules.attempts, habits=self._habits,
            tariff=self._tariff, writes=way.writes,
        )  # fmt: skip
        return Preview(
            elders=len(found), telephones=rung, messages=written,
            shared=len(found) - len(chosen) - out.total(), left_out=dict(sorted(out.items())), lines=lines, lasts=last,
            fits=begins + last <= ends_at, parts=parts, parts_at_once=parts * written,
            parts_at_most=parts * (written + later), fen=fen, fen_at_most=most,
        )  # fmt: skip

    def start(self, campaign_id: int, *, by: str) -> CampaignView:
        """Freeze whom it is for, and let it run. Raises NotFound, Conflict if it is no draft, and Invalid: nobody is
        meant or may be reached, it has no sound yet, or its time is over."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = locked(session, campaign_id)
            way = Way(row.way)
            after = after_move(session, row, Act.START, by)
            if after is None:
                return self._view(session, row)
            if now >= row.ends_at:
                raise Invalid("its time is over: make a new message with another end")
            if way.calls and not self._is_spoken(row):
                raise Invalid("there is no sound of it yet: upload a recording, or wait until the voice has spoken it")
            found = self._found(session, row, now)
            if not found:
                raise Invalid("no elder is meant by this selection: choose a wider one")
            if len(found) > MOST_RECIPIENTS:
                raise Invalid(f"a message goes to {MOST_RECIPIENTS} elders at most: choose by district")
            chosen = leads(found, way)
            if not chosen:
                raise Invalid("nobody of them may be reached: the preview says why")
            for position, each in enumerate(found):
                elder_id = each.person.elder_id
                state, why = first_step(each, way)
                if state != "left_out" and elder_id not in chosen:
                    state = "shared"
                session.add(
                    CampaignRecipient(
                        campaign_id=row.id, elder_id=elder_id, number=each.number, number_index=each.index,
                        lead_index=each.index if elder_id in chosen else None,
                        cause=f"{KIND}-{row.id}-{elder_id}", position=position, state=state, reason=why,
                        settled_at=now if state == "left_out" else None,
                    )
                )  # fmt: skip
            row.started_at = now
            moved(session, row, Act.START, after, by=by, now=now)
            session.flush()
            return self._view(session, row)

    def pause(self, campaign_id: int, *, by: str) -> CampaignView:
        """Let nobody be dialled or written to from the commit on; what rings stops ringing, who talks talks on.

        Raises NotFound and Conflict.
        """
        return self._halt(campaign_id, Act.PAUSE, by)

    def stop(self, campaign_id: int, *, by: str) -> CampaignView:
        """End it for good: what is owed is not dialled, SMS that wait are not sent. Raises NotFound and Conflict."""
        return self._halt(campaign_id, Act.STOP, by)

    def resume(self, campaign_id: int, *, by: str) -> CampaignView:
        """Go on. Raises NotFound, and Conflict unless it is paused."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = locked(session, campaign_id)
            after = after_move(session, row, Act.RESUME, by)
            if after is None:
                return self._view(session, row)
            moved(session, row, Act.RESUME, after, by=by, now=now)
            release_sms(session, row.id)
            theirs = select(CampaignRecipient.cause).where(CampaignRecipient.campaign_id == row.id)
            soon = (Callback.due_at > now) & (Callback.due_at <= now + timedelta(minutes=10))
            session.execute(
                update(Callback)
                .where(Callback.cause.in_(theirs), Callback.state == "due", soon)
                .values(due_at=now)
                .execution_options(synchronize_session=False)
            )
            return self._view(session, row)

    def _halt(self, campaign_id: int, act: Act, by: str) -> CampaignView:
        now = self._clock()
        with self._unit_of_work() as session:
            one_at_a_time(session, CLAIMING)  # No claim is half way between the word and what it undoes.
            row = locked(session, campaign_id)
            after = after_move(session, row, act, by)
            if after is None:
                return self._view(session, row)
            moved(session, row, act, after, by=by, now=now)
            theirs = (
                select(Callback)
                .join(CampaignRecipient, CampaignRecipient.cause == Callback.cause)
                .where(CampaignRecipient.campaign_id == row.id, Callback.state.in_(("due", "dialling")))
            )
            ringing = []
            for call in session.scalars(theirs.with_for_update(of=Callback)):
                if call.state == "dialling":
                    ringing.append(f"{call.cause}.{call.attempts}")
                elif act is Act.STOP:
                    call.state, call.last_outcome, call.updated_at = "cancelled", "stopped", now
            if act is Act.STOP:
                take_back(session, row.id, now)
            else:
                hold_sms(session, row.id, now)
            session.flush()
            shown = self._view(session, row)
        for cause in ringing:
            try:
                self._withdraw(cause)
            except RedisError:  # The claim is over in a minute; nobody is dialled after that.
                log.exception("campaigns.not_withdrawn", cause=cause)
        return shown

    def _found(self, session: Session, row: Campaign, now: datetime) -> list[Candidate]:
        return candidates(
            session, selection_of(row), Way(row.way), now, number_index=self._number_index, may_dial=self._may_dial
        )

    def _seconds(self, row: Campaign) -> float:
        path = self._recordings / f"{row.recording}.wav"
        if row.recording and path.is_file():
            return path.stat().st_size / 16_000
        return len(row.text) / CHARACTERS_A_SECOND

    def _is_spoken(self, row: Campaign) -> bool:
        if row.recording:
            return (self._recordings / f"{row.recording}.wav").is_file()
        return self._sayings.sound_of(row.text, row.language) is not None

    def _view(self, session: Session, row: Campaign) -> CampaignView:
        return view(session, row, spoken=self._is_spoken(row))
