"""The map of an SOS in a real browser: tiles are shown, and a dead or slow server of tiles takes nothing else away."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import update

from db.demo import DEMO
from db.models import Elder
from routing.orders.sos import Raised
from tests.agent_console.browser.conftest import log_in
from tests.agent_console.conftest import run_served
from tests.agent_console.console import make_settings
from tests.agent_console.served import Served
from tests.redis_server import RedisServer

pytestmark = pytest.mark.browser

GROUND = (40, 160, 90)
PLACE = "36.07000, 103.84000"


class Tiles(ThreadingHTTPServer):
    """A small server of tiles, all of one colour. While it is `slow`, whoever asks waits."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Tile)
        self.asked: list[str] = []
        self.quick = threading.Event()
        self.quick.set()
        self.waits = threading.Event()
        file = io.BytesIO()
        Image.new("RGB", (256, 256), GROUND).save(file, "PNG")
        self.tile = file.getvalue()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Tile(BaseHTTPRequestHandler):
    server: Tiles

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.waits.set()
        self.server.quick.wait(60)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Cache-Control", "no-store")  # Else the browser would not ask again.
        self.send_header("Content-Length", str(len(self.server.tile)))
        self.end_headers()
        self.wfile.write(self.server.tile)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def tile_server() -> Iterator[Tiles]:
    server = Tiles()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.quick.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def tiles() -> Iterator[Tiles]:
    with tile_server() as server:
        yield server


@pytest.fixture
def mapped(
    tiles: Tiles, redis: object, redis_server: RedisServer, _populated: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Served]:  # fmt: skip
    """A console with a map of its own."""
    del redis
    for file in _populated.parent.glob("elderline.db*"):
        shutil.copy(file, tmp_path / file.name)
    monkeypatch.setenv("ELDERLINE_MAP_TILES", f"{tiles.address}/{{z}}/{{x}}/{{y}}.png")
    settings = make_settings(f"sqlite:///{tmp_path / 'elderline.db'}", redis_server.url, tmp_path)
    with run_served(settings, tmp_path) as served:
        yield served


def case_of(served: Served) -> int:
    """An elder with an address cries from a device that tells where it is."""
    services = served.services
    with services.unit_of_work() as work:
        its_id = work.query(Elder).filter(Elder.code == DEMO.one_key.code).one().id
        work.execute(update(Elder).where(Elder.id == its_id).values(latitude=36.0708, longitude=103.84))
    raised = Raised("did", "12340", "one_key", DEMO.one_key.phones[0][0], "<geo:36.0700,103.8400;u=20>")
    return services.cases.open(
        "sos-c1", "sos", elder_id=its_id, call_id="c1", actor="caller", note=raised.words, steps=raised.steps()
    ).id


def where_to_go_stands(page: Page) -> None:
    where = page.locator(".sos-where")
    expect(where).to_contain_text(DEMO.one_key.address)
    expect(where).to_contain_text(PLACE)
    expect(where.get_by_text(PLACE)).to_be_in_viewport()


def drawn(page: Page) -> float:
    """The share of the map that has the colour of the tiles."""
    picture = Image.open(io.BytesIO(page.locator("figure.map svg").screenshot())).convert("RGB")
    colours = picture.getcolors(picture.width * picture.height) or []
    same = sum(count for count, seen in colours if seen == GROUND)
    return same / (picture.width * picture.height)


def test_tiles_are_fetched_and_shown_and_slow_or_dead_ones_leave_address_and_coordinates(
    page: Page, mapped: Served, tiles: Tiles
) -> None:
    case = case_of(mapped)
    log_in(page, mapped, DEMO.agent.login)
    with page.expect_response(f"{tiles.address}/17/103342/51438.png"):
        page.goto(f"{mapped.address}/sos/{case}")
    where_to_go_stands(page)
    assert drawn(page) > 0.7
    assert all(path.startswith("/17/") and "?" not in path for path in tiles.asked), (
        "a tile's number, and nobody's name"
    )

    tiles.quick.clear()
    tiles.waits.clear()
    page.goto(f"{mapped.address}/sos/{case}", wait_until="commit")
    where_to_go_stands(page)
    assert tiles.waits.wait(30), "the map is asked for, and nothing of it has come"
    expect(page.get_by_role("button", name="紧急呼叫结案")).to_be_enabled()
    tiles.quick.set()

    tiles.shutdown()
    tiles.server_close()
    page.goto(f"{mapped.address}/sos/{case}")
    where_to_go_stands(page)
    assert drawn(page) < 0.01
    expect(page.locator("[data-mark=reported]").first).to_be_visible()
