"""The agent's page: the state, the caller's record as the call rings, orders and notes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import LEADS, identity
from agent_console.browser_policy import allow_connection
from agent_console.desk import consent_card, manner_card, promise_requests, whereabouts_form
from agent_console.desk.notes import draft_note as write_draft
from agent_console.desk.notes import note_call as write_call_note
from agent_console.desk.order_form import FIELDS, quote_of, read_form, reasons_of, who_comes_first
from agent_console.desk.record import CallInHand, call_in_hand, find_elders, items, kind_of, read_record
from agent_console.desk.register_form import prefilled
from agent_console.desk.sos_view import whereabouts
from agent_console.photos import photo_in_record
from agent_console.privacy import Lens
from agent_console.services import ConsoleServices, console_services
from agent_console.supervision.board import snapshot_or_none
from agent_console.texts import text, yuan
from routing.calls.messages import ASKED_STATES, SetAgentState
from routing.orders.errors import LooksDoubled, NobodyServes
from routing.orders.policy import promised_for
from routing.orders.pricing.errors import PriceChanged
from routing.orders.quotes import Quote
from routing.orders.sos import RESULTS

_LONGEST_NOTE, _LONGEST_PLACE = 2000, 300  # Characters.

blueprint = Blueprint("desk", __name__, url_prefix="/desk")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """The page; with a call in hand (or ?elder=, ?call=) the record is there from the start."""
    services, who = console_services(), identity()
    me = (snapshot_or_none(services, who) or {}).get("me")
    elder_id, call_id, case_id = request.args.get("elder", type=int), request.args.get("call"), None
    if me and elder_id is None and call_id is None:
        elder_id, call_id, case_id = me["elder_id"], me["call_id"], me["case_id"]
    case_id = request.args.get("case", type=int) or case_id
    pane = _pane(services, elder_id, call_id, case_id) if elder_id is not None or call_id or case_id else None
    page = make_response(render_template("desk.html", me=me, who=who, pane=pane))
    phones = (services.settings.browser_phones,) if who.extension else ()
    return allow_connection(page, *phones, pictures=services.settings.map_origin)


@blueprint.get("/record")
def record() -> str:
    """The part of the page that pops up: ?elder= and ?call= as the live event names them (ids, never numbers)."""
    args = request.args
    elder_id, case_id = args.get("elder", type=int), args.get("case", type=int)
    return _pane(console_services(), elder_id, args.get("call"), case_id)


@blueprint.post("/search")
def search() -> str:
    """Find elders by number, registration number or name. A POST, so that no address holds any of these."""
    services, who = console_services(), identity()
    found = find_elders(services, who, request.form.get("wanted", ""))
    call_id = request.form.get("call") or None
    if len(found) == 1:
        return _pane(services, found[0].id, call_id, None)
    call = call_in_hand(services, who, call_id)
    return render_template("_found.html", found=found, call=call, given=prefilled(call))


@blueprint.post("/orders")
def place_order() -> ResponseReturnValue:
    """Place an order for an elder; sending the same form twice makes one order.

    What the elder pays is shown first: a form that does not say what they were told is asked back with the price.
    """
    services, who = console_services(), identity()
    given = read_form(request.form, services.settings.zone)
    if given is None:
        abort(400)
    before = services.intake.placed(given.order_key)
    if before is not None:
        return _done(given.elder_id, text("order.placed", number=before.number))
    try:
        quote = quote_of(services, given)
        if given.told_fen is None:
            return _asked_what_they_pay(quote)
        placed = services.intake.place(given.asked(who.actor, quote.price.quantity))
    except PriceChanged as changed:
        pays = changed.price.elder_pays_fen
        question = text("order.ask.changed", told=yuan(given.told_fen or 0), pays=yuan(pays))
        return _asked_back(question, {"told": str(pays)}, reasons_of(changed.price))
    except LooksDoubled as same:
        return _asked_back(text("order.ask.repeat", number=same.number), {"confirm_repeat": "1"})
    except NobodyServes:
        return _asked_back(text("order.ask.anyway"), {"place_anyway": "1"})
    return _done(given.elder_id, text("order.placed", number=placed.number))


@blueprint.post("/orders/quote")
def quote_order() -> str:
    """The price of what the form asks for, with its reasons, as the page shows it before anything is ordered."""
    services = console_services()
    given = read_form(request.form, services.settings.zone)
    if given is None:
        abort(400)
    quote = quote_of(services, given)
    first = who_comes_first(services, given, quote)
    return render_template("_quote.html", quote=quote, whys=reasons_of(quote.price), first=first)


@blueprint.post("/orders/<int:order_id>/cancel")
def cancel_order(order_id: int) -> ResponseReturnValue:
    """Cancel an order, with the reason that the elder gave."""
    services, who = console_services(), identity()
    reason = request.form.get("reason", "").strip()[:_LONGEST_NOTE]
    version = request.form.get("version", type=int)
    cancelled = services.orders.cancel(
        order_id, actor=who.actor, channel="desk", reason=reason, expected_version=version
    )
    return _done(cancelled.elder_id, text("order.cancelled", number=cancelled.number))


@blueprint.post("/callbacks/<int:callback_id>/cancel")
def cancel_promise(callback_id: int) -> ResponseReturnValue:
    """Cancel the call-back that an elder was promised in hold, with the reason."""
    reason = request.form.get("reason", "").strip()[:200]
    promise = promise_requests.cancel_promise(console_services(), identity(), callback_id, reason)
    return _done(promise.elder_id, text("promise.cancel.asked"))


@blueprint.post("/calls/<call_id>/note")
def note_call(call_id: str) -> ResponseReturnValue:
    """Keep what the agent notes about a call."""
    write_call_note(console_services(), identity(), call_id, request.form.get("note", "").strip()[:_LONGEST_NOTE])
    return _done(request.form.get("elder", type=int), text("call.note.saved"))


@blueprint.post("/calls/<call_id>/draft")
def draft_note(call_id: str) -> ResponseReturnValue:
    """Keep a note as it is typed: 204, or 409 with what somebody else has written meanwhile."""
    note, known = (request.form.get(name, "").replace("\r\n", "\n")[:_LONGEST_NOTE] for name in ("note", "known"))
    stands = write_draft(console_services(), identity(), call_id, note, known)
    return ("", 204) if stands is None else (jsonify(note=stands), 409)


@blueprint.post("/elders/<int:elder_id>/manner")
def set_manner(elder_id: int) -> ResponseReturnValue:
    """Set how an elder is spoken with, part by part; an empty part is as learnt."""
    manner_card.change(console_services(), identity(), elder_id, request.form)
    return _done(elder_id, text("manner.saved"))


@blueprint.post("/cases/<int:case_id>/notes")
def note_case(case_id: int) -> ResponseReturnValue:
    """Add a line to the case that the call belongs to."""
    line = request.form.get("note", "").strip()[:_LONGEST_NOTE]
    if line:
        console_services().cases.note(case_id, identity().actor, line)
    return _done(request.form.get("elder", type=int), text("call.note.saved"))


@blueprint.post("/cases/<int:case_id>/close")
def close_case(case_id: int) -> ResponseReturnValue:
    """Close the case of an SOS, with a result of the list; of other cases supervisors decide."""
    who, form = identity(), request.form
    if who.role not in LEADS and kind_of(console_services(), case_id) != "sos":
        abort(403)
    outcome, result = form.get("outcome", "").strip()[:_LONGEST_NOTE], form.get("result", "")
    console_services().cases.close(case_id, outcome, who.user_id, who.actor, result=result)
    return _done(form.get("elder", type=int), text("case.closed"))


@blueprint.post("/elders/<int:elder_id>/place")
def change_place(elder_id: int) -> ResponseReturnValue:
    """Put down how an elder's door is found and opened, where each phone is, and who has a key."""
    form = {name: value.strip()[:_LONGEST_PLACE] for name, value in request.form.items()}
    whereabouts_form.change(console_services(), identity(), elder_id, form, request.form.get("case", type=int))
    return _done(elder_id, text("place.saved"))


