"""A photo in an elder's record: put, shown with the record, looked at once in the audit, deleted, and nobody else's."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import LargeBinary, select, type_coerce
from werkzeug.test import TestResponse

from db.demo import DEMO
from db.models import AuditEntry, Elder, ElderPhoto
from routing.elders.departures import Departure, NotActive
from routing.elders.portrait import MOST_BYTES
from routing.errors import NotFound
from tests.agent_console.console import Desk


@pytest.fixture
def elder_id(desk: Desk) -> int:
    with desk.services.reading() as work:
        return work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()


def photo(colour: str = "red", form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (600, 800), colour).save(file, form)
    return file.getvalue()


def token(client: FlaskClient, elder_id: int) -> str:
    shown = client.get(f"/elders/{elder_id}").get_data(as_text=True)
    return re.findall(r'name="csrf_token" value="([^"]+)"', shown)[0]


def put(client: FlaskClient, elder_id: int, content: bytes) -> TestResponse:
    form = {"csrf_token": token(client, elder_id), "photo": (io.BytesIO(content), "王桂兰.png")}
    return client.post(f"/elders/{elder_id}/photo", data=form)


def address(shown: str) -> str:
    found = re.search(r'<img class="portrait" src="([^"]+)" alt="([^"]+)" width="(\d+)" height="(\d+)"', shown)
    assert found is not None, shown
    assert found[2] == f"{DEMO.wang.name}的照片" and (found[3], found[4]) == ("360", "480")
    return found[1].replace("&amp;", "&")


def audited(desk: Desk, action: str) -> list[str]:
    with desk.services.reading() as work:
        return list(work.scalars(select(AuditEntry.subject).where(AuditEntry.action == action)))


@pytest.mark.parametrize("role", ["agent", "administrator"])
def test_it_is_put_and_stands_in_the_record_on_the_desk_and_in_the_form(desk: Desk, elder_id: int, role: str) -> None:
    client = desk.logged_in(role)
    assert "portrait" not in client.get(f"/desk/record?elder={elder_id}").get_data(as_text=True)
    answer = put(client, elder_id, photo())
    assert (answer.status_code, answer.location) == (302, f"/elders/{elder_id}")
    for page in (f"/desk/record?elder={elder_id}", f"/elders/{elder_id}"):
        image = client.get(address(client.get(page).get_data(as_text=True)))
        assert (image.status_code, image.content_type) == (200, "image/jpeg")
        assert image.headers["Cache-Control"] == "no-store" and image.headers["X-Content-Type-Options"] == "nosniff"
        assert Image.open(io.BytesIO(image.data)).size == (360, 480)
    assert audited(desk, "elder.photo.put") == [f"elder:{elder_id}"]


def test_a_photo_in_a_record_is_one_look_and_a_photo_alone_is_another(desk: Desk, elder_id: int) -> None:
    client = desk.logged_in("agent")
    put(client, elder_id, photo())
    before = len(audited(desk, "elder.record"))
    where = address(client.get(f"/desk/record?elder={elder_id}").get_data(as_text=True))
    assert client.get(where).status_code == client.get(where).status_code == 200
    assert len(audited(desk, "elder.record")) == before + 1 and audited(desk, "elder.photo") == []
    assert client.get(f"/elders/{elder_id}/photo").status_code == 200
    assert audited(desk, "elder.photo") == [f"elder:{elder_id}"]
    assert desk.logged_in("supervisor").get(where).status_code == 200
    assert len(audited(desk, "elder.photo")) == 2, "the look was somebody else's"
    assert client.get(where.replace(f"/{elder_id}/", f"/{elder_id + 1}/")).status_code == 404
    assert client.get(where[:-3]).status_code == 200
    assert len(audited(desk, "elder.photo")) == 3, "a look that nobody made"


@pytest.mark.parametrize("role", ["auditor", "company"])
def test_who_sees_masks_sees_no_photo(desk: Desk, elder_id: int, role: str) -> None:
    agent = desk.logged_in("agent")
    put(agent, elder_id, photo())
    where = address(agent.get(f"/elders/{elder_id}").get_data(as_text=True))
    other = desk.logged_in(role)
    assert other.get(where).status_code == other.get(f"/elders/{elder_id}/photo").status_code == 403


def test_what_is_no_photo_is_refused_in_words_and_the_old_one_stays(desk: Desk, elder_id: int) -> None:
    client = desk.logged_in("agent")
    put(client, elder_id, photo())
    for content, said in (
        (b"", "请先选择一张照片"), (b"hello", "不是 JPEG、PNG 或 WebP"), (photo()[:60], "打不开"),
        (bytes(MOST_BYTES + 1), "超过 5 MB"),
    ):  # fmt: skip
        answer = put(client, elder_id, content)
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 422 and said in shown and DEMO.wang.name in shown
    assert put(client, elder_id, bytes(MOST_BYTES * 2)).status_code == 413
    assert client.get(f"/elders/{elder_id}/photo").status_code == 200
    assert client.post(f"/elders/{elder_id}/photo", data={"csrf_token": token(client, elder_id)}).status_code == 422


def test_another_takes_its_place_and_it_is_deleted_for_good(desk: Desk, elder_id: int) -> None:
    client = desk.logged_in("agent")
    for colour in ("red", "blue"):
        put(client, elder_id, photo(colour))
    seen = Image.open(io.BytesIO(client.get(f"/elders/{elder_id}/photo").data)).getpixel((100, 100))
    assert isinstance(seen, tuple) and seen[2] > 200
    answer = client.post(f"/elders/{elder_id}/photo/delete", data={"csrf_token": token(client, elder_id)})
    assert answer.status_code == 302 and audited(desk, "elder.photo.deleted") == [f"elder:{elder_id}"]
    assert client.get(f"/elders/{elder_id}/photo").status_code == 404
    again = client.post(f"/elders/{elder_id}/photo/delete", data={"csrf_token": token(client, elder_id)})
    assert again.status_code == 404


def test_it_is_sealed_in_the_database(desk: Desk, elder_id: int) -> None:
    desk.services.elder_photos.put(elder_id, photo(), "user:1")
    with desk.services.reading() as work:
        stored = work.scalars(select(type_coerce(ElderPhoto.jpeg, LargeBinary))).one()
    assert b"JFIF" not in stored and b"/9j/" not in stored
    assert desk.services.elder_photos.jpeg(elder_id)[6:10] == b"JFIF"


def test_who_leaves_leaves_no_photo_behind_and_is_given_none(desk: Desk, elder_id: int) -> None:
    services = desk.services
    services.elder_photos.put(elder_id, photo(), "user:1")
    assert "照片会立即删除" in desk.logged_in("supervisor").get(f"/elders/{elder_id}/departure").get_data(as_text=True)
    gone = services.departures.depart(Departure(elder_id, "moved", date(2026, 3, 1)), "user:1")
    try:
        with pytest.raises(NotFound):
            services.elder_photos.jpeg(elder_id)
        with pytest.raises(NotActive):
            services.elder_photos.put(elder_id, photo(), "user:1")
    finally:
        services.departures.undo(gone, "user:1")
    assert services.elder_photos.size(elder_id) is None


def test_nobody_is_given_a_photo_who_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.services.elder_photos.put(999_999, photo(), "user:1")
