"""Whom Asterisk rings when it is alone from its start: made from the rota, not from the settings beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.encryption import new_key
from db.migrate import upgrade
from routing.settings import Settings
from scripts.install.telephony import duty_numbers, render_telephony
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    known = Settings(
        _env_file=None, var_dir=tmp_path, database_url="", field_key=new_key(), index_key=new_key(),
        ami_secret="secret", duty_numbers="13900009999",
    )  # fmt: skip
    upgrade(known.database)
    return known


def test_the_rota_goes_before_the_settings(settings: Settings) -> None:
    assert duty_numbers(settings) == ["13900009999"]
    stores = open_stores(settings)
    register = HotlineServices(stores).hours_register
    register.add_phone("off duty now and always", "13900000001", "wed 00:00-00:01")
    register.add_phone("always there", "13900000002")
    stores.engine.dispose()
    numbers = duty_numbers(settings)
    assert sorted(numbers) == ["13900000001", "13900000002"], "who is off duty is the last resort of a node alone"
    render_telephony(settings)
    rendered = (settings.var_dir / "asterisk/etc/extensions.conf").read_text(encoding="utf-8")
    assert f"\nDUTY_NUMBERS={'-'.join(numbers)}\n" in rendered
