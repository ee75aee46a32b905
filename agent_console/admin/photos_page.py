"""The photo in an elder's record: put and deleted in the elder's own page, shown to whoever sees the record."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.admin.elders_page import form_of
from agent_console.photos import belongs_to_a_look
from agent_console.privacy import audit
from agent_console.services import console_services
from agent_console.texts import text, word
from routing.elders.portrait import Unfit

blueprint = Blueprint("photos_page", __name__, url_prefix="/elders/<int:elder_id>/photo")


@blueprint.get("")
def show(elder_id: int) -> Response:
    """The picture. Without a look at the record that it belongs to, this is a look of its own."""
    services, who = console_services(), identity()
    jpeg = services.elder_photos.jpeg(elder_id)
    if not belongs_to_a_look(request.args.get("look", ""), who, elder_id):
        audit(services, who, "elder.photo", f"elder:{elder_id}")
    return Response(jpeg, content_type="image/jpeg")


@blueprint.post("")
def put(elder_id: int) -> ResponseReturnValue:
    """Take a photo in place of what was there."""
    file = request.files.get("photo")
    try:
        console_services().elder_photos.put(elder_id, file.stream.read() if file else b"", identity().actor)
    except Unfit as unfit:
        return form_of(elder_id, photo_fault=word("photo_refusal", unfit.why), status=422)
    flash(text("photo.saved"))
    return redirect(url_for("elders_page.show", elder_id=elder_id))


@blueprint.post("/delete")
def delete(elder_id: int) -> ResponseReturnValue:
    """Delete it, for good."""
    console_services().elder_photos.drop(elder_id, identity().actor)
    flash(text("photo.deleted"))
    return redirect(url_for("elders_page.show", elder_id=elder_id))
