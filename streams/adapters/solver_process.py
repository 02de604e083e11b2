"""VROOM in a process of its own: it holds the interpreter's lock while it solves, and no limit of its own ends it.

So the parent kills it when its time is over, and starts another, which is warm when it is asked the next
time. A parent that died cannot do so: the kernel ends the child by an alarm then, and one that waits sees
the closed pipe.
"""

import logging
import signal
import threading
import time
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from models.rebalancing.vroom_input import Solver, VroomInput, VroomRoutes

BOOT_WITHIN_S = 60.0
"""On a busy machine the child may take its time to import what it needs; after this it is started anew."""
OUTLIVES_S = 2.0
"""So long after the limit the kernel ends a child that nobody has killed."""
READY = "ready"

log = logging.getLogger(__name__)


class Child(NamedTuple):
    process: BaseProcess
    pipe: Connection
    began: float


class SolverProcess:
    """A child that is kept. From several threads, one is served at a time."""

    def __init__(self, limit_s: float) -> None:
        """No question takes longer than `limit_s`."""
        self._limit_s = limit_s
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._ready = self._closed = False
        self.killed = 0

    def within(self, limit_s: float) -> Solver:
        """A solver that has `limit_s` for all that it is asked, from now on. It says None where that is over."""
        deadline = time.monotonic() + limit_s
        return lambda asked: self._solved(asked, deadline)

    def start(self) -> None:
        """Have the child warm before it is needed."""
        with self._turn:
            self._running()

    def close(self) -> None:
        """End the child, also in the middle of a question, whose asker gets None."""
        self._closed = True
        child = self._child
        if child is not None:
            child.process.kill()
        with self._turn:
            self._end()

    def _solved(self, asked: VroomInput, deadline: float) -> VroomRoutes | None:
        with self._turn:
            left_s = min(deadline - time.monotonic(), self._limit_s)
            if left_s <= 0 or self._closed:
                return None
            child = self._running()
            try:
                return self._answer(child, asked, min(deadline, time.monotonic() + left_s))
            except (EOFError, OSError):
                self._restart("ended by itself")
                return None

    def _answer(self, child: Child, asked: VroomInput, deadline: float) -> VroomRoutes | None:
        if not self._ready:
            if not child.pipe.poll(max(0.0, deadline - time.monotonic())):
                # Still importing. To kill it now would only make it begin again.
                if time.monotonic() - child.began > BOOT_WITHIN_S:
                    self._restart("did not start")
                return None
            self._ready = child.pipe.recv() == READY
        child.pipe.send(asked)
        if child.pipe.poll(max(0.0, deadline - time.monotonic())):
            answer: VroomRoutes | None = child.pipe.recv()
            return answer
        self.killed += 1
        self._restart("had no answer in time and was killed")
        return None

    def _restart(self, why: str) -> None:
        log.log(logging.DEBUG if self._closed else logging.WARNING, "the solver %s: starting another", why)
        self._end()
        if not self._closed:
            self._running()

    def _running(self) -> Child:
        child = self._child
        if child is not None and child.process.is_alive():
            return child
        self._end()
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._limit_s + OUTLIVES_S), name="headway-solver", daemon=True
        )
        process.start()
        theirs.close()
        self._child, self._ready = Child(process, ours, time.monotonic()), False
        return self._child

    def _end(self) -> None:
        if self._child is None:
            return
        child, self._child = self._child, None
        child.process.kill()
        child.process.join()
        child.process.close()
        child.pipe.close()


def _serve(pipe: Connection, limit_s: float) -> None:
    """The child: answers until the pipe closes."""
    # Ctrl-C reaches the whole group; whoever started us decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    from models.rebalancing.solver import solve

    with suppress(EOFError, OSError):
        pipe.send(READY)
        while True:
            asked = pipe.recv()
            signal.setitimer(signal.ITIMER_REAL, limit_s)
            answer = solve(asked)
            signal.setitimer(signal.ITIMER_REAL, 0)
            pipe.send(answer)
