"""Pages of work orders: one order, plans, visits, prices and statements."""
