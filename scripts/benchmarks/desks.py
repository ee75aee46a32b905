"""Agents' telephones for the bench: all on one SIP port, each takes one call after the other and ends it after a while.

SIPp plays callers; agents are played here, because what counts is measured at them: the moment at which a phone becomes
free, the moment at which it rings again, who hung up, and what was heard. It is only as much of SIP as that takes.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from scripts.benchmarks.sip_message import Message, uri_of, user_of, write
from scripts.benchmarks.sip_port import PATIENCE_SECONDS, SipPort
from scripts.benchmarks.sound import Address, Heard, Voice, Voices, ahead_of_others

PICK_UP_SECONDS = 0.2


@dataclass(frozen=True)
class Talk:
    """One call as an agent's phone has seen it. Times are monotonic seconds."""

    extension: str
    caller: str
    rang_at: float
    free_since: float | None
    """When this phone had hung up before; None for its first call."""
    answered_at: float
    ended_at: float
    cut: bool
    """The other side ended it."""
    heard: Heard


@dataclass
class _Call:
    """A call under way."""

    phone: _Phone
    invite: Message
    peer: Address
    rang_at: float
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    answered_at: float = 0.0
    voice: Voice | None = None
    ours: bool = False
    """We have hung up."""


@dataclass
class _Phone:
    extension: str
    call: _Call | None = None
    free_since: float | None = None


