"""The database of an instance: migrated, and in the development profile with people to play with."""

from __future__ import annotations

from db import demo, migrate
from routing.settings import Settings


def prepare_database(settings: Settings) -> None:
    """Bring the database to the newest schema; load the demo data where the profile asks for it and it is not there."""
    migrate.upgrade(settings.database)
    if settings.development:
        demo.load(settings)
