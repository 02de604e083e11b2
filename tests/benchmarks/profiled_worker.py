"""A telemetry worker that looks at itself: `profiled_worker FILE` writes its profile there when it is stopped."""

import os
import sys
from pathlib import Path

import msgspec

from streams import settings
from streams.commands.workers import run_role
from tests.benchmarks.sampler import Sampler


def main() -> int:
    sampler = Sampler()
    sampler.start()
    code = run_role("telemetry", settings.load(os.environ), ticks=False)
    Path(sys.argv[1]).write_bytes(msgspec.json.encode(sampler.profile()))
    return code


if __name__ == "__main__":
    sys.exit(main())
