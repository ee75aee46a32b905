"""What the API says and takes about companies beside their record."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from agent_console.api.schemas import Instant
from routing.orders.providers.availability import MOST_CAPACITY
from routing.orders.scorecards.service import MOST_MONTHS


class ShareSchema(Schema):
    """Some of a number."""

    part = fields.Integer()
    of = fields.Integer()
    value = fields.Float(allow_none=True, metadata={"description": "0 to 1; null of nothing"})
    shrunk = fields.Float(metadata={"description": "(0.8 x 10 + part) / (10 + of), which ranking takes"})


class CardSchema(Schema):
    """A scorecard of a period."""

    acceptance = fields.Nested(ShareSchema, metadata={"description": "of offers that ended; expiry is no"})
    answer_seconds = fields.Float(allow_none=True, metadata={"description": "median"})
    punctuality = fields.Nested(ShareSchema, metadata={"description": "of visits begun, within 30 minutes"})
    verified = fields.Nested(ShareSchema, metadata={"description": "of visits that are over"})
    score = fields.Float(metadata={"description": "1 to 5, shrunk toward 4"})
    score_formula = fields.String()
    scores = fields.Integer()
    complaints = fields.Integer()
    complaints_upheld = fields.Integer()
    complaints_per_100 = fields.Float(allow_none=True)
    disputes = fields.Integer()
    done = fields.Integer()
    declined_for = fields.Dict(metadata={"description": "reasons for declining, counted"})


class GroundSchema(Schema):
    """What speaks for suspending a company."""

    code = fields.String()
    reason = fields.String()


class CompanyCardSchema(CardSchema):
    """A company's scorecard of the last 90 days."""

    id = fields.Integer()
    code = fields.String()
    name = fields.String()
    active = fields.Boolean()
    suspended = fields.Boolean()
    suspension_suggested_for = fields.List(fields.Nested(GroundSchema))


class MonthSchema(CardSchema):
    """A scorecard of one local month."""

    month = fields.Date(metadata={"description": "its first day"})


class CompanyRecordSchema(CompanyCardSchema):
    """A company's scorecard, and those of its months."""

    line_code = fields.String(metadata={"description": "the number by which it is known on the telephone"})
    months = fields.List(fields.Nested(MonthSchema))


class CardsSchema(Schema):
    """All companies."""

    items = fields.List(fields.Nested(CompanyCardSchema))


class MonthsQuery(Schema):
    """Asks for months."""

    months = fields.Integer(load_default=12, validate=validate.Range(1, MOST_MONTHS))


class SuspendSchema(Schema):
    """Why, and for how long."""

    reason = fields.String(required=True, validate=validate.Length(1, 2000))
    from_at = fields.AwareDateTime(load_default=None, allow_none=True)
    until = fields.AwareDateTime(load_default=None, allow_none=True, metadata={"description": "null: until lifted"})


class ReasonSchema(Schema):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class SuspensionSchema(Schema):
    """A decision to suspend a company."""

    id = fields.Integer()
    company_id = fields.Integer()
    from_at = Instant()
    until_at = Instant(allow_none=True)
    reason = fields.String()
    decided_at = Instant()
    decided_by = fields.String()
    lifted_at = Instant(allow_none=True)
    lifted_by = fields.String(allow_none=True)
    lifted_reason = fields.String()


class WordSchema(Schema):
    """One word of the history."""

    at = Instant()
    kind = fields.String(metadata={"description": "closed, capacity or opened"})
    from_at = Instant()
    until_at = Instant()
    capacity = fields.Integer(allow_none=True)
    actor = fields.String()
    channel = fields.String()
    ended_at = Instant(allow_none=True)


class AvailabilitySchema(Schema):
    """When a company takes orders."""

    closed_until = Instant(allow_none=True)
    capacity = fields.Integer(allow_none=True, metadata={"description": "of orders due today; null: as on record"})
    history = fields.List(fields.Nested(WordSchema))


class AvailabilityChange(Schema):
    """What changes; what is left out stays."""

    closed_until = fields.AwareDateTime(allow_none=True, metadata={"description": "null: open again"})
    capacity = fields.Integer(validate=validate.Range(0, MOST_CAPACITY), metadata={"description": "of today"})


class NewCompanySchema(Schema):
    """A company."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, metadata={"description": "as dialled or E.164"})
    items = fields.List(fields.String(), required=True, metadata={"description": "codes"})
    districts = fields.List(fields.String(), load_default=[])
    daily_capacity = fields.Integer(load_default=100)
    latitude = fields.Float(load_default=None, allow_none=True)
    longitude = fields.Float(load_default=None, allow_none=True)


class MadeSchema(Schema):
    """What was made."""

    id = fields.Integer()


class CompanyPhoneSchema(Schema):
    """A further telephone of a company."""

    number = fields.String(required=True, validate=validate.Length(1, 40))
    label = fields.String(load_default="", validate=validate.Length(max=60))


class PinSchema(Schema):
    """A PIN of four to eight digits; empty: none any more."""

    pin = fields.String(required=True, validate=validate.Length(max=8))


class NothingSchema(Schema):
    """Nothing to say."""
