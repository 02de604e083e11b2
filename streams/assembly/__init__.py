"""The agents of each role with real parts: which logs a worker reads, and what stands behind every port."""
