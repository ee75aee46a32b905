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


def show_rating(rating: Rating, lens: Lens) -> Shown:
    """A rating; the remark is an elder's own words."""
    shown = {name: getattr(rating, name) for name in RatingSchema._declared_fields}
    return {**shown, "remark": lens.text(rating.remark)}


@resource.get("", page_of(RatingSchema), query=RatingQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List ratings, the newest first."""
    query = where_asked(select(Rating), Rating, asked, "order_id", "channel")
    return show_page(query, (Rating.id,), asked, show_rating, "rating.listed")


@resource.get("/<int:rating_id>", RatingSchema, refuses={404: "no such rating"})
def show(rating_id: int) -> Shown:
    """Show one rating."""
    with console_services().reading() as work:
        rating = work.get(Rating, rating_id)
        if rating is None:
            raise NotFound(f"there is no rating {rating_id}")
        return show_rating(rating, Lens(identity()))
