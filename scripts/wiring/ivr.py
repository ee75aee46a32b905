"""The ivr process: FastAGI, one conversation per call."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace

from ivr.call import Call
from ivr.conversations import Conversations
from ivr.flows.desk import CallDesk, FlowServices
from ivr.flows.registry import FLOWS, FlowRegistry
from ivr.handover import inherit
from ivr.prompts.live import LiveCatalogue
from ivr.server import AgiServer
from ivr.serving import Serving
from routing.changeable.book import LiveSettings, SettingBook
from routing.figures import published
from routing.settings import Settings
from scripts.asterisk_config import VIEW
from scripts.parts import ivr_place, log_file
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Stores, now, open_stores
from scripts.wiring.succession import stand_aside, write_to

SOUNDS = f"{VIEW}/prompts"
HOST = "127.0.0.1"
OTHER_FILES = 256
"""Connections to the stores, probes, calls that are turned away, and to spare."""


def make_conversations(
    stores: Stores, services: FlowServices | None = None, prompts: LiveCatalogue | None = None,
    following: Callable[[], FlowServices] | None = None,
) -> Conversations:  # fmt: skip
    """Join flows, prompts and services; `following` gives those of a call that begins now, if they may change."""
    services = services or flow_services(stores)
    prompts = prompts or LiveCatalogue(HotlineServices(stores).sayings)

    asked = following or (lambda: services)

    def desk_for(call: Call) -> CallDesk:
        return CallDesk(asked(), call.facts)

    known = stores.settings
    return Conversations(
        FlowRegistry(FLOWS), prompts, desk_for, sounds=SOUNDS, language=known.language,
        fallback_sound=f"{SOUNDS}/{known.language}/error.technical.0", instead_of=prompts.instead_of,
    )  # fmt: skip


def following_services(stores: Stores, services: FlowServices, live: LiveSettings) -> Callable[[], FlowServices]:
    """Give what gives the services of a call that begins now: those that use a setting that was changed are made anew,
    all others (with their threads and what they know by heart) stay."""
    made: dict[int, FlowServices] = {0: services}

    def now() -> FlowServices:
        revision, settings = live.known()
        found = made.get(revision)
        if found is None:
            joined = HotlineServices(replace(stores, settings=settings), services.clock)
            found = replace(
                services, dispatch=joined.dispatch, visits=joined.visits, callbacks=joined.callbacks,
                escalations=joined.escalations, well_being=joined.wellbeing.checks,
            )  # fmt: skip
            made.clear()
            made[revision] = found
        return found

    return now


def flow_services(stores: Stores, joined: HotlineServices | None = None) -> FlowServices:
    """The services that flows use."""
    joined = joined or HotlineServices(stores)
    return FlowServices(
        directory=joined.directory, tickets=joined.tickets, journey=joined.journey, orders=joined.orders,
        dispatch=joined.dispatch, visits=joined.visits, company_line=joined.company_line,
        callbacks=joined.callbacks, promises=joined.promises,
        ratings=joined.ratings, sos_cases=joined.sos_cases, voice_notes=joined.voice_notes,
        announcements=joined.announcements, escalations=joined.escalations,
        elder_words=joined.outreach.elder_words,
        well_being=joined.wellbeing.checks, doses=joined.wellbeing.doses,
        telling=joined.campaigns.telling,
        clock=joined.clock, zone=stores.settings.zone, standing=joined.hours.now,
        fares=joined.learning, country=stores.settings.country, area_code=stores.settings.area_code,
        studio=joined.telephone_studio,
    )  # fmt: skip


def run(settings: Settings) -> None:
    """Answer calls until the process is asked to stop, and end those that are under way.

    What answers them is a child of this process, which ends as soon as the child is told to leave: so the supervisor
    starts the next one at once, which takes the place over, while the child stays with its last calls.
    """
    parent = stand_aside()
    _allow_files(settings.max_calls)
    stores = open_stores(settings)
    services = flow_services(stores)
    prompts = LiveCatalogue(HotlineServices(stores).sayings)
    live = LiveSettings(SettingBook(stores.unit_of_work, stores.reading, now, settings), settings)
    conversations = make_conversations(stores, services, prompts, following_services(stores, services, live))
    path = ivr_place(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    inheritance = inherit(path, (HOST, settings.agi_port))
    server = AgiServer(
        conversations, host=HOST, port=settings.agi_port, max_calls=settings.max_calls,
        listener=inheritance.listener if inheritance else None,
    )  # fmt: skip

    def figures() -> Mapping[str, int]:
        return _figures(server, conversations.sounds_failed + prompts.sounds_failed)

    with ExitStack() as threads, ExitStack() as published_as_ivr:

        def ready() -> None:
            services.journey.start()  # One thread writes the steps of all calls: else they cap the calls per second.
            threads.callback(services.journey.stop)
            services.fares.start()
            threads.callback(services.fares.stop)
            live.start()
            threads.callback(live.stop)
            prompts.start()
            threads.callback(prompts.stop)
            published_as_ivr.enter_context(published(stores.redis, "ivr", figures))

        def taken() -> None:
            published_as_ivr.close()  # From now on that is the successor's name.
            threads.enter_context(published(stores.redis, "ivr_leaving", figures))

        serving = Serving(
            server, settings.drain_seconds, path, parent, inheritance, ready=ready, taken=taken,
            leaving=lambda: write_to(log_file(settings, "ivr")),
        )  # fmt: skip
        status = serving.run()
    sys.exit(status)


def _allow_files(max_calls: int) -> None:
    """Each call is an open file; the usual limit of 1,024 is not for many more than the usual number of calls."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max_calls + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _figures(server: AgiServer, sounds_failed: int) -> Mapping[str, int]:
    now = server.counts
    return {
        "calls_active": now.active, "calls_taken": now.total, "calls_failed": now.failed,
        "calls_unheard": now.unheard, "calls_turned_away": now.turned_away,
        "sounds_failed": sounds_failed,
    }  # fmt: skip
