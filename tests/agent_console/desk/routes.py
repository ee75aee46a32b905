"""Who may do what with cases, work lists, knowledge cards and the telephones in pages, by hand, for `test_access`."""

from __future__ import annotations

STAFF = {"agent", "supervisor", "administrator"}

CASE_PAGES = {
    "GET /sos/standing": STAFF,
    "GET /sos/<int:case_id>": STAFF,
    "GET /sos/<int:case_id>/now": STAFF,
    "POST /sos/<int:case_id>/notes": STAFF,
    "POST /sos/<int:case_id>/close": STAFF,
    "GET /desk/cards": STAFF,
    "GET /desk/cards/pane": STAFF,
    "GET /desk/tasks": STAFF,
    "POST /desk/tasks/<what>/<int:number>/claim": STAFF,
    "POST /desk/tasks/<what>/<int:number>/release": STAFF,
    "POST /desk/tasks/<what>/<int:number>/defer": STAFF,
    "POST /desk/tasks/<what>/<int:number>/done": STAFF,
}

PHONE_PAGES = {
    "POST /desk/calls/<call_id>/note": STAFF,
    "POST /desk/calls/<call_id>/draft": STAFF,
    "POST /desk/elders": STAFF,
    "POST /desk/phone": STAFF,
    "GET /phone": STAFF,
    "POST /phone/account": STAFF,
    "GET /desk/talk": STAFF,
    "POST /desk/talk/<call_id>": STAFF,
}
