"""The console as gunicorn serves it in the browser tests; settings come from the environment."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from agent_console import create_app
from routing.settings import load_settings
from tests.agent_console.console import make_services


def make() -> Flask:
    """Make the application, as the composition root's entry does."""
    return create_app(make_services(load_settings(Path("/nonexistent"))))
