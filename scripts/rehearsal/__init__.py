"""The hotline without its lines: the real services on a throw-away database, to try conversations on."""
