"""A whole console for the tests: real Redis, a migrated SQLite database, the demo people, and real services."""

from __future__ import annotations

import hashlib
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from redis.exceptions import ConnectionError as NoRedis
from sqlalchemy import Engine, select

from agent_console import ConsoleServices, create_app
from db.demo import load
from db.encryption import FieldCipher, new_key
from db.models import Agent, ApiToken, Base, User
from db.session import make_engine, make_unit_of_work
from routing.settings import Settings
from tests.agent_console.wiring import PASSWORD, Part, console_services
from tests.ports import free_port


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A redis-server of the tests' own."""
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        client = Redis(port=port)
        for _ in range(100):
            try:
                client.ping()
                break
            except NoRedis:
                time.sleep(0.05)
        yield port
        server.terminate()
