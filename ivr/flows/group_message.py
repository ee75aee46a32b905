"""The automatic call that tells an elder a message that is for many."""

from __future__ import annotations

import structlog

from ivr.dialogue import PersonAsked, PromptPart, SosAsked
from ivr.flows.any_key import LISTEN_SECONDS, PERSON, somebody_listens
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.patience import TooSlow
from ivr.flows.recorded import FOLDER
from routing.calls.caller import KnownElder
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import Intent
from routing.outreach.campaigns.telling import Heard, Message

log = structlog.get_logger(__name__)

AGAIN, NO_MORE, SOS = "1", "8", "9"
TELLINGS = 4
"""So often it is told in one call at the most."""


class GroupMessage(Flow[CallDesk]):
    """Any key begins the message; then 1 is once more, 0 a person, 8 twice no more such calls. Heard to its end counts.

    Nothing is told to a machine: only who called, once.
    """

    message: Message | None = None
    cause = ""
    reached = False

    def run(self) -> Next:
        self.call.answer()
        message = self.desk.services.telling.of_call(int(self.desk.reference))
        self.message, self.cause = message, message.cause
        self.desk.services.callbacks.begin(self.cause)
        self.desk.elder = self._elder(message.elder_id)
        self.desk.began("outbound", message.elder_id)
        if message.over:
            self.desk.step("group_message.over")
            return self._goodbye("group.over")
        who = address_of(self.desk.elder) if self.desk.elder else ""
        key = somebody_listens(self.call, [("group.greet", {"who": who})], "group.any_key")
        if key is None:
            self.desk.step("group_message.nobody_listens")
            if self.desk.services.elder_words.leaves_message(self.cause):
                self.dialogue.conclude("callback.who_called")
            return Next.BYE
        return self._tell(message)

    def person(self) -> Next:
        """They are there and want somebody."""
        self._told_safely(Heard.PERSON)
        return self.hold(intent=Intent.CALLBACK)

    def sos(self) -> Next:
        """9 is an SOS."""
        self._told_safely(Heard.PERSON)
        return Next.SOS

    def clean_up(self) -> None:
        """However the talk ended, the call that was owed is settled."""
        if self.cause:
            self.desk.services.callbacks.finish(self.cause, self.reached)

    def _tell(self, message: Message) -> Next:
        """Tell it, and once more as often as it is wanted."""
        for _ in range(TELLINGS):
            key = self._told_once(message)
            if key == NO_MORE and self._is_sure():
                return self._no_more(message)
            if key != AGAIN:
                break
        self.desk.served()
        return self._goodbye("callback.thanks")

    def _told_once(self, message: Message) -> str | None:
        """Tell it to its end: over it only 0 and 9 mean anything, for whoever pressed a key to begin presses on."""
        self.dialogue.conclude([_said(message)])
        self._write(Heard.HEARD)
        return _wished(self.call.ask([("group.after", {}), ("callback.no_more", {})], seconds=LISTEN_SECONDS))

    def _is_sure(self) -> bool:
        """8 is said and pressed once more: who presses another key, or none, has only missed another key."""
        return somebody_listens(self.call, [("callback.no_more", {})], times=1) == NO_MORE

    def _no_more(self, message: Message) -> Next:
        self.desk.services.telling.told(message.recipient_id, Heard.OPTED_OUT)
        self.reached = True
        self.desk.step("group_message.no_more")
        self.desk.served()
        return self._goodbye("group.no_more")

    def _write(self, heard: Heard) -> None:
        if self.message is None or self.reached:
            return
        self.desk.services.telling.told(self.message.recipient_id, heard)
        self.reached = True
        self.desk.step(f"group_message.{heard.value}")

    def _told_safely(self, heard: Heard) -> None:
        """Who pressed 0 or 9 goes on to a person even if that cannot be written."""
        try:
            self._write(heard)
        except Exception:
            log.exception("group_message.not_written")

    def _goodbye(self, how: str) -> Next:
        self.dialogue.conclude([(how, {}), ("bye.take_care", {})])
        return Next.BYE

    def _elder(self, elder_id: int) -> KnownElder | None:
        """Whom we call; None when that takes too long: then they are greeted without their name."""
        try:
            return self.desk.patience.look_up(lambda: self.desk.services.directory.elder(elder_id))
        except (DirectoryUnavailable, TooSlow):
            log.warning("group_message.without_the_name")
            return None


def _said(message: Message) -> PromptPart:
    if message.recording:
        return "announcement.recorded", {"what": f"{FOLDER}/{message.recording}"}
    return "announcement.said", {"what": message.text}


def _wished(key: str | None) -> str | None:
    """Give a key that leads on in the talk. Raises PersonAsked for 0 and SosAsked for 9."""
    if key == PERSON:
        raise PersonAsked
    if key == SOS:
        raise SosAsked
    return key
