"""The Content-Security-Policy: what a page of ours may load, and whom it may talk to."""

from __future__ import annotations

from flask import Response


def policy(*also_connect: str) -> str:
    """Write the policy: everything from ourselves, no script in a page, no frames, and connections to nobody else
    than `also_connect` (addresses as wss://host/path, checked where they are set)."""
    connect = " ".join(("'self'", *also_connect))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src {connect}; media-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def allow_connection(response: Response, address: str) -> Response:
    """Let the page in `response` open a connection to `address`, too."""
    response.headers["Content-Security-Policy"] = policy(address)
    return response
