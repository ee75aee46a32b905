"""One way of logging for every process: structlog and the standard library alike, one event a line on stdout."""

from __future__ import annotations

import logging
import sys
from datetime import datetime, tzinfo
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

from routing.settings import Settings

OURS = ("ivr", "routing", "agent_console", "db", "scripts", "__main__")
GUNICORN = ("gunicorn.error", "gunicorn.access")


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Log to `stream` (stdout) from `settings.log_level` up: JSON lines, or for a person at a terminal in columns.

    Libraries are never heard below INFO: in their DEBUG stand whole messages, with names, numbers and secrets.
    """
    stream = stream or sys.stdout
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(settings.zone, person=stream.isatty()))
    level = logging.getLevelNamesMapping()[settings.log_level]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.INFO))
    for package in OURS:
        logging.getLogger(package).setLevel(level)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(settings.zone),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def adopt_gunicorn(settings: Settings) -> None:
    """Have gunicorn's worker write as we do. Its filters stay: they keep queries, so personal data, out."""
    for name in GUNICORN:
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(_formatter(settings.zone, person=False))


def _formatter(zone: tzinfo, *, person: bool) -> logging.Formatter:
    ending: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if person:
        # The plain traceback: others show the values of variables, which may be personal data.
        plain = structlog.dev.plain_traceback
        ending.append(structlog.dev.ConsoleRenderer(colors=True, exception_formatter=plain))
    else:
        ending += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_shared(zone), processors=ending)


def _shared(zone: tzinfo) -> list[Processor]:
    def stamp(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["timestamp"] = datetime.now(zone).isoformat(timespec="milliseconds")
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        stamp,
    ]
