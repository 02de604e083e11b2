"""Broker and Redis for a machine with nothing installed."""
