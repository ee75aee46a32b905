"""Settings that an administrator changes while the hotline runs."""
