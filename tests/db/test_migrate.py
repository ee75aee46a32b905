"""Migrations: they agree with the models, go up and down, all or nothing, and one at a time."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect

from db import demo, migrate
from db.encryption import FieldCipher
from db.models import Base
from db.session import make_engine, make_unit_of_work
from scripts.postgresql_server import PostgresqlServer


def test_migrations_and_models_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_comparison_would_tell_a_difference(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_offers_open_order")
        connection.exec_driver_sql("ALTER TABLE elders DROP COLUMN dialect")
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert {each[0] for each in differences} == {"add_index", "add_column"}


def test_down_to_nothing_and_up_again(database_url: str) -> None:
    assert migrate.current(database_url) == migrate.head()
    migrate.downgrade(database_url, "base")
    assert migrate.current(database_url) is None
    assert _tables(database_url) <= {"alembic_version"}
    migrate.upgrade(database_url)
    assert migrate.current(database_url) == migrate.head()
    assert set(Base.metadata.tables) < _tables(database_url)
    migrate.upgrade(database_url)


def test_several_processes_may_migrate_at_once(tmp_path: Path, postgresql_server: PostgresqlServer) -> None:
    for url in (f"sqlite:///{tmp_path / 'new.db'}", postgresql_server.create("at_once")):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(migrate.upgrade, [url] * 4))
        assert migrate.current(url) == migrate.head()


def test_a_migration_that_fails_leaves_nothing_half_done(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'half.db'}"
    with sqlite3.connect(tmp_path / "half.db") as connection:
        connection.execute("CREATE TABLE sms_messages (id INTEGER)")  # In the way of the last migration.
    with pytest.raises(Exception, match="already exists"):
        migrate.upgrade(url)
    assert _tables(url) == {"sms_messages"}


def test_a_database_from_a_newer_version_is_refused(database_url: str) -> None:
    engine = create_engine(migrate._driver(database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(migrate.SchemaTooNew, match="9999"):
        migrate.upgrade(database_url)


def _tables(url: str) -> set[str]:
    engine = create_engine(migrate._driver(url))
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_items_of_before_get_their_kinds(tmp_path: Path) -> None:
    """What was in the one menu stays, what had no room gets a key, and kinds of one's own stay a person's."""
    url = f"sqlite:///{tmp_path / 'before.db'}"
    migrate.upgrade(url)
    migrate.downgrade(url, "0006")
    add = "INSERT INTO service_items (code, kind, name, name_en, menu_key, price_fen, required_certificate, active) "
    with sqlite3.connect(tmp_path / "before.db") as connection:
        for code, kind, key in (("meal", "meals", 1), ("repair", "repairs", 4), ("escort", "medical", None),
                                ("watch", "watches", None), ("flood", "emergency", None)):  # fmt: skip
            connection.execute(f"{add} VALUES (?, ?, ?, ?, ?, 100, '', 1)", (code, kind, code, code, key))
    migrate.upgrade(url)
    with sqlite3.connect(tmp_path / "before.db") as connection:
        items = dict(connection.execute("SELECT code, menu_key FROM service_items"))
        kinds = {
            row[0]: row[1:]
            for row in connection.execute("SELECT code, menu, menu_key, day_and_night, active FROM service_kinds")
        }
    assert items == {"meal": 1, "repair": 4, "escort": 1, "watch": None, "flood": None}
    assert (kinds["watches"], kinds["emergency"]) == (("", None, 0, 1), ("", None, 1, 1))
    assert (kinds["meals"], kinds["medical"]) == (("daily", 1, 0, 1), ("care", 1, 0, 1))


def test_certificates_of_before_are_rows_of_their_own_and_come_back(database_url: str) -> None:
    """One that a worker had is valid until the same day; visits know whether they were at home."""
    migrate.downgrade(database_url, "0009")
    engine = create_engine(migrate._driver(database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO companies (code, name, phone, phone_index, districts, daily_capacity, open_from, open_until, "
            "rating_sum, rating_count, active) VALUES ('C', 'C', '', '', '', 1, 0, 1440, 0, 0, true)"
        )
        for code, kind, expires, active in (
            ("W1", "care", "'2027-12-31'", "true"), ("W2", "", "NULL", "true"), ("W3", "food", "NULL", "false"),
        ):  # fmt: skip
            add = (
                "INSERT INTO workers (code, company_id, name, phone, phone_index, pin_index, pin_failures, "
                "certificate, certificate_expires, rating_sum, rating_count, active) "
            )
            values = f"'{code}', id, '', '', '', '{code}', 0, '{kind}', {expires}, 0, 0, {active}"
            connection.exec_driver_sql(f"{add} SELECT {values} FROM companies")  # noqa: S608  # The words of this test.
    migrate.upgrade(database_url)
    held = "SELECT w.code, c.kind, c.expires, c.state FROM worker_certificates c JOIN workers w ON w.id = c.worker_id"
    with engine.begin() as connection:
        rows = sorted(tuple(map(str, row)) for row in connection.exec_driver_sql(held))
    assert rows == [("W1", "care", "2027-12-31", "valid"), ("W3", "food", "None", "valid")]
    migrate.downgrade(database_url, "0009")
    with engine.begin() as connection:
        before = connection.exec_driver_sql("SELECT code, certificate, certificate_expires FROM workers ORDER BY code")
        assert [tuple(map(str, row)) for row in before] == [
            ("W1", "care", "2027-12-31"), ("W2", "", "None"), ("W3", "food", "None"),
        ]  # fmt: skip
    engine.dispose()


def test_prices_of_before_become_tariffs_and_what_was_done_is_settled(tmp_path: Path, cipher: FieldCipher) -> None:
    """Nobody pays another price for the update; a price that is absurd becomes no tariff."""
    url = f"sqlite:///{tmp_path / 'before.db'}"
    migrate.upgrade(url)
    engine = make_engine(url, cipher)
    demo.load(make_unit_of_work(engine), cipher, extensions=range(0), hash_password=str)
    engine.dispose()
    migrate.downgrade(url, "0009")
    items = "INSERT INTO service_items (code, kind, name, name_en, price_fen, required_certificate, active) VALUES "
    orders = (
        "INSERT INTO orders (number, key, elder_id, item_id, state, version, source, due_at, price_fen, "
        "elder_pays_fen, price_reason, note, created_at, updated_at) "
        "VALUES (?, ?, 1, 1, ?, 1, 'voice', '2026-03-01', 1500, 750, 'as it was', x'', '2026-03-01', '2026-03-01')"
    )
    event = (
        "INSERT INTO order_events (order_id, at, from_state, to_state, actor, channel, reason) "
        "VALUES (?, ?, '', ?, '', '', '')"
    )
    with sqlite3.connect(tmp_path / "before.db") as connection:
        connection.execute(items + "('odd', 'meals', '', '', -1, '', 1)")
        connection.execute(orders, ("1", "a", "rated"))
        connection.execute(orders, ("2", "b", "offered"))
        connection.execute(event, (1, "2026-03-01 09:00:00.000000", "done"))
        connection.execute(event, (1, "2026-03-02 09:00:00.000000", "rated"))
    migrate.upgrade(url)
    with sqlite3.connect(tmp_path / "before.db") as connection:
        tariffs = list(connection.execute(
            "SELECT i.code, t.unit, t.price_fen, t.valid_to, t.made_by FROM tariffs t JOIN service_items i "
            "ON i.id = t.item_id ORDER BY i.id"
        ))  # fmt: skip
        rules = dict(connection.execute("SELECT payer_class, elder_percent FROM payer_rules WHERE monthly_fen IS NULL"))
        settled = list(connection.execute("SELECT settled_at, settled_pays_fen, owed_fen FROM orders ORDER BY id"))
    assert tariffs[0] == ("meal", "piece", 1500, None, "migration")
    assert [each[0] for each in tariffs] == [item[0] for item in demo.ITEMS], "and none for the odd one"
    assert rules == {"assisted": 0, "subsidised": 50, "self_paid": 100}
    assert settled == [("2026-03-01 09:00:00.000000", 750, 1500), (None, None, None)]
