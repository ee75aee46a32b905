"""What `./scripts/up` does once a Python of its own stands: check, install, set up, start."""
