"""Workers' certificates and background checks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.privacy import Lens, audit_list
from agent_console.services import console_services
from routing.orders.qualifying.policy import VETTINGS
from routing.orders.qualifying.register import CertificateView

resource = Resource("certificates", "What workers may do, until when, and who has seen the proof")


class CertificateSchema(Schema):
    """A certificate."""

    id = fields.Integer()
    worker_id = fields.Integer()
    worker_code = fields.String()
    worker_name = fields.String()
    company_id = fields.Integer()
    kind = fields.String()
    number = fields.String(allow_none=True)
    issued = fields.Date(allow_none=True)
    expires = fields.Date(allow_none=True, metadata={"description": "its last day; null: it does not end"})
    state = fields.String(metadata={"description": "valid or revoked; an expired one is still valid on earlier days"})
    checked_by = fields.String()
    added_at = Instant()
    revoked_by = fields.String(allow_none=True)
    why = fields.String(allow_none=True)


class CertificatesSchema(Schema):
    """Certificates, what ends first at the top; 500 at most."""

    items = fields.List(fields.Nested(CertificateSchema))


class CertificateQuery(Schema):
    """Asks for certificates."""

    worker_id = fields.Integer(load_default=None)
    company_id = fields.Integer(load_default=None)
    expires_before = fields.Date(load_default=None)


class NewCertificateSchema(Schema):
    """A certificate that was seen."""

    worker_id = fields.Integer(required=True, strict=True)
    kind = fields.String(required=True, validate=validate.Length(1, 40))
    number = fields.String(load_default="", validate=validate.Length(max=80))
    issued = fields.Date(load_default=None, allow_none=True)
    expires = fields.Date(load_default=None, allow_none=True)


class RevokeSchema(Schema):
    """Why it is taken back."""

    why = fields.String(required=True, validate=validate.Length(1, 500))


class VetSchema(Schema):
    """What a background check said."""

    worker_id = fields.Integer(required=True, strict=True)
    state = fields.String(required=True, validate=validate.OneOf(VETTINGS))
    until = fields.Date(load_default=None, allow_none=True)


class UncoveredSchema(Schema):
    """An accepted order whose worker may not do it on its day."""

    order_id = fields.Integer()
    number = fields.String()
    due_at = Instant()
    company_id = fields.Integer(allow_none=True)
    worker_id = fields.Integer()
    worker_code = fields.String()
    reason = fields.String()


class UncoveredListSchema(Schema):
    """Such orders, the earliest first."""

    items = fields.List(fields.Nested(UncoveredSchema))


def _shown(view: CertificateView, lens: Lens) -> Shown:
    return {
        **asdict(view), "worker_name": lens.name(view.worker_name), "number": lens.text(view.number),
        "why": lens.text(view.why),
    }  # fmt: skip


@resource.get("", CertificatesSchema, query=CertificateQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List certificates."""
    services, who = console_services(), identity()
    found = services.certificates.all(**asked)
    audit_list(services, who, "certificate.listed", [f"certificate:{each.id}" for each in found])
    return {"items": [_shown(each, Lens(who)) for each in found]}


@resource.get("/uncovered", UncoveredListSchema)
def uncovered() -> Shown:
    """List orders that need another worker, because of a certificate."""
    return {"items": [asdict(each) for each in console_services().certificates.uncovered()]}


@resource.post("", CertificateSchema, body=NewCertificateSchema, status=201, refuses={404: "no such worker"})
def add(asked: dict[str, Any]) -> Shown:
    """Write that a certificate was seen."""
    who = identity()
    return _shown(console_services().certificates.add(asked.pop("worker_id"), actor=who.actor, **asked), Lens(who))


@resource.post(
    "/<int:certificate_id>/revoke", CertificateSchema, body=RevokeSchema,
    refuses={404: "no such certificate", 409: "it was revoked before"},
)  # fmt: skip
def revoke(asked: dict[str, Any], certificate_id: int) -> Shown:
    """Take a certificate back."""
    who = identity()
    return _shown(console_services().certificates.revoke(certificate_id, asked["why"], who.actor), Lens(who))


@resource.post("/vetting", VetSchema, body=VetSchema, refuses={404: "no such worker"})
def vet(asked: dict[str, Any]) -> Shown:
    """Write what the background check of a worker said."""
    console_services().certificates.vet(asked["worker_id"], asked["state"], asked["until"], identity().actor)
    return asked
