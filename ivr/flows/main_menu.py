"""The first menu, made of what can be ordered and of what this elder always orders."""

from __future__ import annotations

from ivr.dialogue import Prompt, PromptPart
from ivr.flows.base import Flow
from ivr.flows.care import Care
from ivr.flows.desk import CallDesk
from ivr.flows.favourite import Favourite, favourite_of
from ivr.flows.order_status import OrderStatus
from ivr.flows.patience import TooSlow
from ivr.flows.services import Services
from routing.orders.kinds import Menu
from routing.orders.views import MenuItem

Choices = dict[str, type[Flow[CallDesk]]]


def main_menu(desk: CallDesk, *, closed: bool) -> tuple[Prompt, Choices]:
    """Give what is said, and what each key leads to. A menu without any kind of service has no key.

    The usual menu is one prompt, so that it is spoken in one breath; any other is put together.
    """
    menus, favourite = _offered(desk)
    choices: Choices = {"2": OrderStatus}
    daily_key = "1" if favourite is None else "4"
    if favourite is not None:
        choices["1"] = Favourite
    if Menu.DAILY in menus:
        choices[daily_key] = Services
    if Menu.CARE in menus:
        choices["3"] = Care
    if favourite is None and menus.issuperset(Menu):
        return "closed.menu" if closed else "welcome.menu", choices
    said: list[PromptPart] = [("closed.urgent", {})] if closed else []
    if favourite is not None:
        said.append(("welcome.favourite", {"service": favourite.name}))
    services: PromptPart = ("welcome.services", {"key": daily_key})
    if daily_key == "1" and Menu.DAILY in menus:
        said.append(services)
    said.append(("welcome.orders", {}))
    if Menu.CARE in menus:
        said.append(("welcome.care", {}))
    if daily_key == "4" and Menu.DAILY in menus:
        said.append(services)
    return said if closed else [*said, ("welcome.help", {})], choices


def _offered(desk: CallDesk) -> tuple[set[str], MenuItem | None]:
    """The menus that have something in them, and the favourite. What is not known in time is as usual: a menu with
    nothing in it says so and leads to a person."""
    menus: set[str] = set(Menu)
    try:
        menus = {kind.menu for kind in desk.patience.look_up(desk.services.orders.kinds)}
        return menus, desk.patience.look_up(lambda: favourite_of(desk))
    except TooSlow:
        return menus, None
