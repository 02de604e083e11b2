"""What we know about the world, folded from events. No Kafka, Redis, files, clock or randomness."""