@blueprint.post("/state")
def set_state() -> ResponseReturnValue:
    """Ask the router for another state; the page shows it once the router says so."""
    who, state = identity(), ASKED_STATES.get(request.form.get("state", ""))
    if state is None or who.extension is None:
        abort(400)
    console_services().board.command(SetAgentState(who.extension, state, by=who.actor))
    return ("", 204) if _by_script() else redirect(url_for("desk.show"))


def _pane(
    services: ConsoleServices, elder_id: int | None, call_id: str | None, case_id: int | None,
    ask: Mapping[str, object] | None = None,
) -> str:  # fmt: skip
    """Render the record of the elder, or what there is to do about a caller whom nobody knows yet."""
    who = identity()
    call = call_in_hand(services, who, call_id, case_id) if call_id or case_id is not None else CallInHand()
    elder_id = elder_id or call.elder_id
    cries = call.case_kind == "sos"
    if elder_id is None:
        where = whereabouts(None, call.number, call.steps) if cries else None
        return render_template(
            "_found.html", found=call.elders, call=call, where=where, results=RESULTS, given=prefilled(call)
        )
    found = read_record(services, who, elder_id)
    due = promised_for(services.clock()).astimezone(services.settings.zone)
    offered = items(services)
    rates = services.prices.rates_for(elder_id, [item.id for item in offered], due)
    priced = [(item, rates[item.id]) for item in offered if item.id in rates]
    manner = services.manners.of(elder_id)
    where = whereabouts(found.elder, call.number, call.steps) if cries else None
    return render_template(
        "_record.html", record=found, call=call, items=priced, key=uuid.uuid4().hex, due=f"{due:%Y-%m-%dT%H:%M}",
        manner=manner_card.rows_of(services, manner), favourite=manner_card.favourite_of(services, manner),
        where=where, results=RESULTS, lens=Lens(who), ask=ask, consents=consent_card.card_of(services, elder_id),
        consent_choices=consent_card.choices(), photo=photo_in_record(services, who, elder_id),
    )  # fmt: skip


