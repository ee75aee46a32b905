"""The graph of every conversation, made from the code that runs: the real flows, asked everything a caller can do."""
