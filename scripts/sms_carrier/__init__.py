"""A simulated SMS carrier (SMSC) that speaks SMPP 3.4: for `./scripts/up --sms`, and for tests. It sends nothing."""
