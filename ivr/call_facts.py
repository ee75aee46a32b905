"""What the AGI header tells of a call (dialplans/README.md, FastAGI: the arguments and their order)."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl

from ivr.agi_protocol import arguments_of
from ivr.call import CallFacts

UNKNOWN = frozenset({"unknown", "anonymous", "restricted", "unavailable", "private", "<unknown>"})
"""What Asterisk and carriers write in the place of a number that they do not tell."""

_PRESENTATION = 0x60  # Q.931's two bits: 0x00 may be shown, 0x20 is withheld, 0x40 was not available.


def facts_from(env: Mapping[str, str]) -> CallFacts:
    """The facts in the header `env` (names with agi_). Missing ones are "", the call id is then the Uniqueid."""
    script, _, query = env.get("agi_network_script", "").partition("?")
    given = arguments_of(env)
    arguments = dict(parse_qsl(query, keep_blank_values=True))
    for each in given:
        name, equals, value = each.partition("=")
        if equals:
            arguments[name] = value
    call_id, node, reference, *_ = [*("" if "=" in each else each for each in given), "", "", ""]
    if reference:
        arguments["ref"] = reference
    uniqueid = env.get("agi_uniqueid", "")
    return CallFacts(
        call_id=call_id or arguments.get("call_id", "") or uniqueid,
        channel=env.get("agi_channel", ""),
        uniqueid=uniqueid,
        node=node or arguments.get("node", ""),
        caller_number=_caller(env),
        dialled=_dialled(env),
        language=env.get("agi_language", "").replace("_", "-"),
        flow=script.strip("/"),
        arguments=MappingProxyType(arguments),
    )


def _caller(env: Mapping[str, str]) -> str:
    number = env.get("agi_callerid", "")
    shown = env.get("agi_callingpres", "0")
    withheld = shown.isdigit() and int(shown) & _PRESENTATION
    return "" if withheld or number.casefold() in UNKNOWN else number


def _dialled(env: Mapping[str, str]) -> str:
    """The extension that was dialled; where the dialplan has moved on to a named one ("s"), the DNID."""
    extension, dnid = env.get("agi_extension", ""), env.get("agi_dnid", "")
    if extension[:1].isdigit() or extension.startswith("+"):
        return extension
    return "" if dnid.casefold() in UNKNOWN else dnid
