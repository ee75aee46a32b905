"""Ordering a service of daily life by keys."""

from __future__ import annotations

from typing import ClassVar

from ivr.dialogue import Prompt, value_or_person
from ivr.flows.base import Next
from ivr.flows.ordering import Ordering
from routing.orders.kinds import Menu
from routing.orders.views import OfferedKind


class Services(Ordering):
    """Choose among the kinds of one menu, and order what the kind stands for."""

    menu: ClassVar[Menu] = Menu.DAILY

    def run(self) -> Next:
        if self.desk.elder is None:
            return self.person()
        kinds = self.desk.services.orders.kinds(self.menu)
        if not kinds:
            self.dialogue.conclude("services.none")
            return self.person()
        kind = value_or_person(self.dialogue.menu(_menu_of(kinds), {str(kind.key): kind for kind in kinds}))
        return self.order(kind.item)


def _menu_of(kinds: tuple[OfferedKind, ...]) -> Prompt:
    choices = [("services.choice", {"service": kind.name, "key": str(kind.key)}) for kind in kinds]
    return [("services.intro", {}), *choices, ("services.person", {})]
