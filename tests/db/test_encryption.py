"""Personal fields: sealed, bound to their column, found by keyed hash, and nowhere readable in the database's files."""

from __future__ import annotations

import base64
import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select, text

from db.encryption import FieldCipher, FieldKeyError, new_key
from db.models import CallRecord, Case, CaseEvent, Contact, Elder, ElderPhone, SmsMessage
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work
from scripts.postgresql_server import PostgresqlServer, binary

NOW = datetime(2026, 3, 18, tzinfo=UTC)
CIPHER = FieldCipher(new_key(), new_key())
SECRETS = {
    "name": "诸葛秀兰", "identity": "620102194401011234", "address": "清水湾街道一号院301室", "health": "高血压三级",
    "phone": "+869319000777", "contact": "诸葛建国", "contact_phone": "+8614599990777", "sms": "明天送餐吗",
    "note": "门锁密码八八六六", "outcome": "已送医院观察", "latitude": "36.0612345",
}  # fmt: skip


@given(st.text(), st.text(min_size=1))
def test_what_is_sealed_opens_again(value: str, field: str) -> None:
    value = value.encode("utf-8", "ignore").decode()
    field = field.encode("utf-8", "ignore").decode()
    assert CIPHER.open(CIPHER.seal(value, field), field) == value


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert CIPHER.seal("王桂兰", "elder.name") != CIPHER.seal("王桂兰", "elder.name")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_is_noticed(at: int, change: int) -> None:
    sealed = bytearray(CIPHER.seal("王桂兰", "elder.name"))
    sealed[at % len(sealed)] ^= change
    with pytest.raises(FieldKeyError, match=r"elder\.name"):
        CIPHER.open(bytes(sealed), "elder.name")


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x01" + b"x" * 20, b"plain text that nobody sealed"])
def test_what_was_never_sealed_is_told_so(stored: bytes) -> None:
    with pytest.raises(FieldKeyError, match="never sealed"):
        CIPHER.open(stored, "elder.name")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(FieldKeyError, match=r"elder\.address"):
        CIPHER.open(CIPHER.seal("王桂兰", "elder.name"), "elder.address")


def test_another_key_opens_nothing_and_says_which_setting_to_check() -> None:
    with pytest.raises(FieldKeyError, match="ELDERLINE_FIELD_KEY"):
        FieldCipher(new_key(), new_key()).open(CIPHER.seal("王桂兰", "elder.name"), "elder.name")


@pytest.mark.parametrize("bad", ["", "short", "no base64!", "密钥", base64.b64encode(b"x" * 31).decode()])
def test_bad_keys_are_named(bad: str) -> None:
    with pytest.raises(FieldKeyError, match="ELDERLINE_FIELD_KEY"):
        FieldCipher(bad, new_key())
    with pytest.raises(FieldKeyError, match="ELDERLINE_INDEX_KEY"):
        FieldCipher(new_key(), bad)


def test_the_blind_index_depends_on_key_subject_and_value() -> None:
    index = CIPHER.number_index("+869319000101")
    assert len(index) == 16
    assert index == CIPHER.number_index("+869319000101")
    others = {CIPHER.number_index("+869319000102"), CIPHER.name_index("+869319000101"),
              FieldCipher(new_key(), new_key()).number_index("+869319000101")}  # fmt: skip
    assert index not in others
    assert CIPHER.name_index(" 王桂兰 ") == CIPHER.name_index("王桂兰")
    assert CIPHER.identity_index("62010219440101123x") == CIPHER.identity_index("62010219440101123X")


def test_rows_are_sealed_in_the_table_and_open_in_the_model(engine: Engine, cipher: FieldCipher) -> None:
    _fill(make_unit_of_work(engine), cipher)
    with make_reading(engine)() as session:
        elder = session.scalars(select(Elder).where(Elder.name_index == cipher.name_index(SECRETS["name"]))).one()
        assert (elder.name, elder.address) == (SECRETS["name"], SECRETS["address"])
        assert elder.latitude == pytest.approx(36.0612345)
        assert elder.phones[0].number == SECRETS["phone"]
        raw = session.execute(text("SELECT name FROM elders")).scalar_one()
        assert cipher.open(bytes(raw), "elder.name") == SECRETS["name"]


