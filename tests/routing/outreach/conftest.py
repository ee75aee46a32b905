"""Redis for the jobs: the server that the tests of calls start."""

from __future__ import annotations

from tests.routing.calls.conftest import redis, redis_server

__all__ = ["redis", "redis_server"]
