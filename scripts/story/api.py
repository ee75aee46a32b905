"""What the story sees of the hotline from outside: the API with a bearer token, the desk with a login."""

from __future__ import annotations

import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any, TypeVar

T = TypeVar("T")
_SECONDS = 15


class Api:
    """The JSON API of a hotline."""

    def __init__(self, base: str, token: str) -> None:
        """`base` is as http://127.0.0.1:8000."""
        self._base = base
        self._token = token

    def get(self, path: str, **query: object) -> Any:
        """GET /api/v1/<path>. Raises urllib.error.HTTPError."""
        return self._ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path: str, body: object, **headers: str) -> Any:
        """POST /api/v1/<path> with a JSON body. Raises urllib.error.HTTPError."""
        return self._ask("POST", path, body, headers)

    def sms_in(self, sender: str, text: str, message_id: str) -> None:
        """Bring an SMS as the carrier's gateway does."""
        query = urllib.parse.urlencode({"from": sender, "to": "12349", "text": text, "id": message_id})
        with urllib.request.urlopen(f"{self._base}/sms/inbound?{query}", timeout=_SECONDS):  # noqa: S310  # Our own base.
            return

    def until(self, what: str, look: Callable[[], T | None], seconds: float) -> T:
        """Look twice a second until there is something to see. Raises TimeoutError with `what`."""
        deadline = time.monotonic() + seconds
        while not (seen := look()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds:g} s: {what}")
            time.sleep(0.5)  # The API tells of nothing by itself; this is how its users see changes.
        return seen

    def _ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  # Our own base.
            f"{self._base}/api/v1/{path}", data=data, method=method,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json",
                     **{name.replace("_", "-"): value for name, value in (headers or {}).items()}},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode(errors="replace")[:500])
            raise


class Desk:
    """An agent's browser, as far as the story needs one: it logs in and reads the page."""

    def __init__(self, base: str, login: str, password: str) -> None:
        """Log in. Raises RuntimeError when the login is refused."""
        self._base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page("/login"))
        if found is None:
            raise RuntimeError("the login page has no CSRF token")
        form = {"login": login, "password": password, "csrf_token": found.group(1)}
        with self._opener.open(f"{base}/login", urllib.parse.urlencode(form).encode(), timeout=_SECONDS) as answer:
            if answer.url.endswith("/login"):
                raise RuntimeError(f"the login of {login} was refused")

    def page(self, path: str) -> str:
        """Give a page's HTML."""
        with self._opener.open(self._base + path, timeout=_SECONDS) as answer:
            return str(answer.read().decode())

    def open(self, path: str) -> HTTPResponse:
        """Open a stream; whoever asks closes it."""
        opened = self._opener.open(self._base + path, timeout=_SECONDS)
        assert isinstance(opened, HTTPResponse)  # noqa: S101  # What http gives.
        return opened
