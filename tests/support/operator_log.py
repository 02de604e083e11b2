"""What a worker may say while all around it comes and goes: lines that an operator should know, and nothing else."""

import re
from collections.abc import Iterable

_TOPIC = r"[\w.-]+\.technicians"
_BROKER = r"Kafka at [\w.:]+"
ALLOWED = tuple(
    re.compile(rf"[\d-]+ [\d:,]+ {pattern}$")
    for pattern in (
        rf"INFO    telemetry: starting on {_TOPIC} at [\w.:]+",
        rf"INFO    {_TOPIC}: this worker has (no partitions|partitions [\d, ]+)",
        r"INFO    telemetry: stopped",
        rf"WARNING {_BROKER} is away; waiting for it",
        rf"WARNING {_BROKER} is back after \d+ s",
        r"WARNING waiting \([^)]+\): (Redis at|Kafka at|can't read) .+",
        r"WARNING going on \([^)]+\) after [\d.]+ s",
        rf"WARNING {_TOPIC}\[\d+\]: partition \d+: its stored position is no longer (\d+|None); "
        r"another worker owns it; reading again from where it stands",
    )
)


def strange(lines: Iterable[str]) -> list[str]:
    """Those that no operator should have to read."""
    return [line for line in lines if not any(pattern.match(line) for pattern in ALLOWED)]
