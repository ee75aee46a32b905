"""Workers with their certificates and background checks: what ends, who may not be sent, and the forms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.languages import language
from agent_console.privacy import Lens, audit, write_down
from agent_console.services import console_services
from agent_console.texts import text
from db.elders_import import MissingColumns, UnreadableFile
from db.models import Worker
from routing.errors import Invalid
from routing.orders.qualifying.importing import CertificateImport, CertificatesReport
from routing.orders.qualifying.policy import THRESHOLDS, VETTINGS

MOST_WORKERS = 500
MOST_SHOWN = 200
"""Rows of a file that were not taken, as the page names them."""

blueprint = Blueprint("certificates_page", __name__, url_prefix="/supervisor/certificates")


@blueprint.get("")
def show() -> str:
    """What ends within a month, orders whose worker may not do them, and all active workers with what they hold."""
    return _page()


def _page(done: CertificatesReport | None = None) -> str:
    services, who = console_services(), identity()
    today = services.clock().astimezone(services.settings.zone).date()
    ending = services.certificates.all(expires_before=today + timedelta(days=max(THRESHOLDS) + 1))
    held: dict[int, list[object]] = {}
    for each in services.certificates.all():
        held.setdefault(each.worker_id, []).append(each)
    with services.reading() as work:
        query = select(Worker).where(Worker.active.is_(True)).options(joinedload(Worker.company))
        workers = work.scalars(query.order_by(Worker.company_id, Worker.code).limit(MOST_WORKERS)).all()
    audit(services, who, "certificate.listed", "workers")
    return render_template(
        "certificates.html", ending=ending, uncovered=services.certificates.uncovered(), workers=workers, held=held,
        today=today, vettings=VETTINGS, lens=Lens(who), done=done, most=MOST_SHOWN,
    )  # fmt: skip


@blueprint.post("/import")
def bring_in() -> ResponseReturnValue:
    """Take the certificates of a file, and name each row that was not taken."""
    services, who, given = console_services(), identity(), request.files.get("file")
    if given is None or not given.filename:
        raise Invalid(text("certificate.import.none"))
    importer = CertificateImport(
        services.reading, services.certificates, lambda: services.clock().astimezone(services.settings.zone).date()
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "certificates"
        given.save(path)
        try:
            done = importer.run(path, who.actor)
        except (UnreadableFile, MissingColumns) as wrong:
            chinese, _, english = str(wrong).partition(" / ")
            raise Invalid(english if english and language() == "en" else chinese) from wrong
    write_down(
        services, who, "certificate.imported", "workers",
        f"{done.rows} rows, {done.added} added, {done.known} known, {len(done.bad)} not taken",
    )  # fmt: skip
    return _page(done)


@blueprint.post("/workers/<int:worker_id>")
def add(worker_id: int) -> ResponseReturnValue:
    """Write that a certificate was seen."""
    form = request.form
    console_services().certificates.add(
        worker_id, form.get("kind", ""), actor=identity().actor, number=form.get("number", "").strip()[:80],
        issued=day_of(request.form, "issued"), expires=day_of(request.form, "expires"),
    )  # fmt: skip
    return _done()


@blueprint.post("/<int:certificate_id>/revoke")
def revoke(certificate_id: int) -> ResponseReturnValue:
    """Take a certificate back."""
    console_services().certificates.revoke(certificate_id, request.form.get("why", "")[:500], identity().actor)
    return _done()


@blueprint.post("/workers/<int:worker_id>/vetting")
def vet(worker_id: int) -> ResponseReturnValue:
    """Write what a background check said."""
    console_services().certificates.vet(
        worker_id, request.form.get("state", ""), day_of(request.form, "until"), identity().actor
    )
    return _done()


def _done() -> ResponseReturnValue:
    flash(text("visit.saved"))
    return redirect(url_for("certificates_page.show"))
