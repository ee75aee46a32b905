"""What agents and supervisors see: pages, live stream, JSON API and the SMS webhook, as one Flask application."""

from agent_console.app import create_app
from agent_console.services import ConsoleServices

__all__ = ["ConsoleServices", "create_app"]
