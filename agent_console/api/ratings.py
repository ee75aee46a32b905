"""What elders said of their orders."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import select

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.privacy import Lens
from agent_console.services import console_services
from db.models import Rating
from routing.errors import NotFound

resource = Resource("ratings", "Scores, one for each order and channel")


class RatingSchema(Schema):
    """A score."""

    id = fields.Integer()
    order_id = fields.Integer()
    channel = fields.String(metadata={"description": "call, sms or desk"})
    done = fields.Boolean(allow_none=True, metadata={"description": "was the service done, as the elder says"})
    score = fields.Integer(allow_none=True, metadata={"description": "1 (very dissatisfied) to 5 (very satisfied)"})
    remark = fields.String(allow_none=True)
    at = Instant()


class RatingQuery(PageQuery):
    """Asks for ratings."""

    order_id = fields.Integer()
    channel = fields.String()


class ResponseCountsSchema(Schema):
    """What came of asking."""

    call_asked = fields.Integer(metadata={"description": "call-backs after a service that were dialled"})
    call_answered = fields.Integer()
    call_scored = fields.Integer()
    sms_asked = fields.Integer()
    sms_sent = fields.Integer()
    sms_delivered = fields.Integer(metadata={"description": "as the carrier reports"})
    sms_answered = fields.Integer()
    sms_scored = fields.Integer()
    sms_unclear = fields.Integer(metadata={"description": "answered, and only a person could read it"})
    done = fields.Integer(metadata={"description": "orders done"})
    confirmed = fields.Integer(metadata={"description": "of these, by an elder's word, by any channel"})


class ResponseLineSchema(ResponseCountsSchema):
    """One week (its Monday), kind of service or company (their codes)."""

    key = fields.String()
    name = fields.String()


class SummarySchema(Schema):
    """Who answered when asked how it was."""

    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")
    total = fields.Nested(ResponseCountsSchema)
    weeks = fields.List(fields.Nested(ResponseLineSchema))
    kinds = fields.List(fields.Nested(ResponseLineSchema))
    companies = fields.List(fields.Nested(ResponseLineSchema))


class SummaryQuery(Schema):
    """Asks for days, first and last included; without them this week and the seven before it."""

    first = fields.Date(load_default=None, data_key="from")
    last = fields.Date(load_default=None, data_key="to")


def show_rating(rating: Rating, lens: Lens) -> Shown:
    """A rating; the remark is an elder's own words."""
    shown = {name: getattr(rating, name) for name in RatingSchema._declared_fields}
    return {**shown, "remark": lens.text(rating.remark)}


@resource.get("", page_of(RatingSchema), query=RatingQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List ratings, the newest first."""
    query = where_asked(select(Rating), Rating, asked, "order_id", "channel")
    return show_page(query, (Rating.id,), asked, show_rating, "rating.listed")


@resource.get("/summary", SummarySchema, query=SummaryQuery, refuses={422: "what is wrong with the days"})
def summary(asked: dict[str, Any]) -> Shown:
    """Count who answered when asked how it was, by channel: in all, by week, by kind of service, by company."""
    found = console_services().responses.between(asked["first"], asked["last"])
    lines = {
        name: [{"key": each.key, "name": each.name, **vars(each.counts)} for each in getattr(found, name)]
        for name in ("weeks", "kinds", "companies")
    }
    return {"first": found.first, "last": found.last, "total": vars(found.total), **lines}


@resource.get("/<int:rating_id>", RatingSchema, refuses={404: "no such rating"})
def show(rating_id: int) -> Shown:
    """Show one rating."""
    with console_services().reading() as work:
        rating = work.get(Rating, rating_id)
        if rating is None:
            raise NotFound(f"there is no rating {rating_id}")
        return show_rating(rating, Lens(identity()))
