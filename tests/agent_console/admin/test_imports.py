"""Files of elders on the page: checked without a trace, then taken in the background, once, whoever dies at it."""

from __future__ import annotations

import io
import threading
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from db.elders_import import run
from db.models import Elder, ElderImport
from routing.elders import imports
from tests.agent_console.console import Desk, csrf, make_services

PAGE = "/admin/imports"
GOOD = "编号,姓名,电话,健康状况\nX-1,赵一,13931000001,糖尿病\nX-2,钱二,13931000002,\nX-3,孙三,12,\n,李四,13931000004,\n"


def hand_over(client: FlaskClient, content: bytes, name: str = "名单.csv") -> int:
    form = {"csrf_token": csrf(client, PAGE), "file": (io.BytesIO(content), name)}
    answer = client.post(PAGE, data=form, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return int(answer.location.rsplit("/", 1)[1])


def codes(desk: Desk) -> set[str]:
    with desk.services.reading() as work:
        return set(work.scalars(select(Elder.code).where(Elder.code.like("X-%"))))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_it_is_checked_shown_and_then_taken(desk: Desk, encoding: str) -> None:
    client, service = desk.logged_in("administrator"), desk.services.elder_imports
    number = hand_over(client, GOOD.encode(encoding))
    page = f"{PAGE}/{number}"
    assert client.get(f"{page}/progress").get_json()["state"] == "checking"
    assert client.post(f"{page}/confirm", data={"csrf_token": csrf(client, page)}).status_code == 409, "not checked yet"
    assert service.work_off() == 1
    shown = client.get(page).get_data(as_text=True)
    assert codes(desk) == set(), "the check leaves no trace"
    assert (
        "共 4 行：新增 2，更新 0，无变化 0，未导入 2" in shown and "不是电话号码" in shown and "必填，但是空的" in shown
    )
    assert "孙三" not in shown and "糖尿病" not in shown
    form = {"csrf_token": csrf(client, page)}
    assert client.post(f"{page}/confirm", data=form).status_code == 302
    assert client.post(f"{page}/confirm", data=form).status_code == 409, "once"
    assert service.work_off() == 1
    assert client.post(f"{page}/discard", data=form).status_code == 409, "it is in"
    assert codes(desk) == {"X-1", "X-2"}
    sheet = client.get(f"{page}/faults.csv").get_data(as_text=True)
    assert "X-3" in sheet and "is not a phone number" in sheet and "孙三" not in sheet
    with desk.services.reading() as work:
        row = work.get_one(ElderImport, number)
        assert (row.state, row.content, row.added, row.claimed_until) == ("done", None, 2, None)
    assert service.work_off() == 0


def test_the_file_is_sealed_in_the_database(desk: Desk, tmp_path: Path) -> None:
    hand_over(desk.logged_in("administrator"), GOOD.encode(), "赵一家.csv")
    with desk.services.reading() as work:
        raw = work.execute(text("SELECT name, content FROM elder_imports")).one()
    assert "赵一".encode() not in bytes(raw.content) and "赵一".encode() not in bytes(raw.name)
    assert b"1393100" not in b"".join(each.read_bytes() for each in tmp_path.glob("elderline.db*"))


def test_the_worker_goes_on_with_its_jobs_meanwhile(desk: Desk) -> None:
    """The sweep gives back control at once; another process begins nothing while the first is alive."""
    service, other = desk.services.elder_imports, make_services(desk.services.settings).elder_imports
    number, begun, go_on = (
        hand_over(desk.logged_in("administrator"), GOOD.encode()),
        threading.Event(),
        threading.Event(),
    )
    progress = service._progress

    def held(import_id: int, read: int, about: int | None) -> None:
        begun.set()
        assert go_on.wait(10)
        progress(import_id, read, about)

    service._progress = held  # type: ignore[method-assign]
    assert service.sweep() == 1 and begun.wait(10)
    assert service.sweep() == 0 and other.sweep() == 0 and other.work_off() == 0
    go_on.set()
    assert service._thread is not None
    service._thread.join(10)
    assert service.get(number).state == "checked"


def test_a_check_that_is_discarded_ends_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever took the wrong file need not wait for the end of its check, nor does the right one."""
    monkeypatch.setattr(imports, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(run, "BATCH", 1)
    client, service = desk.logged_in("administrator"), desk.services.elder_imports
    number = hand_over(client, GOOD.encode())
    steps, progress = [], service._progress

    def step(import_id: int, read: int, about: int | None) -> None:
        if not steps:
            answer = client.post(f"{PAGE}/{number}/discard", data={"csrf_token": csrf(client, f"{PAGE}/{number}")})
            assert answer.status_code == 302
        steps.append(read)
        progress(import_id, read, about)

    service._progress = step  # type: ignore[method-assign]
    assert service.work_off() == 1
    assert len(steps) == 1, "nothing was read after it"
    row = service.get(number)
    assert (row.state, row.read) == ("discarded", 1)


def test_what_is_being_taken_can_be_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in stays and is counted, the rest does not come, and the worker is free for the next."""
    monkeypatch.setattr(imports, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(run, "BATCH", 1)
    client, service = desk.logged_in("administrator"), desk.services.elder_imports
    number = hand_over(client, GOOD.encode())
    page = f"{PAGE}/{number}"
    service.work_off()
    service.confirm(number, "user:1")
    progress = service._progress

    def stopped(import_id: int, read: int, about: int | None) -> None:
        assert "停止导入" in client.get(page).get_data(as_text=True)
        assert client.post(f"{page}/discard", data={"csrf_token": csrf(client, page)}).status_code == 302
        progress(import_id, read, about)

    service._progress = stopped  # type: ignore[method-assign]
    assert service.work_off() == 1 and service.work_off() == 0
    assert codes(desk) == {"X-1"}
    assert "导入已停止：前 1 行" in client.get(page).get_data(as_text=True)


def test_what_was_in_before_it_could_be_stopped_is_said_to_be_in(desk: Desk) -> None:
    client, service = desk.logged_in("administrator"), desk.services.elder_imports
    number = hand_over(client, GOOD.encode())
    service.work_off()
    service.confirm(number, "user:1")
    finish = service._finish

    def late(*told: Any) -> None:
        service.discard(number, "user:1")
        finish(*told)

    service._finish = late  # type: ignore[method-assign]
    service.work_off()
    assert (service.get(number).state, codes(desk)) == ("done", {"X-1", "X-2"})


def test_progress_is_written_now_and_then_not_with_each_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BATCH", 1)
    service, told = desk.services.elder_imports, []
    number = hand_over(desk.logged_in("administrator"), GOOD.encode())
    monkeypatch.setattr(imports, "PROGRESS_SECONDS", 3_600.0)
    service._progress = lambda *step: told.append(step)  # type: ignore[method-assign]
    service.work_off()
    assert [(each[0], each[1]) for each in told] == [(number, 1)], "the first at once"
    assert (row := service.get(number)).state == "checked" and row.read == 4, "and at the end all of it"


def test_whoever_dies_at_it_is_followed_and_thrice_is_enough(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    service, clock = desk.services.elder_imports, desk.services.clock
    number = hand_over(desk.logged_in("administrator"), GOOD.encode())

    def dies(*_args: object, **_more: object) -> None:
        raise OSError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(imports, "import_elders", dies)
        assert service.work_off() == 1
    assert service.work_off() == 0, "the claim stands"
    service._clock = lambda: clock() + timedelta(minutes=3)
    assert service.work_off() == 1
    assert service.get(number).state == "checked"
    service.confirm(number, "user:1")
    with monkeypatch.context() as broken:
        broken.setattr(imports, "import_elders", dies)
        for times in range(1, 5):
            service._clock = lambda times=times: clock() + timedelta(minutes=10 * times)  # type: ignore[misc]
            service.work_off()
    assert (service.get(number).state, codes(desk)) == ("refused", set())


def test_what_cannot_be_taken_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client, service = desk.logged_in("administrator"), desk.services.elder_imports
    number = hand_over(client, "姓名,住址\n赵一,路\n".encode())
    service.work_off()
    assert "缺少" in (shown := client.get(f"{PAGE}/{number}").get_data(as_text=True)) or "code" in shown
    assert service.get(number).state == "refused"
    swelling = io.BytesIO()
    with zipfile.ZipFile(swelling, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (imports.MOST_UNPACKED + 1))
    form = {"csrf_token": csrf(client, PAGE), "file": (io.BytesIO(swelling.getvalue()), "x.xlsx")}
    answer = client.post(PAGE, data=form, content_type="multipart/form-data")
    assert answer.status_code == 422 and "太大" in answer.get_data(as_text=True)
    form = {"csrf_token": csrf(client, PAGE), "file": (io.BytesIO(b""), "")}
    assert client.post(PAGE, data=form, content_type="multipart/form-data").status_code == 422
    monkeypatch.setattr(imports, "MOST_ROWS", 2)
    number = hand_over(client, GOOD.encode())
    service.work_off()
    assert "超过 2 行" in service.get(number).trouble
    for _ in range(imports.MOST_WAITING):
        number = hand_over(client, GOOD.encode())
    form = {"csrf_token": csrf(client, PAGE), "file": (io.BytesIO(GOOD.encode()), "x.csv")}
    assert client.post(PAGE, data=form, content_type="multipart/form-data").status_code == 409
    assert client.post(f"{PAGE}/{number}/discard", data={"csrf_token": csrf(client, PAGE)}).status_code == 302
    hand_over(client, GOOD.encode())
