"""Notes of supervisors on the desks of all agents at once."""
