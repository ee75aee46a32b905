"""Ordering what goes beyond the household: an escort to the doctor, medicines, company."""

from __future__ import annotations

from typing import ClassVar

from ivr.flows.services import Services
from routing.orders.kinds import Menu


class Care(Services):
    """As for the services of daily life, from the other menu."""

    menu: ClassVar[Menu] = Menu.CARE
