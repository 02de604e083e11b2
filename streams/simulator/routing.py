"""Shortest-time routes over the streets, at speeds that change with the hour."""

from dataclasses import dataclass
from heapq import heappop, heappush
from math import exp, hypot

import msgspec
import numpy as np

from streams.simulator.plane import Floats
from streams.simulator.quantities import Positive, Share
from streams.simulator.streets import Class, Place, Streets

HOUR_BUCKETS = 2
"""Speeds are taken at the middle of each half hour."""
CLOSED_PENALTY = 50.0
"""How many times longer a closed street seems to those who know that it is closed."""
OFF_STREET_MPS = 3.0


class RoutingParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Free speeds and what the rush hours leave of them.

    factor(h) = 1 - slowdown * sum over rush hours r of exp(-((h - r) / rush_width_h)^2 / 2)
    """

    side_street_mps: Positive = 8.5
    arterial_mps: Positive = 16.0
    bridge_mps: Positive = 13.0
    rush_hours: tuple[float, ...] = (8.0, 17.0)
    rush_width_h: Positive = 0.8
    side_street_rush_slowdown: Share = 0.15
    arterial_rush_slowdown: Share = 0.45
    bridge_rush_slowdown: Share = 0.55


@dataclass(frozen=True, eq=False)
class Route:
    """A way between two places: `points` (n, 2) in metres, and for each of the n - 1 pieces between
    them its expected `seconds` and its street class (-1 off the street)."""

    points: Floats
    seconds: Floats
    classes: np.ndarray

    @property
    def lengths_m(self) -> Floats:
        lengths: Floats = np.hypot(*np.diff(self.points, axis=0).T)
        return lengths

    @property
    def length_m(self) -> float:
        return float(self.lengths_m.sum())

    @property
    def expected_s(self) -> float:
        return float(self.seconds.sum())

    def joined(self, onward: "Route") -> "Route":
        """This route and then `onward`, which begins where this one ends."""
        return Route(
            np.vstack([self.points, onward.points[1:]]),
            np.concatenate([self.seconds, onward.seconds]),
            np.concatenate([self.classes, onward.classes]),
        )

    def cut(self, at_m: float) -> tuple["Route", "Route"]:
        """The route up to `at_m` from its start, and the rest. Raises ValueError outside the route."""
        reached = np.concatenate([[0.0], np.cumsum(self.lengths_m)])
        if not 0 < at_m < reached[-1]:
            raise ValueError(f"cut at {at_m} m of a route of {reached[-1]:.0f} m")
        piece = int(np.searchsorted(reached, at_m, side="right")) - 1
        share = (at_m - reached[piece]) / (reached[piece + 1] - reached[piece])
        middle = self.points[piece] + share * (self.points[piece + 1] - self.points[piece])
        spent = self.seconds[piece] * share
        head = Route(
            np.vstack([self.points[: piece + 1], middle]),
            np.append(self.seconds[:piece], spent),
            self.classes[: piece + 1],
        )
        rest = np.concatenate([[self.seconds[piece] - spent], self.seconds[piece + 1 :]])
        return head, Route(np.vstack([middle, self.points[piece + 1 :]]), rest, self.classes[piece:])


class Router:
    """Routes over one street graph. It remembers what it found, for as long as it lives."""

    def __init__(self, streets: Streets, params: RoutingParams, closed: frozenset[int] = frozenset()) -> None:
        """`closed` are edges (inside a no-go area) that only a careless driver uses."""
        self._streets = streets
        self._params = params
        self._closed = closed
        self._seconds: dict[tuple[int, bool], list[float]] = {}
        self._routes: dict[tuple[Place, Place, int, bool], Route] = {}

    def route(self, start: Place, end: Place, hour: float, *, careless: bool = False) -> Route:
        """The fastest way at `hour` (local, 0-24; speeds of its half hour)."""
        bucket = int(hour * HOUR_BUCKETS) % (24 * HOUR_BUCKETS)
        key = (start, end, bucket, careless)
        if key not in self._routes:
            self._routes[key] = self._find(start, end, bucket, careless)
        return self._routes[key]

    def expected_s(self, start: Place, end: Place, hour: float) -> float:
        return self.route(start, end, hour).expected_s

    def _find(self, start: Place, end: Place, bucket: int, careless: bool) -> Route:
        costs = self._edge_seconds(bucket, careless)
        if start.edge == end.edge:
            return self._assemble(start, end, [], [start.edge], bucket)
        nodes, edges = _search(
            self._streets, costs, self._ways_out(start, costs), dict(self._ways_out(end, costs))
        )
        return self._assemble(start, end, nodes, [start.edge, *edges, end.edge], bucket)

    def _ways_out(self, place: Place, costs: list[float]) -> list[tuple[int, float]]:
        u, v = self._streets.ends[place.edge].tolist()
        cost = costs[place.edge]
        return [(u, cost * place.along), (v, cost * (1 - place.along))]

    def _edge_seconds(self, bucket: int, careless: bool) -> list[float]:
        if (bucket, careless) not in self._seconds:
            seconds = self._streets.lengths_m / speeds_mps(self._params, bucket)[self._streets.classes]
            if not careless:
                seconds[list(self._closed)] *= CLOSED_PENALTY
            self._seconds[bucket, careless] = seconds.tolist()
        return self._seconds[bucket, careless]

    def _assemble(self, start: Place, end: Place, nodes: list[int], edges: list[int], bucket: int) -> Route:
        streets = self._streets
        on_street = [streets.at(start.edge, start.along)]
        on_street += [(float(streets.x[node]), float(streets.y[node])) for node in nodes]
        on_street += [streets.at(end.edge, end.along)]
        points = np.array([(start.x, start.y), *on_street, (end.x, end.y)])
        classes = np.array([-1, *streets.classes[edges].tolist(), -1])
        speeds = np.append(speeds_mps(self._params, bucket), OFF_STREET_MPS)[classes]
        return Route(points, np.hypot(*np.diff(points, axis=0).T) / speeds, classes)


def speeds_mps(params: RoutingParams, bucket: int) -> Floats:
    """Speeds by street class in one half hour, in the order of `Class`."""
    hour = (bucket + 0.5) / HOUR_BUCKETS
    rush = sum(exp(-(((hour - peak) / params.rush_width_h) ** 2) / 2) for peak in params.rush_hours)
    by_class = {
        Class.SIDE_STREET: params.side_street_mps * (1 - params.side_street_rush_slowdown * rush),
        Class.ARTERIAL: params.arterial_mps * (1 - params.arterial_rush_slowdown * rush),
        Class.BRIDGE: params.bridge_mps * (1 - params.bridge_rush_slowdown * rush),
    }
    return np.array([by_class[kind] for kind in Class])


def _search(
    streets: Streets, costs: list[float], sources: list[tuple[int, float]], targets: dict[int, float]
) -> tuple[list[int], list[int]]:
    """Dijkstra's algorithm from `sources` (node, seconds so far) to the cheapest of `targets`
    (node: seconds from there on). Returns the nodes and, between them, the edges; the graph is connected."""
    best: dict[int, float] = {}
    came: dict[int, tuple[int, int]] = {}
    queue: list[tuple[float, int]] = []
    for node, seconds in sources:
        best[node] = min(seconds, best.get(node, seconds))
        heappush(queue, (seconds, node))
    found, found_s = -1, float("inf")
    while queue:
        spent, node = heappop(queue)
        if spent >= found_s:
            break
        if spent > best[node]:
            continue
        if node in targets and spent + targets[node] < found_s:
            found, found_s = node, spent + targets[node]
        for other, edge in streets.neighbours[node]:
            seconds = spent + costs[edge]
            if seconds < best.get(other, found_s):
                best[other] = seconds
                came[other] = (node, edge)
                heappush(queue, (seconds, other))
    return _walk_back(came, found)


def _walk_back(came: dict[int, tuple[int, int]], node: int) -> tuple[list[int], list[int]]:
    nodes, edges = [node], []
    while node in came:
        node, edge = came[node]
        nodes.append(node)
        edges.append(edge)
    return nodes[::-1], edges[::-1]


def crow_m(a: Place, b: Place) -> float:
    return hypot(a.x - b.x, a.y - b.y)
