"""`headway simulate --live`: a simulated day for a system that runs elsewhere, and that decides about it."""

import time

from streams import simulated
from streams.adapters.clock import wall_ms
from streams.adapters.log import write_all
from streams.commands.days import called, configs, log_time_ms
from streams.commands.foreground import stopping
from streams.commands.show import clock, count, err, out
from streams.errors import BadInput, HeadwayError
from streams.fence_files import messages as fence_messages
from streams.fence_files import next_versions, on_topic
from streams.lockstep import PACE_S, Lockstep, lockstep
from streams.settings import Settings
from streams.simulator.dispatcher import Dispatcher
from streams.simulator.live import LiveDay
from streams.simulator.move import Move
from streams.system import System

PLANNED_WITHIN_S = 60.0


def publish_live(
    served: Settings, *, seed: int, technicians: int | None, speed: float, dated: bool, accept: bool
) -> None:
    """The office, customers and technicians of a day, until it is over or somebody stops it.

    The system plans and sends assignments; people at the board decide, or with `accept` somebody simulated.
    """
    known, log_ms = on_topic(served).newest(), log_time_ms(served)
    living = simulated.live(seed, technicians, configs())
    move = _move(living, log_ms, dated)
    write_all(served, fence_messages(served, next_versions(living.world.fences, known, 0)))
    people = count(len(living.world.fleet), "technician")
    err.print(f"{people}, {speed:g}x, from the day's first message on; Ctrl-C ends it", soft_wrap=True)
    dispatcher = Dispatcher(living.world.params.dispatcher, accepting=accept)
    with stopping(), lockstep(System(served, []), living, dispatcher, step_s=1.0, move=move) as stepped:
        try:
            _open(stepped)
            stepped.paced(speed, lambda _: None)
        finally:
            out.print(f"{count(stepped.pings, 'ping')} published")


def _open(stepped: Lockstep) -> None:
    """Say what the office says before the day, and wait until technicians are sent their part of it."""
    stepped.send(stepped.opening())
    until = time.monotonic() + PLANNED_WITHIN_S
    while not stepped.listen().heard:
        if time.monotonic() > until:
            raise HeadwayError(
                f"the system has sent no technician anything for {PLANNED_WITHIN_S:.0f} s; "
                "are its telemetry, rebalance and dispatch workers running on this namespace?"
            )
        time.sleep(PACE_S)


def _move(living: LiveDay, log_ms: int, dated: bool) -> Move | None:
    """None where the day keeps its date; else to now, or on to the log's time."""
    if not dated:
        begin_ms = max(wall_ms(), log_ms)
        return simulated.move_to(living, living.begin_ms, begin_ms, called(begin_ms))
    if log_ms > living.begin_ms:
        raise BadInput(
            f"--dated begins at {clock(living.begin_ms)} UTC, but the time on the log is {clock(log_ms)} UTC "
            "already; use a HEADWAY_NAMESPACE that is new, and run its workers with --no-ticks"
        )
    return None
