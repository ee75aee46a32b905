"""gunicorn's log without queries: whatever follows a question mark may be personal data."""

from __future__ import annotations

import logging
import re

from gunicorn.config import Config
from gunicorn.glogging import Logger

_QUERY = re.compile(r"\?[^\s'\"]+")


class WithoutQuery(logging.Filter):
    """Cut the query off every address in a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?...", record.getMessage()), ()
        return True


class PrivateLogger(Logger):  # type: ignore[misc]  # gunicorn has no types.
    """gunicorn's logger; the error log shows a malformed or crashed request's address, so that is filtered too."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            if not any(isinstance(each, WithoutQuery) for each in log.filters):
                log.addFilter(WithoutQuery())
