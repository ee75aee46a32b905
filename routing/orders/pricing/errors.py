"""What can be wrong with a price. All are domain errors with a sentence for whoever asked."""

from __future__ import annotations

from routing.errors import Conflict, Invalid
from routing.orders.pricing.policy import Price
from routing.orders.pricing.refusals import Absurd, yuan


class PriceRefused(Invalid):
    """A tariff, a rule or a quantity is absurd, or looks like a slip. `why` says it in either language."""

    code = "price_refused"

    def __init__(self, why: Absurd) -> None:
        super().__init__(why.words())
        self.why = why


class NotPriced(Invalid):
    """The item has no price on that day."""

    code = "not_priced"


class PriceChanged(Conflict):
    """The elder would pay more than they were told: the month's quota went meanwhile, or another day's price counts."""

    code = "price_changed"

    def __init__(self, price: Price, told_fen: int) -> None:
        super().__init__(
            f"the elder would pay {yuan(price.elder_pays_fen)} yuan and was told {yuan(told_fen)}: "
            "tell them the new price, and order again with it"
        )
        self.price = price