def test_an_engine_with_the_wrong_key_reads_nobody(database_url: str, engine: Engine, cipher: FieldCipher) -> None:
    _fill(make_unit_of_work(engine), cipher)
    stranger = make_engine(database_url, FieldCipher(new_key(), new_key()))
    with make_reading(stranger)() as session, pytest.raises(FieldKeyError, match="another key"):
        session.scalars(select(Elder)).all()
    stranger.dispose()


def test_an_engine_without_a_cipher_is_refused(sqlite_url: str) -> None:
    plain = create_engine(sqlite_url)
    with plain.connect() as connection, pytest.raises(Exception, match="make_engine"):
        connection.execute(Elder.__table__.insert().values(name="王桂兰"))  # type: ignore[attr-defined]
    plain.dispose()


def test_nothing_personal_is_readable_in_the_sqlite_file(sqlite_url: str, cipher: FieldCipher) -> None:
    engine = make_engine(sqlite_url, cipher)
    _fill(make_unit_of_work(engine), cipher)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    stored = b"".join(each.read_bytes() for each in path.parent.iterdir())
    engine.dispose()
    assert b"E0777" in stored  # The registration number is there, so this is the right file.
    assert _found(stored) == []


@pytest.mark.postgresql
def test_nothing_personal_is_readable_in_a_dump(
    postgresql_url: str, postgresql_server: PostgresqlServer, cipher: FieldCipher
) -> None:
    engine = make_engine(postgresql_url, cipher)
    _fill(make_unit_of_work(engine), cipher)
    engine.dispose()
    command = [binary("pg_dump"), "-d", postgresql_server.dsn(postgresql_url.rsplit("/", 1)[1])]
    dump = subprocess.run(command, check=True, capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout
    assert b"E0777" in dump
    assert _found(dump) == []


def _found(stored: bytes) -> list[str]:
    """Tell which secrets are readable: as UTF-8, UTF-16 or GBK, as hex (as dumps write bytes) or base64."""
    found = []
    for name, secret in SECRETS.items():
        plain = secret.encode()
        forms = {plain, secret.encode("utf-16-le"), secret.encode("gbk"), plain.hex().encode(),
                 base64.b64encode(plain)[:-4]}  # fmt: skip
        if any(form in stored for form in forms):
            found.append(name)
    return found


def _fill(unit_of_work: UnitOfWork, cipher: FieldCipher) -> None:
    said = SECRETS
    with unit_of_work() as session:
        elder = Elder(
            code="E0777", name=said["name"], name_index=cipher.name_index(said["name"]), sex="female",
            birth_date=date(1944, 1, 1), identity_number=said["identity"],
            identity_index=cipher.identity_index(said["identity"]), address=said["address"],
            health_notes=said["health"], latitude=float(said["latitude"]), created_at=NOW, updated_at=NOW,
            phones=[ElderPhone(number=said["phone"], number_index=cipher.number_index(said["phone"]))],
            contacts=[Contact(name=said["contact"], relation="儿子", number=said["contact_phone"],
                              number_index=cipher.number_index(said["contact_phone"]))],
        )  # fmt: skip
        session.add(elder)
        session.add(SmsMessage(key="k", direction="in", number=said["phone"], text=said["sms"], state="received",
                               number_index=cipher.number_index(said["phone"]), created_at=NOW))  # fmt: skip
        session.add(CallRecord(id="c", node="a", direction="inbound", number=said["phone"], started_at=NOW,
                               number_index=cipher.number_index(said["phone"]), agent_note=said["note"]))  # fmt: skip
        session.add(Case(key="case", kind="sos", state="closed", opened_at=NOW, outcome=said["outcome"],
                         timeline=[CaseEvent(at=NOW, actor="user:1", what="note", detail=said["note"])]))  # fmt: skip
