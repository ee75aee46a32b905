"""Pages of the telephone line itself: hours, prompts, announcements."""
