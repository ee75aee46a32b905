"""Who may do what with daily calls and reminders, by hand, for `test_access`."""

from __future__ import annotations

STAFF = {"agent", "supervisor", "administrator"}
READERS = STAFF | {"auditor"}
LEADS = {"supervisor", "administrator"}
OVERSEERS = LEADS | {"auditor"}

DAILY_PAGES = {
    "GET /supervisor/menus": OVERSEERS,
    "POST /supervisor/menus/<kind>": LEADS,
    "GET /board": OVERSEERS,
    "GET /board/live": OVERSEERS,
    "GET /board/today": OVERSEERS,
    "GET /supervisor/campaigns": OVERSEERS,
    "POST /supervisor/campaigns": LEADS,
    "GET /supervisor/campaigns/<int:campaign_id>": OVERSEERS,
    "GET /supervisor/campaigns/<int:campaign_id>/progress": OVERSEERS,
    "GET /supervisor/campaigns/<int:campaign_id>/recipients.csv": OVERSEERS,
    "GET /supervisor/campaigns/<int:campaign_id>/recording": OVERSEERS,
    "POST /supervisor/campaigns/<int:campaign_id>/recording": LEADS,
    "POST /supervisor/campaigns/<int:campaign_id>/<what>": LEADS,
    "GET /desk/elders/<int:elder_id>/medicine": READERS,
    "GET /desk/elders/<int:elder_id>/medicine/export.csv": READERS,
    "POST /desk/elders/<int:elder_id>/medicine": STAFF,
    "POST /desk/elders/<int:elder_id>/medicine/<int:reminder_id>/end": STAFF,
    "POST /desk/elders/<int:elder_id>/medicine/pauses": STAFF,
    "POST /desk/elders/<int:elder_id>/medicine/pauses/<int:pause_id>/end": STAFF,
    "GET /desk/wellbeing": READERS,
    "GET /desk/elders/<int:elder_id>/wellbeing": READERS,
    "POST /desk/elders/<int:elder_id>/wellbeing": STAFF,
    "POST /desk/elders/<int:elder_id>/wellbeing/end": STAFF,
    "POST /desk/elders/<int:elder_id>/wellbeing/pauses": STAFF,
    "POST /desk/elders/<int:elder_id>/wellbeing/pauses/<int:pause_id>/end": STAFF,
}
DAILY_API = {
    "GET /api/v1/campaigns": OVERSEERS,
    "POST /api/v1/campaigns": LEADS,
    "GET /api/v1/campaigns/<int:campaign_id>": OVERSEERS,
    "GET /api/v1/campaigns/<int:campaign_id>/preview": OVERSEERS,
    "GET /api/v1/campaigns/<int:campaign_id>/recipients": OVERSEERS,
    "POST /api/v1/campaigns/<int:campaign_id>/move": LEADS,
    "GET /api/v1/reminders": READERS,
    "POST /api/v1/reminders": STAFF,
    "POST /api/v1/reminders/<int:reminder_id>/end": STAFF,
    "POST /api/v1/reminders/pauses": STAFF,
    "POST /api/v1/reminders/pauses/<int:pause_id>/end": STAFF,
    "GET /api/v1/wellbeing": READERS,
    "GET /api/v1/wellbeing/elders/<int:elder_id>": READERS,
    "POST /api/v1/wellbeing/elders/<int:elder_id>": STAFF,
    "POST /api/v1/wellbeing/elders/<int:elder_id>/end": STAFF,
    "POST /api/v1/wellbeing/elders/<int:elder_id>/pauses": STAFF,
    "POST /api/v1/wellbeing/elders/<int:elder_id>/pauses/<int:pause_id>/end": STAFF,
}
