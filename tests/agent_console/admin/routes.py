"""Who may use the pages of administrators, auditors and companies, by hand, for `test_access`."""

from __future__ import annotations

ADMINISTRATORS = {"administrator"}
AUDITORS = {"administrator", "auditor"}
COMPANIES = {"company"}

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
