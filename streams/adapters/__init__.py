"""What stands behind the ports: Kafka, Redis and their in-memory twins."""
