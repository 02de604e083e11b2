"""The risk role: signals to risks on `territories`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from features.events import Signal
from models.forecast import RiskState
from models.registry import Models, load_or_baseline
from models.remembered import Remembered
from streams.agents.keyed import KeyedAgent
from streams.agents.risk import Risk
from streams.bootstrap import keyed_agent, options
from streams.chunks import Log
from streams.settings import Settings
from streams.topics import Topics

log = logging.getLogger(__name__)


def logs(settings: Settings) -> list[Log]:
    return [(options(settings, "risk", Topics.of(settings).signals), lambda: risk(settings))]


@asynccontextmanager
async def risk(settings: Settings) -> AsyncIterator[KeyedAgent[RiskState, Signal]]:
    names, decisions = Topics.of(settings), settings.decisions
    role = Risk(
        signals=names.signals,
        territories=names.territories,
        models=remembering(await learned(settings)),
        zone=decisions.time_zone,
        params=decisions.risk,
    )
    async with keyed_agent(settings, "risk", role, topic=names.signals, state_type=RiskState) as agent:
        yield agent


def remembering(models: Models) -> Models:
    """Stops ahead are asked about every few minutes; only what has changed is asked of the model."""
    return replace(models, durations=Remembered(models.durations))


async def learned(settings: Settings) -> Models:
    """The models that the settings name, read once: a worker that is started anew takes newer ones."""
    models = await asyncio.to_thread(load_or_baseline, Path(settings.decisions.models.folder))
    if models.trouble:
        log.warning("predicting by rules of thumb: %s", models.trouble)
    else:
        log.info("predicting with models %s", models.version)
    return models
