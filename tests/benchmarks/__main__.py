"""`python -m tests.benchmarks`: measure, print a table, write `build/bench.json`."""

import argparse
import sys
from collections.abc import Callable

from streams.errors import HeadwayError
from tests.benchmarks import (
    decisions_days,
    decisions_proposal,
    decisions_risk,
    engine,
    parts,
    pipeline,
    profiling,
)
from tests.benchmarks.rows import Row, show, write
from tests.benchmarks.running import HOUSE, Failed, Servers, said, servers

RESULT = HOUSE / "build" / "bench.json"
BENCHMARKS: dict[str, Callable[[Servers, int, float], list[Row]]] = {
    "engine": engine.measure,
    "pipeline": pipeline.measure,
    "parts": parts.measure,
    "risk": decisions_risk.measure,
    "proposal": decisions_proposal.measure,
    "days": decisions_days.measure,
}
PROFILES: dict[str, Callable[[Servers, float], None]] = {"pipeline": profiling.profile_pipeline}


def main() -> int:
    told = _told()
    try:
        with servers() as running:
            if told.profile:
                PROFILES[told.profile](running, told.scale)
            else:
                _measure(running, told)
    except (Failed, HeadwayError) as error:
        said.print(f"benchmark: {error}", style="red", markup=False)
        return 1
    return 0


def _measure(running: Servers, told: argparse.Namespace) -> None:
    rows = [
        row for name in told.only or BENCHMARKS for row in BENCHMARKS[name](running, told.runs, told.scale)
    ]
    show(rows)
    write(rows, RESULT)


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="may be given more than once")
    parser.add_argument("--runs", type=int, default=5, help="of which the median counts (default: 5)")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="of the number of messages, for a quick look"
    )
    parser.add_argument("--profile", choices=PROFILES, help="say where the time goes instead")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
