"""The day's plan of a territory: how it changes, and what becomes of proposals."""
