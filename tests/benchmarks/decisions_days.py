"""Whole days with and without decisions: the late minutes of each seed, and how far ahead a risk was known.

Twice as many seeds as runs, each a day of `headway demo --headless`: every proposal accepted, and the same day
with every proposal ignored.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks.rows import Row
from tests.benchmarks.running import HOUSE, WITHIN_S, Failed, Servers, said


def measure(running: Servers, runs: int, scale: float) -> list[Row]:
    """`scale` is of the technicians."""
    with tempfile.TemporaryDirectory(prefix="headway-days-") as folder:
        days = [_day(running, seed, scale, Path(folder)) for seed in range(1, 2 * runs + 1)]
    accepting = [day["late_minutes_accepting"] for day in days]
    ignoring = [day["late_minutes_ignoring"] for day in days]
    saved = [1 - ours / theirs for ours, theirs in zip(accepting, ignoring, strict=True)]
    share = 1 - sum(accepting) / sum(ignoring)
    return [
        Row.of("late_minutes", "min a day", accepting).beside(
            "ignoring", Row.of("late_minutes", "min a day", ignoring)
        ),
        Row.of("late_minutes_saved", "share", saved),
        Row("late_minutes_saved_in_sum", round(share, 4), "share", runs=(round(share, 4),)),
        Row.of("risk_lead_min", "min", [day["risk_lead_min"] for day in days]),
        Row.of("disruption", "technician changes a plan", [day["technician_changes_a_plan"] for day in days]),
        Row.of("day_wall_s", "s", [day["wall_s"] for day in days]),
    ]


def _day(running: Servers, seed: int, scale: float, folder: Path) -> dict[str, Any]:
    file = folder / f"{seed}.json"
    words = ["demo", "--headless", "--seed", str(seed), "--report", str(file)]
    if scale != 1.0:
        words += ["--technicians", str(max(2, round(24 * scale)))]
    environ = {**os.environ, "HEADWAY_KAFKA": running.kafka, "HEADWAY_REDIS": running.redis}
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", *words],
        cwd=HOUSE,
        env=environ,
        capture_output=True,
        text=True,
        timeout=2 * WITHIN_S,
        check=False,
    )
    if done.returncode:
        raise Failed(f"the day of seed {seed} failed:\n{done.stderr[-2000:]}")
    day: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    said.print(
        f"seed {seed}: {day['late_minutes_accepting']:.0f} late minutes, "
        f"{day['late_minutes_ignoring']:.0f} without decisions, {day['wall_s']:.0f} s",
        style="dim",
    )
    return day
