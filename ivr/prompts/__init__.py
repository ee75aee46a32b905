"""What callers hear: texts by key and language, their recordings, and how values are spoken."""
