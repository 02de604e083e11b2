"""A seeded world, its publisher, and the replay of recorded days."""
