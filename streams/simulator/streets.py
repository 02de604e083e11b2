"""The street graph: nodes in metres, edges with a class, and places that lie beside an edge."""

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from streams.simulator.plane import Floats

Ints = NDArray[np.int64]


class Class(IntEnum):
    SIDE_STREET = 0
    ARTERIAL = 1
    BRIDGE = 2


@dataclass(frozen=True)
class Place:
    """Where a vehicle can stand: (x, y) in metres, beside `edge` at share `along` of it."""

    x: float
    y: float
    edge: int
    along: float


@dataclass(frozen=True, eq=False)
class Streets:
    """Nodes `x`, `y` (n), edges `ends` (m, 2) and `classes` (m), both ways open."""

    x: Floats
    y: Floats
    ends: Ints
    classes: Ints

    @cached_property
    def lengths_m(self) -> Floats:
        u, v = self.ends[:, 0], self.ends[:, 1]
        return np.hypot(self.x[u] - self.x[v], self.y[u] - self.y[v])

    @cached_property
    def neighbours(self) -> list[list[tuple[int, int]]]:
        """For each node its (neighbour, edge) pairs."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(len(self.x))]
        for edge, (u, v) in enumerate(self.ends.tolist()):
            found[u].append((v, edge))
            found[v].append((u, edge))
        return found

    def at(self, edge: int, along: float) -> tuple[float, float]:
        """The point on an edge, in metres."""
        u, v = self.ends[edge]
        x = self.x[u] + (self.x[v] - self.x[u]) * along
        y = self.y[u] + (self.y[v] - self.y[u]) * along
        return float(x), float(y)

    def beside(self, edge: int, along: float, setback_m: float) -> Place:
        """A place `setback_m` to the left of an edge (negative: to the right)."""
        u, v = self.ends[edge]
        x, y = self.at(edge, along)
        east, north = self.x[v] - self.x[u], self.y[v] - self.y[u]
        scale = setback_m / self.lengths_m[edge]
        return Place(float(x - north * scale), float(y + east * scale), int(edge), float(along))

    def connected(self) -> "Streets":
        """The largest part in which every node can reach every other, renumbered."""
        best: set[int] = set()
        seen: set[int] = set()
        for node in range(len(self.x)):
            if node not in seen:
                part = self._reached(node)
                seen |= part
                best = max(best, part, key=len)
        return self._only(best)

    def _reached(self, node: int) -> set[int]:
        reached, queue = {node}, deque([node])
        while queue:
            for other, _ in self.neighbours[queue.popleft()]:
                if other not in reached:
                    reached.add(other)
                    queue.append(other)
        return reached

    def _only(self, nodes: set[int]) -> "Streets":
        keep = np.array(sorted(nodes), dtype=np.int64)
        number = np.full(len(self.x), -1, dtype=np.int64)
        number[keep] = np.arange(len(keep))
        ends = number[self.ends]
        whole = (ends >= 0).all(axis=1)
        return Streets(self.x[keep], self.y[keep], ends[whole], self.classes[whole])
