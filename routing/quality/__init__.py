"""How well talks go: scores by a form of criteria, a fair sample of what to score, and the recordings of talks."""
