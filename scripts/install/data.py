"""The database of an instance: migrated, and in the development profile with people to play with."""

from __future__ import annotations

from db.counting import recount
from db.demo import load
from db.demo_plans import load_plans
from db.encryption import FieldCipher
from db.migrate import upgrade
from db.search_keys import missing, refresh
from db.session import UnitOfWork, make_engine, make_unit_of_work
from routing.settings import Settings
from scripts.wiring.stores import now


def prepare_database(settings: Settings) -> None:
    """Bring the database to the newest schema; in the development profile add the demo data that is not there yet."""
    upgrade(settings.database)
    cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
    engine = make_engine(settings.database, cipher, settings.zone)
    first = settings.extension_first
    unit_of_work = make_unit_of_work(engine)
    try:
        with unit_of_work() as session:  # A migration that adds the counts leaves them empty.
            recount(session, settings.zone, now().astimezone(settings.zone).date(), repair=True)
        fill_search_keys(unit_of_work)
        if not settings.development:
            return
        load(unit_of_work, cipher, extensions=range(first, first + settings.extension_count))
        load_plans(unit_of_work)
    finally:
        engine.dispose()


def fill_search_keys(unit_of_work: UnitOfWork) -> None:
    """Give keys to the elders who were registered before there were any, some hundred in each transaction."""
    after = 0
    while True:
        with unit_of_work() as session:
            chunk = missing(session, after)
            refresh(session, chunk)
        if not chunk:
            return
        after = chunk[-1]
