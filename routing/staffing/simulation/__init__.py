"""A day of calls, played event by event through the live policy, and through app_queue's rules beside it. Pure."""
