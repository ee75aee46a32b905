"""AGI as Asterisk really speaks it: pyst2's `AGI`, subclassed, with its defects cured (tests/ivr/test_agi_defects.py).

What the bare library (0.5.1) does wrong and this one does not:

- its constructor sets a signal handler (so it works in the main thread only) and logs what callers enter to stderr;
- a bare HANGUP line or the end of the stream is a ValueError, a dead channel (511) an unknown error;
- a 520 that is one line, or is followed by the end of the stream, is waited for for ever; nothing has a time limit;
- quotes and new lines in values are not escaped; a value of several lines puts answers out of step with commands;
- "-1" may be a hang-up or a mere failure, and it does not say which;
- a channel variable whose value is "hangup" looks like a hang-up.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from asterisk.agi import AGI

from ivr.agi_link import AgiLink, LineTooLong
from ivr.call import CallerHungUp, ChannelError, ChannelTimeout, HangupKind

ANSWER_SECONDS = 120.0  # The longest prompt is far shorter; what a command takes by itself is added to it.
ENDING_SECONDS = 1.0  # What we spend on asking why the call ended. A Redirect waits for us meanwhile.
COMMAND_BYTES = 2000  # Asterisk reads 2,048 bytes at most and takes the rest for the next command (res_agi.c).
ENV_LINES = 200
USAGE_LINES = 200
VALUE_LINES = 200

_RESULT = re.compile(r"result=(\S*)(?: \((.*)\))?(?: endpos=(-?\d+))?\s*", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_PLACE = '"${CONTEXT}|${EXTEN}|${PRIORITY}"'


class CommandRefused(ChannelError):
    """Asterisk could not do it, and the caller is still there."""


class Reply(NamedTuple):
    """A 200 answer."""

    result: str
    data: str = ""  # What stood in parentheses.
    endpos: int = 0  # Samples (8,000 a second) played or recorded.


def quote(value: object) -> str:
    """One argument, whatever is in it: res_agi.c takes a backslash before a quote or a backslash inside quotes.

    Control characters become a space, for a new line would end the command.
    """
    text = _CONTROL.sub(" ", str(value))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class HardenedAgi(AGI):  # type: ignore[misc]  # pyst2 carries no annotations.
    """One AGI session over a link. The first end of any kind makes every later command raise CallerHungUp."""

    def __init__(self, link: AgiLink, answer_seconds: float = ANSWER_SECONDS) -> None:
        # AGI.__init__ is left out on purpose: it sets a signal handler and writes every line to stderr.
        self.link = link
        self.stdin = self.stdout = link
        self.answer_seconds = answer_seconds
        self.ended: HangupKind | None = None
        self.env: dict[str, str] = {}
        self._get_agi_env()

    def request(self, command: str, *arguments: object, seconds: float = 0.0) -> Reply:
        """Send a command and return its answer. `seconds` is the time it takes by itself.

        Arguments that are not numbers must have been quoted. Raises CallerHungUp, ChannelTimeout, ChannelError.
        """
        if self.ended is not None:
            raise CallerHungUp(self.ended)
        self.link.limit(self.answer_seconds + seconds)
        try:
            self.send_command(command, *arguments)
            return self._reply()
        except TimeoutError as late:
            self.ended = HangupKind.HUNG_UP
            raise ChannelTimeout(f"no answer to {command}") from late
        except OSError as broken:
            self._end(HangupKind.HUNG_UP, broken)

    def demand(self, command: str, *arguments: object, seconds: float = 0.0) -> Reply:
        """As `request`, but -1 raises: CallerHungUp if the caller is gone, else CommandRefused. So does the -2 of EXEC,
        which knows no such application."""
        reply = self.request(command, *arguments, seconds=seconds)
        if reply.result in ("-1", "-2"):
            if reply.data == "hangup":
                self._ask_why(0)
            self.still_there()
            raise CommandRefused(f"{command} failed")
        return reply

    def still_there(self) -> None:
        """Raise CallerHungUp if the channel is gone. Asterisk sends HANGUP before the next answer, or refuses."""
        self.request("CHANNEL STATUS")

    # What pyst2's own methods call, in its shapes, so that those that we inherit are safe as well.

    def execute(self, command: str, *args: object) -> dict[str, tuple[str, str]]:
        reply = self.demand(command, *args)
        return {"result": (reply.result, reply.data), "endpos": (str(reply.endpos), "")}

    def send_command(self, command: str, *args: object) -> None:
        line = " ".join((command, *map(str, args))).strip()
        if _CONTROL.search(line):
            raise ValueError("A control character in an argument of a command.")
        if len(line.encode()) > COMMAND_BYTES:
            raise ValueError(f"A command over {COMMAND_BYTES} bytes, which Asterisk would cut in two.")
        self.stdout.write(line + "\n")

    def _quote(self, string: object) -> str:
        return quote(string)

    def test_hangup(self) -> None:
        if self.ended is not None:
            raise CallerHungUp(self.ended)

    def _get_agi_env(self) -> None:
        """Read the header. Raises ChannelError if it ends early, never ends or is none; TimeoutError."""
        for _ in range(ENV_LINES):
            line = self.link.readline()
            if not line.endswith("\n"):
                raise ChannelError("the connection was closed within the header")
            if not line.strip():
                return
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_"):
                raise ChannelError("this is no AGI header")
            self.env[name.strip()] = value.strip()
        raise ChannelError(f"the header has more than {ENV_LINES} lines")

    def _reply(self) -> Reply:
        line = self._line()
        if line == "HANGUP":
            # It came while we were thinking; what we have just sent will still be answered.
            self._ask_why(1)
        code, rest = line[:3], line[4:]
        if code == "200":
            return self._result(rest)
        if code == "511":
            self._ask_why(0)
        if code == "510":
            raise ChannelError("Asterisk does not know the command")
        if code == "520":
            if line[3:4] == "-":
                self._skip_usage()
            raise ChannelError("Asterisk does not understand the arguments")
        raise ChannelError("Asterisk answered what is no AGI answer")

    def _result(self, text: str) -> Reply:
        lines = 0
        while (found := _RESULT.fullmatch(text)) is None:
            # The value of a variable may have several lines; they belong to this answer, not to the next.
            lines += 1
            if not text.startswith("result=1 (") or lines > VALUE_LINES:
                raise ChannelError("Asterisk answered what is no AGI answer")
            text = f"{text}\n{self._line()}"
        result, data, endpos = found.groups()
        return Reply(result, data or "", int(endpos or 0))

    def _skip_usage(self) -> None:
        for _ in range(USAGE_LINES):
            if self._line().startswith("520 "):
                return
        raise ChannelError("a usage text that does not end")

    def _line(self) -> str:
        try:
            line: str = self.stdin.readline()
        except LineTooLong as endless:
            self.ended = HangupKind.HUNG_UP
            raise ChannelError(str(endless)) from endless
        if not line.endswith("\n"):
            self._end(HangupKind.HUNG_UP)
        return line.rstrip("\r\n")

    def _ask_why(self, unanswered: int) -> NoReturn:
        """The channel is gone: find out whether the caller hung up or a Redirect took them elsewhere, and raise.

        After a Redirect the channel's place in the dialplan is no longer where AGI() was called. `unanswered` commands
        of ours are waited for first: Asterisk reads two commands at once and then sees only the one (tried on 22.10).
        """
        kind = HangupKind.HUNG_UP
        try:
            self.link.limit(ENDING_SECONDS)
            for _ in range(unanswered):
                self._last_answer()
            self.send_command("GET FULL VARIABLE", _PLACE)
            if self._moved(self._last_answer()):
                kind = HangupKind.CALLED_AWAY
        except (OSError, LineTooLong):
            pass  # TimeoutError is an OSError. Then nobody can tell, and a hang-up is the usual reason.
        self._end(kind)

    def _last_answer(self) -> str:
        """The next line that is not HANGUP. Raises OSError at the end of the stream."""
        for _ in range(USAGE_LINES):
            line: str = self.link.readline()
            if not line.endswith("\n"):
                break
            if line.strip() != "HANGUP":
                return line
        raise OSError("the stream has ended")

    def _moved(self, answer: str) -> bool:
        found = _RESULT.fullmatch(answer[4:].rstrip("\r\n"))
        if not answer.startswith("200 ") or found is None or found[1] != "1":
            return False
        before = "|".join(self.env.get(f"agi_{each}", "") for each in ("context", "extension", "priority"))
        return bool(found[2] != before)

    def _end(self, kind: HangupKind, cause: Exception | None = None) -> NoReturn:
        self.ended = kind
        raise CallerHungUp(kind) from cause


def arguments_of(env: Mapping[str, str]) -> list[str]:
    """The arguments that AGI() was called with, in order."""
    count = int(env["agi_arg_count"]) if env.get("agi_arg_count", "").isdigit() else ENV_LINES
    arguments: list[str] = []
    while len(arguments) < count and (value := env.get(f"agi_arg_{len(arguments) + 1}")) is not None:
        arguments.append(value)
    return arguments
