"""Prices: tariffs and rules as data, the price of an order with its reasons, quotas, statements (docs/prices.md)."""
