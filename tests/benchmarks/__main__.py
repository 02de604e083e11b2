"""`python -m tests.benchmarks`: measure, print a table, write `build/bench.json`."""

import argparse
import sys
from collections.abc import Callable

from tests.benchmarks import engine
from tests.benchmarks.rows import Row, show, write
from tests.benchmarks.running import HOUSE, Servers, servers

BENCHMARKS: dict[str, Callable[[Servers, int, float], list[Row]]] = {"engine": engine.measure}


def main() -> int:
    told = _told()
    names = told.only or list(BENCHMARKS)
    with servers() as running:
        rows = [row for name in names for row in BENCHMARKS[name](running, told.runs, told.scale)]
    show(rows)
    write(rows, HOUSE / "build" / "bench.json")
    return 0


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=BENCHMARKS)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
