"""The ivr process: FastAGI, one conversation per call."""

from __future__ import annotations

import sys
from contextlib import ExitStack

from ivr.call import Call
from ivr.conversations import Conversations
from ivr.flows.desk import CallDesk, FlowServices
from ivr.flows.registry import FLOWS, FlowRegistry
from ivr.prompts.live import LiveCatalogue
from ivr.server import AgiServer, serve
from routing.figures import published
from routing.settings import Settings
from scripts.asterisk_config import VIEW
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Stores, now, open_stores

SOUNDS = f"{VIEW}/prompts"
DRAIN_SECONDS = 4.0
"""At a stop, calls in flows have so long to end; then the dialplan's fallback takes them."""


def make_conversations(
    stores: Stores, services: FlowServices | None = None, prompts: LiveCatalogue | None = None
) -> Conversations:
    """Join flows, prompts and services."""
    services = services or flow_services(stores)
    prompts = prompts or LiveCatalogue(HotlineServices(stores).sayings)

    def desk_for(call: Call) -> CallDesk:
        return CallDesk(services, call.facts)

    known = stores.settings
    return Conversations(
        FlowRegistry(FLOWS), prompts, desk_for, sounds=SOUNDS, language=known.language,
        fallback_sound=f"{SOUNDS}/{known.language}/error.technical.0", instead_of=prompts.instead_of,
    )  # fmt: skip


def flow_services(stores: Stores) -> FlowServices:
    """The services that flows use."""
    joined = HotlineServices(stores)
    return FlowServices(
        directory=joined.directory, tickets=joined.tickets, journey=joined.journey, orders=joined.orders,
        dispatch=joined.dispatch, visits=joined.visits, callbacks=joined.callbacks, promises=joined.promises,
        ratings=joined.ratings, sos_cases=joined.sos_cases, clock=now, zone=stores.settings.zone,
        standing=joined.hours.now, fares=joined.learning, country=stores.settings.country,
        area_code=stores.settings.area_code,
        studio=joined.telephone_studio,
    )  # fmt: skip


def run(settings: Settings) -> None:
    """Answer calls until the process is asked to stop."""
    stores = open_stores(settings)
    services = flow_services(stores)
    prompts = LiveCatalogue(HotlineServices(stores).sayings)
    conversations = make_conversations(stores, services, prompts)
    server = AgiServer(conversations, port=settings.agi_port, max_calls=settings.max_calls)

    def figures() -> dict[str, int]:
        now = server.counts
        return {
            "calls_active": now.active, "calls_taken": now.total, "calls_failed": now.failed,
            "calls_unheard": now.unheard, "calls_turned_away": now.turned_away,
            "sounds_failed": conversations.sounds_failed + prompts.sounds_failed,
        }  # fmt: skip

    with ExitStack() as threads:

        def ready() -> None:
            # Not before: a thread made earlier does not block the signals, and could end us without a drain.
            services.journey.start()  # One thread writes the steps of all calls: else they cap the calls per second.
            threads.callback(services.journey.stop)
            services.fares.start()
            threads.callback(services.fares.stop)
            prompts.start()
            threads.callback(prompts.stop)
            threads.enter_context(published(stores.redis, "ivr", figures))

        sys.exit(serve(server, drain_seconds=DRAIN_SECONDS, ready=ready))
