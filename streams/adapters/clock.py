"""The wall clock, read at the edge and nowhere else."""

import time


def wall_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000
