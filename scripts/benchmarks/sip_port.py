"""One SIP port over UDP for many phones: it registers them, and sends again what nobody confirms."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import cast

from scripts.benchmarks.sip_message import Message, authorization, write
from scripts.benchmarks.sound import Address

PATIENCE_SECONDS = 20.0
_REGISTERED_SECONDS = 600
_AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0, 4.0, 4.0)
"""When a message that nobody confirms is sent again (RFC 3261, timers A and E, cut short)."""


@dataclass
class _Registration:
    extension: str
    secret: str
    number: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)


class SipPort(asyncio.DatagramProtocol):
    """What phones need of SIP besides calls. All of it belongs to one event loop."""

    def __init__(self, server: Address) -> None:
        """`server` is Asterisk's SIP address."""
        self._server = server
        self._confirmed: set[str] = set()
        """What was answered or acknowledged: it need not be sent again."""
        self._registrations: dict[str, _Registration] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the port."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self._port = int(transport.get_extra_info("sockname")[1])

    def send(self, data: bytes, to: Address) -> None:
        """Send once."""
        self._transport.sendto(data, to)

    def insist(self, data: bytes, to: Address, until: str, tries: int = 0) -> None:
        """Send again and again, at most seven times, until `confirmed` was told the same words."""
        if until in self._confirmed:
            self._confirmed.discard(until)
            return
        self.send(data, to)
        if tries < len(_AGAIN_SECONDS):
            again = asyncio.get_running_loop().call_later
            again(_AGAIN_SECONDS[tries], self.insist, data, to, until, tries + 1)

    def confirmed(self, what: str) -> None:
        """Send this no more."""
        self._confirmed.add(what)

    def contact(self, extension: str) -> str:
        """Where this phone is reached."""
        return f"sip:{extension}@127.0.0.1:{self._port}"

    def via(self) -> str:
        """The header of a new request."""
        return f"Via: SIP/2.0/UDP 127.0.0.1:{self._port};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    async def register(self, accounts: dict[str, str]) -> None:
        """Register phones, by extension and secret. Raises TimeoutError."""
        begun = {secrets.token_hex(8): _Registration(*account) for account in accounts.items()}
        self._registrations |= begun
        for call_id in begun:
            self._ask(call_id)
        async with asyncio.timeout(PATIENCE_SECONDS):
            for registration in begun.values():
                await registration.done.wait()

    def registration_answered(self, answer: Message) -> None:
        """Take an answer to a REGISTER: give the password when asked for it, once."""
        call_id = answer["call-id"]
        registration = self._registrations.get(call_id)
        if registration is None or answer["cseq"].split()[0] != str(registration.number):
            return
        self.confirmed(f"{call_id}REGISTER{registration.number}")
        if answer.status == 401 and registration.number == 1:
            self._ask(call_id, answer["www-authenticate"])
        elif answer.status == 200:
            registration.done.set()

    def _ask(self, call_id: str, challenge: str = "") -> None:
        phone = self._registrations[call_id]
        phone.number += 1
        uri = f"sip:{self._server[0]}:{self._server[1]}"
        me = f"<sip:{phone.extension}@{self._server[0]}>"
        lines = [
            self.via(), f"From: {me};tag={call_id}", f"To: {me}", f"Call-ID: {call_id}",
            f"CSeq: {phone.number} REGISTER", f"Contact: <{self.contact(phone.extension)}>",
            f"Expires: {_REGISTERED_SECONDS}", "Max-Forwards: 70",
        ]  # fmt: skip
        if challenge:
            lines.append(f"Authorization: {authorization(challenge, phone.extension, phone.secret, 'REGISTER', uri)}")
        self.insist(write(f"REGISTER {uri} SIP/2.0", lines), self._server, f"{call_id}REGISTER{phone.number}")