class Desks(SipPort):
    """All agents' phones, in a thread of their own. Read `talks`, `picked_up`, `doubled` and `missed` at any time."""

    def __init__(self, server: Address, secrets_of: Mapping[str, str], talk_seconds: tuple[float, float]) -> None:
        """`server` is Asterisk's SIP address, `secrets_of` the accounts by extension."""
        super().__init__(server)
        self.talks: list[Talk] = []
        self.doubled: list[str] = []
        """Callers for whom a phone rang that was taken."""
        self.missed: list[str] = []
        """Callers who rang at a phone and were gone before it was picked up."""
        self.picked_up: list[str] = []
        """Extensions, one for each call that was picked up."""
        self.voices = Voices()
        self._secrets = secrets_of
        self._talk_seconds = talk_seconds
        self._chance = random.Random(7)  # noqa: S311  # The same talks in each run, no secret.
        self._phones: dict[str, _Phone] = {}
        self._calls: dict[str, _Call] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="desks", daemon=True)
        self._ready = threading.Event()

    def start(self) -> None:
        """Take a port and begin to answer."""
        self.voices.start()
        self._thread.start()
        if not self._ready.wait(PATIENCE_SECONDS):
            raise TimeoutError("the agents' phones did not come up")

    def stop(self) -> None:
        """Put all phones down."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self.voices.stop()

    def plug_in(self, extensions: Iterable[str]) -> None:
        """Register these phones, unless they are already. Raises TimeoutError."""
        new = {each: self._secrets[each] for each in extensions if each not in self._phones}
        self._phones |= {each: _Phone(each) for each in new}
        asyncio.run_coroutine_threadsafe(self.register(new), self._loop).result(2 * PATIENCE_SECONDS)

    def talk_for(self, low: float, high: float) -> None:
        """Let talks last so many seconds from now on, those under way, too."""
        self._loop.call_soon_threadsafe(self._shorten, low, high)

    # The thread

    def _work(self) -> None:
        ahead_of_others()
        asyncio.set_event_loop(self._loop)
        opened = self._loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._loop.run_until_complete(opened)
        self._ready.set()
        self._loop.run_forever()
        self._transport.close()
        self._loop.run_until_complete(asyncio.sleep(0))  # Closing is done in the loop.
        self._loop.close()

    def datagram_received(self, data: bytes, peer: Address) -> None:
        """Take one message; what is none is passed over."""
        now = time.monotonic()
        try:
            message = Message.read(data)
        except ValueError:
            return
        if message.status:
            self._answered(message)
            return
        takes: dict[str, Callable[[Message, Address, float], None]] = {
            "INVITE": self._invited, "ACK": self._acknowledged, "BYE": self._bye, "CANCEL": self._cancelled,
        }  # fmt: skip
        take = takes.get(message.method)
        if take:
            take(message, peer, now)
        else:
            self.send(message.answer("200 OK", "options", self.contact(message.user)), peer)

    # Calls that come

    def _invited(self, invite: Message, peer: Address, now: float) -> None:
        known = self._calls.get(invite["call-id"])
        phone = self._phones.get(invite.user)
        if known and "tag=" in invite["to"]:
            self.send(invite.answer("200 OK", known.tag, self.contact(invite.user), self._description()), peer)
        elif known:
            return  # Sent again before our answer arrived.
        elif phone is None:
            self.send(invite.answer("404 Not Found", "none", self.contact(invite.user)), peer)
        elif phone.call is not None:
            self.doubled.append(user_of(invite["from"]))
            self.send(invite.answer("486 Busy Here", "busy", self.contact(phone.extension)), peer)
        else:
            call = phone.call = self._calls[invite["call-id"]] = _Call(phone, invite, peer, now)
            self.send(invite.answer("180 Ringing", call.tag, self.contact(phone.extension)), peer)
            self._loop.call_later(PICK_UP_SECONDS, self._pick_up, call)

    def _pick_up(self, call: _Call) -> None:
        media = call.invite.media
        if call.phone.call is not call or media is None:
            return
        call.answered_at = time.monotonic()
        self.picked_up.append(call.phone.extension)
        call.voice = self.voices.begin(media)
        answer = call.invite.answer("200 OK", call.tag, self.contact(call.phone.extension), self._description())
        self.insist(answer, call.peer, call.invite["call-id"] + "ACK")
        self._loop.call_later(self._chance.uniform(*self._talk_seconds), self._hang_up, call)

    def _acknowledged(self, message: Message, _peer: Address, _now: float) -> None:
        self.confirmed(message["call-id"] + "ACK")

    def _bye(self, message: Message, peer: Address, now: float) -> None:
        self.send(message.answer("200 OK", "gone", self.contact(message.user)), peer)
        call = self._calls.get(message["call-id"])
        if call and not call.ours:
            self._over(call, now, cut=True)

    def _cancelled(self, message: Message, peer: Address, now: float) -> None:
        self.send(message.answer("200 OK", "gone", self.contact(message.user)), peer)
        call = self._calls.get(message["call-id"])
        if call and not call.answered_at:
            terminated = call.invite.answer("487 Request Terminated", call.tag, self.contact(call.phone.extension))
            self.insist(terminated, peer, message["call-id"] + "ACK")
            self.missed.append(user_of(call.invite["from"]))
            self._over(call, now, cut=True)

    def _hang_up(self, call: _Call) -> None:
        if call.phone.call is not call:
            return
        now = time.monotonic()
        call.ours = True
        self.insist(self._bye_for(call), call.peer, call.invite["call-id"] + "BYE")
        call.phone.free_since, before = now, call.phone.free_since
        self._over(call, now, cut=False, before=before)

    def _over(self, call: _Call, now: float, *, cut: bool, before: float | None = None) -> None:
        phone = call.phone
        if call.voice:
            self.voices.end(call.voice)
            since = phone.free_since if cut else before
            caller = user_of(call.invite["from"])
            self.talks.append(
                Talk(phone.extension, caller, call.rang_at, since, call.answered_at, now, cut, call.voice.heard)
            )
        if cut:
            phone.free_since = None
        phone.call = None
        self._loop.call_later(PATIENCE_SECONDS, self._calls.pop, call.invite["call-id"], None)
        call.answered_at = 0.0

    def _shorten(self, low: float, high: float) -> None:
        self._talk_seconds = (low, high)
        for call in [each for each in self._calls.values() if each.answered_at and each.phone.call is each]:
            self._loop.call_later(self._chance.uniform(low, high), self._hang_up, call)

    # What we say

    def _bye_for(self, call: _Call) -> bytes:
        invite = call.invite
        lines = [
            self.via(), f"From: {invite['to']};tag={call.tag}", f"To: {invite['from']}",
            f"Call-ID: {invite['call-id']}", "CSeq: 1 BYE", "Max-Forwards: 70",
        ]  # fmt: skip
        return write(f"BYE {uri_of(invite['contact'])} SIP/2.0", lines)

    def _description(self) -> str:
        lines = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            f"m=audio {self.voices.port} RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=ptime:20", "",
        ]  # fmt: skip
        return "\r\n".join(lines)

    def _answered(self, answer: Message) -> None:
        if answer.method == "REGISTER":
            self.registration_answered(answer)
        elif answer.status >= 200:
            self.confirmed(answer["call-id"] + answer.method)
