"""The story of README, played on a running hotline by real SIP phones (``./scripts/demo``)."""
