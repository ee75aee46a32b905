"""Pages and webhooks of what goes out to elders and comes back: calls, SMS, answers, reminders, the journal."""
