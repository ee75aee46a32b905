"""Service companies and their care workers."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import PageQuery, Shown, page_of, show_page
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from db.models import Company, CompanyItem
from routing.errors import NotFound

resource = Resource("providers", "Companies that serve elders, and their care workers")


class WorkerSchema(Schema):
    """A care worker."""

    id = fields.Integer()
    code = fields.String()
    name = fields.String()
    phone = fields.String(allow_none=True)
    vetting = fields.String(metadata={"description": "background check: empty (none), cleared or refused"})
    vetted_until = fields.Date(allow_none=True)
    rating_sum = fields.Integer()
    rating_count = fields.Integer()
    active = fields.Boolean()


class ProviderSchema(Schema):
    """A company."""

    id = fields.Integer()
    code = fields.String()
    name = fields.String()
    phone = fields.String(allow_none=True)
    districts = fields.List(fields.String())
    items = fields.List(fields.String(), metadata={"description": "codes of what it offers"})
    daily_capacity = fields.Integer()
    open_from = fields.Integer(metadata={"description": "minute of the local day"})
    open_until = fields.Integer()
    rating_sum = fields.Integer()
    rating_count = fields.Integer()
    active = fields.Boolean()


class ProviderRecordSchema(ProviderSchema):
    """A company with its workers."""

    workers = fields.List(fields.Nested(WorkerSchema))


_ITEMS = selectinload(Company.items).selectinload(CompanyItem.item)


def show_provider(company: Company, lens: Lens) -> Shown:
    """A company as `lens` lets it be seen."""
    return {
        **{name: getattr(company, name) for name in ProviderSchema._declared_fields},
        "phone": lens.number(company.phone),
        "districts": [name for name in company.districts.split(",") if name],
        "items": [offered.item.code for offered in company.items],
    }


@resource.get("", page_of(ProviderSchema), query=PageQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List companies."""
    return show_page(select(Company).options(_ITEMS), (Company.id,), asked, show_provider)


@resource.get("/<int:company_id>", ProviderRecordSchema, refuses={404: "no such company"})
def show(company_id: int) -> Shown:
    """Show one company with its workers."""
    services, who = console_services(), identity()
    with services.reading() as work:
        query = select(Company).where(Company.id == company_id).options(_ITEMS, selectinload(Company.workers))
        company = work.scalar(query)
        if company is None:
            raise NotFound(f"there is no company {company_id}")
    audit(services, who, "provider.record", f"company:{company_id}")
    lens = Lens(who)
    workers: list[dict[str, Any]] = [
        {
            **{name: getattr(worker, name) for name in WorkerSchema._declared_fields},
            "name": lens.name(worker.name),
            "phone": lens.number(worker.phone),
        }
        for worker in company.workers
    ]
    return {**show_provider(company, lens), "workers": workers}
