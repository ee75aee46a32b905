"""Companies' scorecards, suspensions, when they take orders, and the register: the rest of the resource `providers`."""

from __future__ import annotations

from typing import Any

from agent_console.access import identity
from agent_console.api.providers import resource
from agent_console.api.schemas import Shown
from agent_console.api.scorecard_schemas import (
    AvailabilityChange,
    AvailabilitySchema,
    CardsSchema,
    CompanyPhoneSchema,
    CompanyRecordSchema,
    MadeSchema,
    MonthsQuery,
    NewCompanySchema,
    NothingSchema,
    PinSchema,
    ReasonSchema,
    SuspendSchema,
    SuspensionSchema,
)
from agent_console.companies.company_changes import suspend_company, write_down
from agent_console.services import console_services
from routing.errors import Invalid
from routing.orders.providers.line import line_code
from routing.orders.providers.register import NewCompany
from routing.orders.scorecards.policy import Scorecard, Share
from routing.orders.scorecards.service import CompanyCard

__all__ = ["resource"]


@resource.get("/scorecards", CardsSchema)
def scorecards() -> Shown:
    """Give the scorecards of all companies over the last 90 days."""
    return {"items": [_company(each) for each in console_services().scorecards.all()]}


@resource.get("/<int:company_id>/scorecard", CompanyRecordSchema, query=MonthsQuery, refuses={404: "no such company"})
def scorecard(asked: dict[str, Any], company_id: int) -> Shown:
    """Give one company's scorecard, with its months."""
    services = console_services()
    months = [
        {"month": each.month, **_card(each.card)} for each in services.scorecards.months(company_id, asked["months"])
    ]
    shown = _company(services.scorecards.of_company(company_id))
    return shown | {"line_code": line_code(company_id), "months": months}


@resource.post("", MadeSchema, body=NewCompanySchema, status=201, refuses={409: "the code is taken", 422: "why not"})
def add(asked: dict[str, Any]) -> Shown:
    """Add a company."""
    lists = {name: tuple(asked[name]) for name in ("items", "districts")}
    company_id = console_services().company_register.add(NewCompany(**asked | lists))
    write_down("provider.added", company_id, asked["code"])
    return {"id": company_id}


@resource.post(
    "/<int:company_id>/suspend", SuspensionSchema, body=SuspendSchema, status=201, refuses={404: "none", 409: "it is"}
)
def suspend(asked: dict[str, Any], company_id: int) -> Shown:
    """Suspend a company; what is offered to it goes back to dispatch."""
    return vars(suspend_company(company_id, asked["reason"], from_at=asked["from_at"], until=asked["until"]))


@resource.post("/<int:company_id>/lift", SuspensionSchema, body=ReasonSchema, refuses={404: "it is not suspended"})
def lift(asked: dict[str, Any], company_id: int) -> Shown:
    """Lift a suspension."""
    done = console_services().suspensions.lift(company_id, asked["reason"], actor=identity().actor)
    write_down("provider.suspension_lifted", company_id, asked["reason"][:500])
    return vars(done)


@resource.get("/<int:company_id>/availability", AvailabilitySchema, refuses={404: "no such company"})
def availability(company_id: int) -> Shown:
    """Tell when a company takes orders, and all that was said about it."""
    said = console_services().availability
    now = said.now(company_id)
    history = [vars(each) for each in said.history(company_id)]
    return {"closed_until": now.closed_until, "capacity": now.capacity, "history": history}


@resource.post(
    "/<int:company_id>/availability", AvailabilitySchema, body=AvailabilityChange, refuses={404: "no such company"}
)
def set_availability(asked: dict[str, Any], company_id: int) -> Shown:
    """Close a company until a time, open it again, or say how many orders it takes today."""
    said = console_services().availability
    by: dict[str, Any] = {"actor": identity().actor, "channel": "desk"}
    if not asked:
        raise Invalid("say closed_until, capacity or both")
    if "closed_until" in asked:
        if asked["closed_until"] is None:
            said.reopen(company_id, **by)
        else:
            said.close(company_id, until=asked["closed_until"], **by)
    if "capacity" in asked:
        said.set_capacity(company_id, asked["capacity"], **by)
    write_down("provider.availability", company_id, ", ".join(f"{name} {value}" for name, value in asked.items()))
    return availability(company_id)


@resource.post(
    "/<int:company_id>/phones", MadeSchema, body=CompanyPhoneSchema, status=201, refuses={404: "no such company"}
)
def add_phone(asked: dict[str, Any], company_id: int) -> Shown:
    """Know a company by one more telephone."""
    phone = console_services().company_register.add_phone(company_id, asked["number"], asked["label"])
    write_down("provider.phone_added", company_id, f"phone:{phone}")
    return {"id": phone}


@resource.post("/<int:company_id>/phones/<int:phone_id>/drop", NothingSchema, body=NothingSchema, refuses={404: "none"})
def drop_phone(_asked: dict[str, Any], company_id: int, phone_id: int) -> Shown:
    """Forget a further telephone."""
    console_services().company_register.drop_phone(company_id, phone_id)
    write_down("provider.phone_dropped", company_id, f"phone:{phone_id}")
    return {}


@resource.post("/<int:company_id>/pin", NothingSchema, body=PinSchema, refuses={404: "no such company"})
def set_pin(asked: dict[str, Any], company_id: int) -> Shown:
    """Set the PIN for calls from other telephones, or take it away."""
    console_services().company_register.set_pin(company_id, asked["pin"], actor=identity().actor)
    write_down("provider.pin_set" if asked["pin"] else "provider.pin_dropped", company_id)
    return {}


def _company(each: CompanyCard) -> Shown:
    return {
        "id": each.company_id, "code": each.code, "name": each.name, "active": each.active,
        "suspended": each.suspended, "suspension_suggested_for": [vars(ground) for ground in each.grounds],
        **_card(each.card),
    }  # fmt: skip


def _card(card: Scorecard) -> Shown:
    shares = ("acceptance", "punctuality", "verified")
    same = ("answer_seconds", "score", "score_formula", "complaints_per_100", "declined_for")
    return {
        **{name: _share(getattr(card, name)) for name in shares},
        **{name: getattr(card, name) for name in same},
        "scores": card.counts.score_count, "complaints": card.counts.complaints,
        "complaints_upheld": card.counts.upheld, "disputes": card.counts.disputes, "done": card.counts.done,
    }  # fmt: skip


def _share(share: Share) -> Shown:
    return {"part": share.part, "of": share.of, "value": share.value, "shrunk": share.shrunk}
