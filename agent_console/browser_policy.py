"""The Content-Security-Policy: what a page of ours may load, and whom it may talk to."""

from __future__ import annotations

from flask import Response


def policy(*also_connect: str, pictures: str = "") -> str:
    """Write the policy: everything from ourselves, no script in a page, no frames, and connections to nobody else
    than `also_connect` (addresses as wss://host/path), pictures from nowhere else than `pictures` (an origin), which
    are checked where they are set."""
    connect = " ".join(("'self'", *also_connect))
    images = " ".join(filter(None, ("'self'", pictures)))
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; font-src 'self'; "
        f"connect-src {connect}; media-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def allow_connection(response: Response, *addresses: str, pictures: str = "") -> Response:
    """Let the page in `response` open connections to `addresses`, and show pictures from `pictures`, too."""
    response.headers["Content-Security-Policy"] = policy(*addresses, pictures=pictures)
    return response
