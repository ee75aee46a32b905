"""When the hotline is open, and who is on duty when it is not."""
