"""What a simulated world's past days teach: durations and travel times, saved where the agents look for them."""

from datetime import date
from pathlib import Path

from models import registry
from models.registry import Manifest
from models.train import TooLittle, TrainParams, train
from streams.errors import BadInput
from streams.simulator.history import DAYS, past
from streams.simulator.world import World


def learn(world: World, until: date, folder: Path, days: int = DAYS) -> Manifest:
    """From so many working days before `until`. Raises `BadInput` for too few and for a folder not to be written."""
    history = past(world, until, days)
    try:
        trained = train(history, TrainParams(seed=world.seed))
    except TooLittle as error:
        raise BadInput(f"{error}; ask for more with --days") from error
    try:
        return registry.save(folder, trained)
    except OSError as error:
        raise BadInput(f"models can't be saved in {folder}: {error}; name another with --folder") from error
