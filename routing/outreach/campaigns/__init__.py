"""Group messages: one message to many elders, by telephone, by SMS, or both."""
