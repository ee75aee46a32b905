"""Who may use the pages of supervisors, by hand, for `test_access`."""

from __future__ import annotations

STAFF = {"agent", "supervisor", "administrator"}
LEADS = {"supervisor", "administrator"}
OVERSEERS = LEADS | {"auditor"}

SUPERVISION_PAGES = {
    "GET /supervisor/quality": OVERSEERS,
    "GET /supervisor/quality/talks/<ticket_id>": OVERSEERS,
    "POST /supervisor/quality/talks/<ticket_id>": LEADS,
    "GET /supervisor/quality/agents/<extension>": OVERSEERS,
    "GET /supervisor/quality/form": OVERSEERS,
    "POST /supervisor/quality/form": LEADS,
    "GET /supervisor/talks": OVERSEERS,
    "GET /supervisor/talks/now": OVERSEERS,
    "POST /supervisor/talks/<call_id>": LEADS,
    "POST /supervisor/talks/way/<at>": LEADS,
    "POST /supervisor/talks/end/<at>": LEADS,
    "GET /supervisor/bulletins": OVERSEERS,
    "POST /supervisor/bulletins": LEADS,
    "POST /supervisor/bulletins/<int:bulletin_id>/end": LEADS,
    "GET /desk/bulletins/standing": STAFF,
    "POST /desk/bulletins/<int:bulletin_id>/read": STAFF,
    "GET /desk/scores": STAFF,
    "POST /desk/scores/<int:score_id>/answer": STAFF,
    "GET /supervisor/calls/<call_id>/sound": OVERSEERS,
    "POST /supervisor/calls/<call_id>/sound": LEADS,
    "GET /supervisor/recordings/<int:play_id>.wav": LEADS,
}
