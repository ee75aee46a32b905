"""Group messages: made, previewed, started, followed while they run, paused and stopped. Each change is audited."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.orders.overdue_page import people_of
from agent_console.privacy import Lens, audit_list, write_down
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import Invalid, NotFound
from routing.orders.evv.export import BOM, safe
from routing.outreach.campaigns.policy import WARNINGS, Act, Selection, Way
from routing.outreach.campaigns.views import CampaignView, Recipient, Wish
from routing.outreach.campaigns.wishes import CLASSES, LONGEST_TEXT, LONGEST_TITLE, PAYERS

MOST_ROWS = 20_000
"""Of an export: as many as a message has recipients at the most."""
COLUMNS = ("elder_id", "name", "number", "state", "reason", "calls", "last_outcome", "settled_at")

blueprint = Blueprint("campaigns_page", __name__, url_prefix="/supervisor/campaigns")


@blueprint.get("")
def show() -> str:
    """All of them, the newest first, and the form."""
    services = console_services()
    return render_template(
        "campaigns.html", campaigns=services.campaigns.all(), districts=services.campaigns.districts(), ways=list(Way),
        warnings=WARNINGS, classes=CLASSES, payers=PAYERS, longest=LONGEST_TEXT, longest_title=LONGEST_TITLE,
        lines=services.campaigns.lines_most, hours=services.settings.calling_hours,
    )  # fmt: skip


@blueprint.post("")
def make() -> ResponseReturnValue:
    """Make a draft."""
    form, services = request.form, console_services()
    selection = Selection(
        form.get("district", ""), form.get("caller_class", ""), form.get("payer_class", ""), "alone" in form
    )
    wish = Wish(
        form.get("title", ""), form.get("text", ""), way=form.get("way", ""), warning=form.get("warning", ""),
        selection=selection, lines=_whole("lines"), opens=form.get("opens", ""), closes=form.get("closes", ""),
        starts_at=_instant("starts_at"), ends_at=_instant("ends_at"),
    )  # fmt: skip
    made = services.campaigns.make(wish, by=identity().actor)
    return _done("campaign.made", made)


@blueprint.get("/<int:campaign_id>")
def look(campaign_id: int) -> str:
    """One of them: what a start would do, or how far it is, and what became of it with whom."""
    services, who = console_services(), identity()
    campaign = services.campaigns.get(campaign_id)
    state = request.args.get("state", "")
    after = request.args.get("after", -1, type=int)
    recipients = services.recipients.of(campaign_id, state=state, after=after)
    audit_list(services, who, "campaign.recipients", [f"elder:{each.elder_id}" for each in recipients])
    preview = services.campaigns.preview(campaign_id) if Act.START in campaign.may else None
    moves = services.recipients.moves(campaign_id)
    return render_template(
        "campaign.html", campaign=campaign, preview=preview, recipients=recipients, lens=Lens(who), state=state,
        after=after, moves=moves, cost=services.recipients.cost(campaign_id),
        people=people_of(services, (each.by for each in moves)),
    )  # fmt: skip


@blueprint.get("/<int:campaign_id>/progress")
def progress(campaign_id: int) -> str:
    """How far it is: the part of the page that is fetched anew while it runs."""
    return render_template("_campaign.html", campaign=console_services().campaigns.get(campaign_id))


@blueprint.post("/<int:campaign_id>/recording")
def record(campaign_id: int) -> ResponseReturnValue:
    """Take a file with a human voice for a draft."""
    sent = request.files.get("sound")
    if sent is None:
        raise Invalid("send the recording as a file")
    kept = console_services().campaigns.record(campaign_id, sent.read(), by=identity().actor)
    return _done("campaign.recorded", kept)


@blueprint.get("/<int:campaign_id>/recording")
def recording(campaign_id: int) -> Response:
    """The human voice of one: it is public, so nobody is written down for listening."""
    path = console_services().campaigns.file(campaign_id)
    if path is None:
        raise NotFound(f"there is no recording of group message {campaign_id}")
    return send_file(path, mimetype="audio/wav", conditional=False, max_age=0)


@blueprint.post("/<int:campaign_id>/<what>")
def move(campaign_id: int, what: str) -> ResponseReturnValue:
    """Start, pause, go on, or stop."""
    campaigns, by = console_services().campaigns, identity().actor
    acts = {
        Act.START: campaigns.start, Act.PAUSE: campaigns.pause, Act.RESUME: campaigns.resume, Act.STOP: campaigns.stop,
    }  # fmt: skip
    if what not in acts:
        raise NotFound(f"nothing is called {what}")
    return _done(f"campaign.{what}", acts[Act(what)](campaign_id, by=by))


@blueprint.get("/<int:campaign_id>/recipients.csv")
def export(campaign_id: int) -> Response:
    """What became of it with each elder, as CSV; masked for whoever sees masks."""
    services, who = console_services(), identity()
    found = services.recipients.of(campaign_id, limit=MOST_ROWS)
    write_down(services, who, "campaign.exported", f"campaign:{campaign_id}", f"{len(found)} elders")
    return Response(
        _sheet(found, Lens(who)), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename=campaign-{campaign_id}.csv"},
    )  # fmt: skip


def _sheet(found: tuple[Recipient, ...], lens: Lens) -> str:
    zone = console_services().settings.zone
    written = io.StringIO(BOM, newline="")
    written.seek(0, io.SEEK_END)
    sheet = csv.writer(written)
    sheet.writerow(COLUMNS)
    for each in found:
        settled = f"{each.settled_at.astimezone(zone):%Y-%m-%d %H:%M}" if each.settled_at else ""
        row = (
            each.elder_id, lens.name(each.name), lens.number(each.number) or "", each.state, each.reason, each.attempts,
            each.last_outcome, settled,
        )  # fmt: skip
        sheet.writerow([safe(cell) for cell in row])
    return written.getvalue()


def _done(action: str, campaign: CampaignView) -> ResponseReturnValue:
    write_down(console_services(), identity(), action, f"campaign:{campaign.id}", "")
    flash(text("campaign.saved"))
    return redirect(url_for("campaigns_page.look", campaign_id=campaign.id))


def _whole(name: str) -> int:
    try:
        return int(request.form.get(name, ""))
    except ValueError:
        raise Invalid(text("campaign.lines.bad")) from None


def _instant(name: str) -> datetime | None:
    """Read a time of the form, on the clocks of the hotline. Raises Invalid."""
    given = request.form.get(name, "").strip()
    try:
        zone = console_services().settings.zone
        return datetime.fromisoformat(given).replace(tzinfo=zone).astimezone(UTC) if given else None
    except ValueError:
        raise Invalid(text("order.due.bad")) from None
