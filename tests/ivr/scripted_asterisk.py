"""The other end of an AGI session over loopback, played by a thread that speaks real bytes.

It reads commands as res_agi.c does (quotes, backslashes, 2,048 bytes at a time) and answers as Asterisk 22 was seen to.
"""

import socket
import threading
from collections import Counter
from collections.abc import Collection, Mapping

from ivr.background import CONTEXTS
from ivr.prompts import quiet
from tests.ivr.fake_call import Presses, presses_at

SAMPLES = 24_000
KEYS_OF = {context: keys for keys, context in CONTEXTS.items()}
SILENCES = frozenset(map(quiet.name_of, quiet.TENTHS))
DEAD_OK = ("SET VARIABLE", "GET VARIABLE", "GET FULL")
HEADER = {
    "network": "yes",
    "network_script": "welcome",
    "request": "agi://127.0.0.1:4573/welcome",
    "channel": "PJSIP/trunk-00000001",
    "language": "zh-CN",
    "type": "PJSIP",
    "uniqueid": "1700000000.1",
    "version": "22.10.1",
    "callerid": "09318000001",
    "calleridname": "unknown",
    "callingpres": "0",
    "dnid": "12349",
    "rdnis": "unknown",
    "context": "from-trunk",
    "extension": "12349",
    "priority": "4",
    "enhanced": "0.0",
    "arg_1": "a-1700000000.1",
    "arg_2": "a",
    "arg_3": "",
}


def header_bytes(changes: Mapping[str, str] | None = None) -> bytes:
    """What Asterisk sends first."""
    lines = {**HEADER, **(changes or {})}
    return "".join(f"agi_{name}: {value}\n" for name, value in lines.items()).encode() + b"\n"


def split_command(line: str) -> list[str]:
    """The arguments of a command as parse_args() of res_agi.c takes them apart."""
    arguments: list[str] = []
    quoted = escaped = False
    between = True
    for char in line:
        if char == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                arguments.append("")
                between = False
        elif char == "\\" and not escaped:
            escaped = True
        elif char in " \t" and not quoted and not escaped:
            between = True
        else:
            if between:
                arguments.append("")
                between = False
            arguments[-1] += char
            escaped = False
            continue
        if char == '"':
            escaped = False
    return arguments


class ScriptedAsterisk(threading.Thread):
    """Serves one session. `commands` is all that came, taken apart; `played` the sounds that were begun.

    `hang_up_at`: from the n-th command on the channel is dead. `missing`: sounds (their last path part) without a file.
    """

    def __init__(
        self,
        sock: socket.socket,
        presses: Presses | None = None,
        *,
        variables: Mapping[str, str] | None = None,
        hang_up_at: int | None = None,
        moved: bool = False,
        missing: Collection[str] = (),
        recording: bytes = b"200 result=0 (timeout) endpos=16000",
    ) -> None:
        super().__init__(name="scripted-asterisk", daemon=True)
        self.commands: list[list[str]] = []
        self.played: list[str] = []
        self.variables = dict(variables or {})
        self._sock = sock
        self._presses: Presses = presses or {}
        self._times: Counter[str] = Counter()
        self._pending: list[str] = []  # Keys that the caller presses one after the other, from now on.
        self._late: list[str] = []
        self._hang_up_at = hang_up_at
        self._moved = moved
        self._missing = frozenset(missing)
        self._recording = recording
        self._dead = False

    def run(self) -> None:
        try:
            with self._sock, self._sock.makefile("rb") as lines:
                while line := lines.readline(2047):
                    self._sock.sendall(self._serve(split_command(line.decode().rstrip("\n"))))
        except OSError:
            pass  # Our side closed with answers under way.

    def _serve(self, command: list[str]) -> bytes:
        self.commands.append(command)
        verb = " ".join(command[:2])
        before = b""
        if not self._dead and self._hang_up_at is not None and len(self.commands) >= self._hang_up_at:
            self._dead = True
            before = b"HANGUP\n"
        if self._dead and verb not in DEAD_OK and command[0] != "EXEC":
            return before + b"511 Command Not Permitted on a dead channel or intercept routine\n"
        return before + self._answer(verb, command) + b"\n"

    def _answer(self, verb: str, command: list[str]) -> bytes:
        match verb:
            case "STREAM FILE":
                answer = self._stream(command[2], command[3], int(command[4]) if len(command) > 4 else 0)
            case "EXEC Background":
                answer = self._background(*command[2].split(","))
            case "WAIT FOR":
                answer = b"200 result=%d" % (ord(self._pending.pop(0)) if self._pending else 0)
            case "GET DATA":
                answer = self._digits(int(command[4]))
            case "GET VARIABLE":
                value = self.variables.get(command[2])
                answer = b"200 result=0" if value is None else f"200 result=1 ({value})".encode()
            case "GET FULL":
                answer = b"200 result=1 (%s)" % (b"connect|1001|1" if self._moved else b"from-trunk|12349|4")
            case "SET VARIABLE":
                self.variables[command[2]] = command[3]
                answer = b"200 result=1"
            case "CHANNEL STATUS":
                answer = b"200 result=6"
            case "RECORD FILE":
                self._dead = self._recording.startswith(b"200 result=-1 (hangup)")
                answer = self._recording + (b"\nHANGUP" if self._dead else b"")
            case "HANGUP":
                self._dead = True
                answer = b"200 result=1"
            case _ if command[0] in ("ANSWER", "NOOP", "EXEC"):
                answer = b"200 result=0"
            case _:
                answer = b"510 Invalid or unknown command"
        return answer

    def _stream(self, path: str, listening: str, offset: int) -> bytes:
        sound = path.rpartition("/")[2]
        if sound in self._missing:
            return b"200 result=-1 endpos=0"
        if offset == 0:
            self._begin(sound)
        key = self._key(listening)
        return b"200 result=0 endpos=%d" % SAMPLES if key is None else b"200 result=%d endpos=%d" % (key, offset + 800)

    def _background(self, sounds: str, options: str, language: str, context: str) -> bytes:
        """Background() stops at the first sound that it cannot play, and tells so in a variable only."""
        if (options, language) != ("m", ""):
            return b"200 result=-1"
        for path in sounds.split("&"):
            sound = path.rpartition("/")[2]
            if sound in self._missing:
                self.variables["BACKGROUNDSTATUS"] = "FAILED"
                return b"200 result=0"
            if sound not in SILENCES:
                self._begin(sound)
            key = self._key(KEYS_OF[context])
            if key is not None:
                return b"200 result=%d" % key
        self.variables["BACKGROUNDSTATUS"] = "SUCCESS"
        return b"200 result=0"

    def _begin(self, sound: str) -> None:
        script = presses_at(self._presses, sound, self._times[sound])
        self._times[sound] += 1
        self.played.append(sound)
        (self._late if script.startswith("~") else self._pending).extend(script.lstrip("~"))

    def _key(self, listening: str) -> int | None:
        """The code of the next key that stops a sound; without one the sound comes to its end."""
        while self._pending:
            key = self._pending.pop(0)
            if key in listening:
                return ord(key)
        self._pending, self._late = self._late, []
        return None

    def _digits(self, maximum: int) -> bytes:
        digits = ""
        while self._pending and len(digits) < maximum:
            key = self._pending.pop(0)
            if key == "#":
                return f"200 result={digits}".encode()
            digits += key
        return f"200 result={digits}{'' if len(digits) == maximum else ' (timeout)'}".encode()
