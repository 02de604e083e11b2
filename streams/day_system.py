"""A system of its own for one live day: models from the world's past days, servers, fences, a worker of each role."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from streams.adapters.log import write_all
from streams.embedded.guarded import Guarded, listens
from streams.fence_files import messages as fence_messages
from streams.learning import learn
from streams.lockstep import Lockstep, lockstep
from streams.settings import Settings, variables, without_servers
from streams.simulator.city_geojson import collections
from streams.simulator.dispatcher import Dispatcher
from streams.simulator.live import LiveDay
from streams.system import STOP_WITHIN_S, Worker, servers, workers

ROLES = ("telemetry", "risk", "rebalance", "dispatch")
LOOK_EVERY_S = 0.05
FETCH_WAIT_MS = 10
"""The day waits for every agent at every step, so an agent shall hear soon."""


@contextmanager
def day_system(
    base: Settings,
    living: LiveDay,
    dispatcher: Dispatcher,
    *,
    step_s: float,
    board_port: int | None = None,
    say: Callable[[str], None],
) -> Iterator[Lockstep]:
    """The system, ready for the day; with the dispatcher's page where it has a port. Nothing of it is left after."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="headway-day-")))
        say("learning from the city's past days")
        learn(living.world, living.day, folder / "models")
        say("starting broker, Redis and a worker of each role")
        served, _ = parts.enter_context(servers(_named(base, folder), os.environ, history=True))
        write_all(served, fence_messages(served, living.world.fences))
        system = parts.enter_context(workers(served, ROLES, ticks=False))
        if board_port is not None:
            system.workers.append(parts.enter_context(_board(served, living, folder, board_port)))
        yield parts.enter_context(lockstep(system, living, dispatcher, step_s=step_s))


def _named(base: Settings, folder: Path) -> Settings:
    """A namespace of its own, and all that is kept in this folder."""
    replace = msgspec.structs.replace
    models = replace(base.decisions.models, folder=str(folder / "models"))
    return replace(
        base,
        namespace=f"{base.namespace}-demo-{os.getpid()}",
        worker=replace(base.worker, fetch_wait_ms=min(FETCH_WAIT_MS, base.worker.fetch_wait_ms)),
        decisions=replace(base.decisions, models=models),
        archive=replace(base.archive, folder=str(folder / "archive")),
    )


@contextmanager
def _board(served: Settings, living: LiveDay, folder: Path, port: int) -> Iterator[Worker]:
    """The dispatcher's page, over the city's own streets and water."""
    base_map = folder / "city.json"
    layers = collections(living.world.city).values()
    features = [feature for layer in layers for feature in layer["features"]]
    base_map.write_bytes(msgspec.json.encode({"type": "FeatureCollection", "features": features}))
    said = {"HEADWAY_BOARD__BASE_MAP": str(base_map)}
    process = Guarded(
        [sys.executable, "-m", "streams.cli", "board", "--port", str(port)],
        folder / "board.log",
        folder=folder,
        stop_within_s=STOP_WITHIN_S,
        environ={**without_servers(os.environ), **variables(served), **said},
    )
    worker = Worker("board", process)
    try:
        # Whoever is told the address goes there at once.
        while not listens(port):
            worker.check()
            time.sleep(LOOK_EVERY_S)
        yield worker
    finally:
        process.stop()
