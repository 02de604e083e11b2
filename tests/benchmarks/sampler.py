"""Where a process spends its time: its main thread is looked at after every millisecond of processor time."""

import gc
import signal
import sysconfig
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import msgspec

EVERY_S = 0.001
THREADS_EVERY = 100
"""Samples between two looks at all threads: they are gone when the worker has ended."""
HOUSE = Path(__file__).resolve().parents[2]
BEGINS_AT = "streams/agents/telemetry.py"
"""Samples count from the first in this file: until then the process starts."""

ROOMS: Mapping[str, tuple[str, ...]] = {
    "decode": ("streams/codec.py:decode",),
    "encode signals": (
        "streams/codec.py:encode",
        "features/events.py:",
        "streams/agents/telemetry.py:_messages",
        "streams/dead_letters.py:",
    ),
    "arrival and cleaning": tuple(
        f"features/{name}.py:"
        for name in ("reception", "intake", "ordering", "cleaning", "silence", "waiting")
    ),
    "geometry": (
        "features/fold.py:_sighted",
        *(f"features/{name}.py:" for name in ("fence_index", "borders", "ways", "geo", "rings", "fences")),
    ),
    "state machines": (
        "features/fold.py:_fold_cleaned",
        "features/fold.py:_seen",
        *(
            f"features/{name}.py:"
            for name in (
                "technician",
                "motion",
                "stops",
                "fencing",
                "geofence",
                "speed_unit",
                "switches",
                "appointment",
                "duty",
                "transition",
            )
        ),
    ),
    "rest of the fold": ("features/",),
    "send signals": ("streams/adapters/outbox.py:", "confluent_kafka/"),
    "Redis commit": (
        "streams/adapters/redis_state.py:",
        "streams/adapters/redis_partitions.py:",
        "streams/adapters/index.py:",
        "redis/",
    ),
    "rest of the agent": ("streams/agents/",),
    "transport": ("streams/chunks/", "faust/", "mode/", "aiokafka/"),
    "event loop": ("asyncio/runners.py:",),
}
"""The first room that the innermost frame of a stack belongs to has the sample."""
ELSEWHERE = "others"
OWN = "tests/benchmarks/sampler.py:"
STDLIB = f"{sysconfig.get_path('stdlib')}/"


class Profile(msgspec.Struct):
    """Samples of the main thread, by room and by (room, function); processor seconds by thread."""

    rooms: dict[str, int]
    functions: list[tuple[str, str, int]]
    threads_s: dict[str, float]
    collecting_s: float
    """Of the main thread's time, what the garbage collector took. Part of whatever room it befell."""


class Sampler:
    """One for a process; `start` and `profile` belong to the main thread."""

    def __init__(self) -> None:
        self._rooms: Counter[str] = Counter()
        self._functions: Counter[tuple[str, str]] = Counter()
        self._known: dict[str, str | None] = {}
        self._begun_s: dict[str, float] = {}
        self._threads_s: dict[str, float] = {}
        self._seen = 0
        self._collecting_s, self._collecting_since_s = 0.0, 0.0

    def start(self) -> None:
        gc.callbacks.append(self._collect)
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def profile(self) -> Profile:
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.callbacks.remove(self._collect)
        threads_s = {name: used - self._begun_s.get(name, 0.0) for name, used in self._threads_s.items()}
        functions = [(room, function, count) for (room, function), count in self._functions.most_common()]
        return Profile(dict(self._rooms), functions, threads_s, self._collecting_s)

    def _sample(self, number: int, frame: FrameType | None) -> None:
        names = [name for name in _names(frame) if not name.startswith(OWN)]
        if not self._begun_s:
            if not any(name.startswith(BEGINS_AT) for name in names):
                return
            self._begun_s, self._collecting_s = _threads_s(), 0.0
        self._seen += 1
        if self._seen % THREADS_EVERY == 0:
            self._threads_s.update(_threads_s())
        found = next(((room, name) for name in names if (room := self._room(name)) is not None), None)
        room, owner = found or (ELSEWHERE, names[0] if names else "")
        self._rooms[room] += 1
        self._functions[room, owner if names[0] == owner else f"{names[0]} in {owner}"] += 1

    def _room(self, name: str) -> str | None:
        if name not in self._known:
            rooms = (room for room, parts in ROOMS.items() if name.startswith(parts))
            self._known[name] = next(rooms, None)
        return self._known[name]

    def _collect(self, phase: str, _: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if phase == "start":
            self._collecting_since_s = time.thread_time()
        else:
            self._collecting_s += time.thread_time() - self._collecting_since_s


def _names(frame: FrameType | None) -> list[str]:
    """`file:function` of a stack, innermost first; files as they lie in the house or among the packages."""
    names = []
    while frame is not None:
        code = frame.f_code
        path = code.co_filename.removeprefix(f"{HOUSE}/").rpartition("site-packages/")[2].removeprefix(STDLIB)
        names.append(f"{path}:{code.co_qualname}")
        frame = frame.f_back
    return names


def _threads_s() -> dict[str, float]:
    """Processor seconds by Python thread; what is left of the process's has no name (librdkafka's threads)."""
    used = {
        thread.name: time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.ident is not None
    }
    used["not Python's"] = time.process_time() - sum(used.values())
    return used
