"""What supervisors watch and do: the wallboard, calls, agents' states."""
