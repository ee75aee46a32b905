"""Who may do what with cases, work lists and knowledge cards, by hand, for `test_access`."""

from __future__ import annotations

STAFF = {"agent", "supervisor", "administrator"}

CASE_PAGES = {
    "GET /sos/standing": STAFF,
    "GET /sos/<int:case_id>": STAFF,
    "GET /sos/<int:case_id>/now": STAFF,
    "POST /sos/<int:case_id>/notes": STAFF,
    "POST /sos/<int:case_id>/close": STAFF,
}
