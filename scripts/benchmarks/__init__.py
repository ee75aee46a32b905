"""The bench: what the hotline does in a second, beside what Asterisk alone does (docs/performance.md)."""
