"""Access logs: who saw what, event by event."""
