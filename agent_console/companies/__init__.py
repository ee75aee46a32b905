"""Pages of service companies, their workers and certificates."""
