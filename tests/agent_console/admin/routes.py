"""Who may use the pages of administrators, auditors and companies, by hand, for `test_access`."""

from __future__ import annotations

ADMINISTRATORS = {"administrator"}
AUDITORS = {"administrator", "auditor"}
COMPANIES = {"company"}
STAFF, LEADS = {"agent", "supervisor", "administrator"}, {"supervisor", "administrator"}

ADMIN_PAGES = {
    "GET /admin/users": ADMINISTRATORS,
    "GET /admin/users/<int:user_id>": ADMINISTRATORS,
    "POST /admin/users": ADMINISTRATORS,
    "POST /admin/users/<int:user_id>": ADMINISTRATORS,
    "POST /admin/users/<int:user_id>/<what>": ADMINISTRATORS,
    "GET /admin/merges": ADMINISTRATORS,
    "POST /admin/merges/preview": ADMINISTRATORS,
    "POST /admin/merges": ADMINISTRATORS,
    "POST /admin/merges/<int:merge_id>/undo": ADMINISTRATORS,
    "GET /elders/new": STAFF,
    "POST /elders/new": STAFF,
    "GET /elders/<int:elder_id>": STAFF,
    "POST /elders/<int:elder_id>": STAFF,
    "GET /elders/<int:elder_id>/photo": STAFF,
    "POST /elders/<int:elder_id>/photo": STAFF,
    "POST /elders/<int:elder_id>/photo/delete": STAFF,
    "GET /elders/<int:elder_id>/departure": LEADS,
    "POST /elders/<int:elder_id>/departure": LEADS,
    "POST /elders/<int:elder_id>/departure/<int:departure_id>/undo": LEADS,
    "GET /admin/imports": ADMINISTRATORS,
    "POST /admin/imports": ADMINISTRATORS,
    "GET /admin/imports/<int:import_id>": ADMINISTRATORS,
    "GET /admin/imports/<int:import_id>/progress": ADMINISTRATORS,
    "GET /admin/imports/<int:import_id>/faults.csv": ADMINISTRATORS,
    "POST /admin/imports/<int:import_id>/confirm": ADMINISTRATORS,
    "POST /admin/imports/<int:import_id>/discard": ADMINISTRATORS,
    "GET /admin/companies/<int:company_id>": ADMINISTRATORS,
    "POST /admin/companies/<int:company_id>": ADMINISTRATORS,
    "POST /admin/companies/<int:company_id>/<what>": ADMINISTRATORS,
    "POST /admin/companies/workers/<int:worker_id>/<what>": ADMINISTRATORS,
    "GET /admin/settings": ADMINISTRATORS,
    "POST /admin/settings": ADMINISTRATORS,
    "POST /admin/settings/<int:change_id>/revert": ADMINISTRATORS,
    "GET /admin/sms-texts": ADMINISTRATORS,
    "GET /admin/sms-texts/<key>": ADMINISTRATORS,
    "POST /admin/sms-texts/<key>": ADMINISTRATORS,
    "POST /admin/sms-texts/<key>/<int:change_id>/restore": ADMINISTRATORS,
    "GET /admin/audit": AUDITORS,
    "GET /admin/audit/export.csv": AUDITORS,
    "GET /company": COMPANIES,
    "GET /company/visits": COMPANIES,
    "GET /company/scorecard": COMPANIES,
    "GET /company/scorecard.svg": COMPANIES,
    "GET /company/statement": COMPANIES,
    "POST /company/statement": COMPANIES,
}
ADMIN_API: dict[str, set[str]] = {}
