"""Who may do what with daily calls and reminders, by hand, for `test_access`."""

from __future__ import annotations

STAFF = {"agent", "supervisor", "administrator"}
READERS = STAFF | {"auditor"}

DAILY_PAGES = {
    "GET /desk/elders/<int:elder_id>/medicine": READERS,
    "GET /desk/elders/<int:elder_id>/medicine/export.csv": READERS,
    "POST /desk/elders/<int:elder_id>/medicine": STAFF,
    "POST /desk/elders/<int:elder_id>/medicine/<int:reminder_id>/end": STAFF,
    "GET /desk/wellbeing": READERS,
    "GET /desk/elders/<int:elder_id>/wellbeing": READERS,
    "POST /desk/elders/<int:elder_id>/wellbeing": STAFF,
    "POST /desk/elders/<int:elder_id>/wellbeing/end": STAFF,
    "POST /desk/elders/<int:elder_id>/wellbeing/pauses": STAFF,
    "POST /desk/elders/<int:elder_id>/wellbeing/pauses/<int:pause_id>/end": STAFF,
}
DAILY_API = {
    "GET /api/v1/reminders": READERS,
    "POST /api/v1/reminders": STAFF,
    "POST /api/v1/reminders/<int:reminder_id>/end": STAFF,
    "GET /api/v1/wellbeing": READERS,
    "GET /api/v1/wellbeing/elders/<int:elder_id>": READERS,
    "POST /api/v1/wellbeing/elders/<int:elder_id>": STAFF,
    "POST /api/v1/wellbeing/elders/<int:elder_id>/end": STAFF,
    "POST /api/v1/wellbeing/elders/<int:elder_id>/pauses": STAFF,
    "POST /api/v1/wellbeing/elders/<int:elder_id>/pauses/<int:pause_id>/end": STAFF,
}
