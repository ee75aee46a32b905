"""Who may use reports, by hand, for `test_access`."""

from __future__ import annotations

OVERSEERS = {"supervisor", "administrator", "auditor"}
LEADS = {"supervisor", "administrator"}

REPORT_PAGES = {
    "GET /supervisor/reports": OVERSEERS,
    "GET /supervisor/reports/<report>": OVERSEERS,
    "GET /supervisor/reports/<report>/<int:number>.svg": OVERSEERS,
    "GET /supervisor/reports/<report>/export.<form>": OVERSEERS,
    "POST /supervisor/reports/schedules": LEADS,
    "POST /supervisor/reports/schedules/<int:schedule_id>": LEADS,
    "POST /supervisor/reports/schedules/<int:schedule_id>/<what>": LEADS,
    "GET /supervisor/reports/kept/<int:run_id>": OVERSEERS,
    "POST /supervisor/reports/kept/<int:run_id>/again": LEADS,
}
REPORT_API = {
    "GET /api/v1/reports": OVERSEERS,
    "GET /api/v1/reports/<string:name>": OVERSEERS,
}