def _asked_what_they_pay(quote: Quote) -> ResponseReturnValue:
    """Ask back with the price: nobody is charged what they were not told."""
    pays = quote.price.elder_pays_fen
    answer, lines = {"told": str(pays)}, reasons_of(quote.price)
    if quote.nobody_serves:
        answer["place_anyway"] = "1"
        lines.append(text("order.ask.anyway"))
    return _asked_back(text("order.ask.told", price=yuan(quote.price.price_fen), pays=yuan(pays)), answer, lines)


def _asked_back(question: str, answer: dict[str, str], lines: Sequence[str] = ()) -> ResponseReturnValue:
    """Show the record with a question above: the same form again, with the answer to it."""
    form = request.form
    given = {name: form[name] for name in FIELDS if name in form} | answer
    yes = text("order.ask.agreed") if "told" in answer else text("order.ask.yes")
    ask = {"question": question, "given": given, "lines": lines, "yes": yes}
    elder_id, call_id, case_id = form.get("elder", type=int), form.get("call") or None, form.get("case", type=int)
    pane = _pane(console_services(), elder_id, call_id, case_id, ask)
    if _by_script():
        return pane
    who = identity()
    me = (snapshot_or_none(console_services(), who) or {}).get("me")
    return render_template("desk.html", me=me, who=who, pane=pane), 409


def _done(elder_id: int | None, message: str) -> ResponseReturnValue:
    """Show the record anew: the part alone to the page's script, the whole page to a browser without it."""
    call_id, case_id = request.form.get("call") or None, request.form.get("case", type=int)
    flash(message)
    if _by_script():
        return _pane(console_services(), elder_id, call_id, case_id)
    return redirect(url_for("desk.show", elder=elder_id, call=call_id))


def _by_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"
