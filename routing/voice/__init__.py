"""Texts that are spoken by a voice while nobody waits for them: which can be read, where their sounds lie, who asks."""
