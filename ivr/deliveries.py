"""Slower and louder: what the key # makes of how we speak."""

from dataclasses import replace

from ivr.call import Delivery
from routing.manners.manner import Manner


def next_delivery(now: Delivery) -> Delivery:
    """What # changes to: slower and louder, then louder only, then as everybody hears it, and round again.

    Both at once comes first: whoever presses it did not understand, and rarely knows which of the two it was.
    """
    if now.slow and now.loud:
        return replace(now, slow=False)
    if now.loud:
        return replace(now, loud=False)
    return replace(now, slow=True, loud=True)


def delivery_of(manner: Manner) -> Delivery:
    """How a conversation with this elder begins."""
    return Delivery(manner.spoken_language, manner.slow, manner.loud)
