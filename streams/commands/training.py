"""`headway train`: learn durations and travel times from past days."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.commands.running import SeedOption, TechniciansOption

if TYPE_CHECKING:
    from models.registry import Manifest

DaysOption = Annotated[
    int, typer.Option(min=1, max=1000, help="How many past working days to learn from; 10 at least.")
]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder", metavar="DIR", help="Where to save it; by default as decisions.models.folder says."
    ),
]


def train(
    seed: SeedOption = 7,
    days: DaysOption = 40,
    technicians: TechniciansOption = None,
    folder: FolderOption = None,
) -> None:
    """Learn how long work and ways take, from a simulated city's past days, and save it for the agents.

    It says how well the last days were foretold by what the earlier had taught, beside group medians. Agents
    take what holds when they start.
    """
    from streams import simulated
    from streams.commands.days import configs
    from streams.commands.settings import settings
    from streams.commands.show import err, out
    from streams.learning import learn

    into = folder or Path(settings().decisions.models.folder)
    err.print("living the past days and learning from them", style="dim")
    world = simulated.day(seed, technicians, configs()).world
    manifest = learn(world, simulated.DAY, into, days)
    _tell(manifest)
    out.print(f"saved as {into / manifest.version}", soft_wrap=True)


def _tell(manifest: "Manifest") -> None:
    from streams.commands.show import out, print_table
    from streams.commands.tables import Column

    columns = (
        Column("durations"),
        *(Column(name, right=True) for name in ("jobs", "pinball s", "within p10-p90", "off by s")),
    )
    scores = (("LightGBM", manifest.model_score), ("group medians", manifest.baseline_score))
    rows = [
        (name, f"{one.rows:,}", f"{one.pinball_s:.1f}", f"{one.coverage:.1%}", f"{one.error_s:.0f}")
        for name, one in scores
    ]
    out.print(
        f"learned from {manifest.trained_from} to {manifest.trained_to}, {manifest.jobs:,} jobs and "
        f"{manifest.legs:,} legs; judged by the days from {manifest.judged_from}",
        soft_wrap=True,
    )
    out.print()
    print_table("", columns, rows)
    out.print()
    print_table("", (Column("ways"), Column("value", right=True)), list(_ways(manifest)))


def _ways(manifest: "Manifest") -> Iterator[tuple[str, str]]:
    travel, score = manifest.travel, manifest.travel_score
    yield "detour", f"{travel.detour:.2f}"
    yield "speed", f"{travel.speed_mps * 3.6:.0f} km/h"
    yield "with every leg", f"{travel.fixed_s:.0f} s"
    yield "rush hour", f"x {max(travel.pace_by_hour):.2f}"
    yield "spread", f"{travel.spread:.2f}"
    if score is not None:
        yield "off by", f"{score.error_s:.0f} s, {score.error_share:.0%}"
        yield "within p10-p90", f"{score.coverage:.1%} of {score.legs:,} legs"
