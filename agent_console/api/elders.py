"""Elders. A whole record is given to those whose work it is, and every look is audited; auditors see masks."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, note_list, page_of, show_page, where_asked
from agent_console.desk.record import by_number
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from db.models import Elder
from routing.errors import NotFound
from routing.numbers import normalise

resource = Resource("elders", "Registered elders; personal data masked by role, looks audited")

_FOUND = 50  # Matches given by a search.


class PhoneSchema(Schema):
    """A number of an elder."""

    number = fields.String(allow_none=True)
    kind = fields.String()
    place = fields.String(allow_none=True, metadata={"description": "where it is, if that is not the address"})


class ContactSchema(Schema):
    """A relative or neighbour."""

    name = fields.String()
    relation = fields.String()
    number = fields.String(allow_none=True)
    priority = fields.Integer()
    has_key = fields.Boolean(metadata={"description": "has a key to the elder's door"})


class ElderSchema(Schema):
    """An elder, enough to choose by."""

    id = fields.Integer()
    code = fields.String()
    name = fields.String()
    sex = fields.String()
    birth_date = fields.Date(allow_none=True)
    district = fields.String()
    phones = fields.List(fields.Nested(PhoneSchema))
    payer_class = fields.String()
    caller_class = fields.String()
    lives_alone = fields.Boolean()
    state = fields.String()


class ElderRecordSchema(ElderSchema):
    """The full record."""

    address = fields.String(allow_none=True)
    landmarks = fields.String(allow_none=True, metadata={"description": "how the door is found"})
    way_in = fields.String(allow_none=True, metadata={"description": "how to get in if nobody opens"})
    health_notes = fields.String(allow_none=True)
    hearing = fields.String()
    dialect = fields.String()
    language = fields.String()
    straight_to_person = fields.Boolean()
    contacts = fields.List(fields.Nested(ContactSchema))
    created_at = Instant()
    updated_at = Instant()


class ElderQuery(PageQuery):
    """Asks for elders."""

    district = fields.String()
    state = fields.String()


class SearchSchema(Schema):
    """What to find an elder by. In the body, so that no address of a request holds it."""

    number = fields.String(validate=validate.Length(1, 40), metadata={"description": "as dialled or E.164"})
    name = fields.String(validate=validate.Length(1, 60), metadata={"description": "the whole name"})
    code = fields.String(validate=validate.Length(1, 40))

    @validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("give one of number, name and code")


class SearchResultSchema(Schema):
    """Who was found; several elders may share a number."""

    items = fields.List(fields.Nested(ElderRecordSchema))
    next_cursor = fields.String(allow_none=True)


def show_elder(elder: Elder, lens: Lens) -> Shown:
    """An elder as `lens` lets them be seen; of the date of birth the year is left."""
    born = elder.birth_date
    return {
        **{name: getattr(elder, name) for name in ElderSchema._declared_fields},
        "name": lens.name(elder.name),
        "birth_date": born if born is None or lens.clear else born.replace(month=1, day=1),
        "phones": [
            {"number": lens.number(phone.number), "kind": phone.kind, "place": lens.text(phone.place)}
            for phone in elder.phones
        ],
    }


def show_record(elder: Elder, lens: Lens) -> Shown:
    """The full record as `lens` lets it be seen."""
    contacts = [
        {
            "name": lens.name(contact.name),
            "relation": contact.relation,
            "number": lens.number(contact.number),
            "priority": contact.priority,
            "has_key": contact.has_key,
        }
        for contact in sorted(elder.contacts, key=lambda contact: contact.priority)
    ]
    own = set(ElderRecordSchema._declared_fields) - set(ElderSchema._declared_fields) - {"contacts"}
    return {
        **show_elder(elder, lens),
        **{name: getattr(elder, name) for name in own},
        "address": lens.text(elder.address),
        "landmarks": lens.text(elder.landmarks),
        "way_in": lens.text(elder.way_in),
        "health_notes": lens.text(elder.health_notes),
        "contacts": contacts,
    }


_WHOLE = (selectinload(Elder.phones), selectinload(Elder.contacts))


@resource.get("", page_of(ElderSchema), query=ElderQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List elders, the latest registered first."""
    query = where_asked(select(Elder).options(selectinload(Elder.phones)), Elder, asked, "district", "state")
    return show_page(query, (Elder.id,), asked, show_elder, "elder.listed")


@resource.get("/<int:elder_id>", ElderRecordSchema, refuses={404: "no such elder"})
def show(elder_id: int) -> Shown:
    """Show a full record."""
    services, who = console_services(), identity()
    with services.reading() as work:
        elder = work.scalar(select(Elder).where(Elder.id == elder_id).options(*_WHOLE))
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
    audit(services, who, "elder.record", f"elder:{elder_id}")
    return show_record(elder, Lens(who))


@resource.post("/search", SearchResultSchema, body=SearchSchema)
def search(asked: dict[str, Any]) -> Shown:
    """Find elders by telephone number, whole name or registration number."""
    services, who = console_services(), identity()
    settings, cipher = services.settings, services.cipher
    query = select(Elder).options(*_WHOLE).order_by(Elder.id).limit(_FOUND)
    if "number" in asked:
        number = normalise(asked["number"], settings.country, settings.area_code).number
        if number is None:
            return {"items": [], "next_cursor": None}
        query = query.where(by_number(cipher.number_index(number)))
    elif "name" in asked:
        query = query.where(Elder.name_index == cipher.name_index(asked["name"]))
    else:
        query = query.where(Elder.code == asked["code"])
    with services.reading() as work:
        lens = Lens(who)
        shown = [show_record(elder, lens) for elder in work.scalars(query)]
    note_list("elder.found", shown)
    return {"items": shown, "next_cursor": None}
