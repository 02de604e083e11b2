"""Many pings fast, for benchmarks: technicians that drive out and back along real routes of a small city.

A technician drives `driving_share` of a cycle at a steady speed, then stands for the rest of it, so that the
position at any time is a closed formula and a whole fleet is one NumPy call a step. Every fix carries
Gauss-Markov jitter as in `noise.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np

from features.events import Ping, Tick
from features.fence_events import Circle, Fence
from streams.simulator import city
from streams.simulator.city import CityParams
from streams.simulator.plane import Floats, Plane
from streams.simulator.quantities import Amount, Count, Positive, Share
from streams.simulator.routing import Router, RoutingParams
from streams.simulator.seeds import generator
from streams.simulator.streets import Place, Streets

Record = tuple[int, bytes | None, bytes, int | None]
"""(received_ms, key, value, partition): the partition where it is a tick, the key where it is a ping."""


class LoadParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of it. The default begins on Tuesday, 3 March 2026, 14:00 UTC."""

    technicians: Count = 2_000
    fences: Count = 1_000
    routes: Count = 150
    begin_ms: int = 1_772_546_400_000
    every_s: Positive = 5.0
    tick_every_s: Positive = 5.0
    driving_share: Share = 0.7
    min_cycle_s: Positive = 600.0
    max_cycle_s: Positive = 1_800.0
    min_speed_mps: Positive = 6.0
    max_speed_mps: Positive = 14.0
    min_radius_m: Positive = 60.0
    max_radius_m: Positive = 100.0
    jitter_sigma_m: Amount = 3.5
    jitter_tau_s: Positive = 60.0
    delay_ms: int = 800


class Load:
    """A fleet and its fences. The same seed gives the same bytes."""

    def __init__(self, seed: int, params: LoadParams | None = None) -> None:
        self._params = params or LoadParams()
        self._seed = seed
        town = city.build(seed, CityParams())
        self._plane = town.plane
        self._movers = _Movers.of(seed, town.streets, self._params)
        self.fences = tuple(_fences(seed, town.streets, town.plane, self._params))
        self.technicians = tuple(f"load-{n:05d}" for n in range(self._params.technicians))
        self._keys = tuple(name.encode() for name in self.technicians)

    def batches(self, pings: int, partitions: int = 0) -> Iterator[list[Record]]:
        """`pings` pings in time order, a list for each `every_s` of event time.

        With `partitions`, each list ends with a tick for every partition whenever `tick_every_s` is over.
        """
        encode = msgspec.json.Encoder().encode
        params, noise = self._params, generator(self._seed, "load", "noise")
        jitter = noise.normal(0, params.jitter_sigma_m, (2, params.technicians))
        kept = float(np.exp(-params.every_s / params.jitter_tau_s))
        step_ms, ticked_ms = round(params.every_s * 1000), params.begin_ms
        for step in range(-(-pings // params.technicians)):
            now_ms = params.begin_ms + step * step_ms
            fresh = noise.normal(0, params.jitter_sigma_m * np.sqrt(1 - kept**2), jitter.shape)
            jitter = kept * jitter + fresh
            received_ms = now_ms + params.delay_ms
            count = min(params.technicians, pings - step * params.technicians)
            made = self._pings(step, now_ms, jitter)[:count]
            batch: list[Record] = [
                (received_ms, key, encode(ping), None) for key, ping in zip(self._keys, made, strict=False)
            ]
            if received_ms - ticked_ms >= params.tick_every_s * 1000:
                ticked_ms = received_ms
                tick = encode(Tick(time_ms=received_ms))
                batch += [(received_ms, None, tick, partition) for partition in range(partitions)]
            yield batch

    def _pings(self, step: int, now_ms: int, jitter: Floats) -> list[Ping]:
        x, y, speed = self._movers.at(step * self._params.every_s)
        lats, lons = self._plane.degrees(x + jitter[0], y + jitter[1])
        columns = zip(
            self.technicians, lats.tolist(), lons.tolist(), np.round(speed, 2).tolist(), strict=True
        )
        return [
            Ping(
                technician=technician,
                time_ms=now_ms,
                lat=lat,
                lon=lon,
                seq=step,
                accuracy_m=8.0,
                speed_mps=speed_mps,
                ignition=speed_mps > 0,
                source="load",
            )
            for technician, lat, lon, speed_mps in columns
        ]


@dataclass(frozen=True, eq=False)
class _Movers:
    """All routes end to end: distance `reached` to `x`, `y`; and for each technician where its loop
    begins in it, its length, the phase, the cycle and the speed."""

    reached: Floats
    x: Floats
    y: Floats
    begin_m: Floats
    length_m: Floats
    phase_s: Floats
    cycle_s: Floats
    speed_mps: Floats
    driving_share: float

    @staticmethod
    def of(seed: int, streets: Streets, params: LoadParams) -> "_Movers":
        lines = _loops(seed, streets, params.routes)
        reached, begins, lengths = _end_to_end(lines)
        points = np.vstack(lines)
        draw, count = generator(seed, "load", "movers"), params.technicians
        route = draw.integers(0, len(lines), count)
        cycle_s = draw.uniform(params.min_cycle_s, params.max_cycle_s, count)
        return _Movers(
            reached=reached,
            x=points[:, 0],
            y=points[:, 1],
            begin_m=begins[route],
            length_m=lengths[route],
            phase_s=draw.uniform(0, 20, count) * cycle_s,
            cycle_s=cycle_s,
            speed_mps=draw.uniform(params.min_speed_mps, params.max_speed_mps, count),
            driving_share=params.driving_share,
        )

    def at(self, seconds: float) -> tuple[Floats, Floats, Floats]:
        """Positions (metres) and speeds (m/s) of everybody."""
        cycles, spent_s = np.divmod(seconds + self.phase_s, self.cycle_s)
        drive_s = self.driving_share * self.cycle_s
        driven_m = self.speed_mps * (cycles * drive_s + np.minimum(spent_s, drive_s))
        at_m = self.begin_m + np.mod(driven_m, self.length_m)
        speed = np.where(spent_s < drive_s, self.speed_mps, 0.0)
        return np.interp(at_m, self.reached, self.x), np.interp(at_m, self.reached, self.y), speed


def _loops(seed: int, streets: Streets, count: int) -> list[Floats]:
    """Ways out and back, (n, 2) in metres each."""
    draw, router = generator(seed, "load", "routes"), Router(streets, RoutingParams())
    edges = draw.integers(0, len(streets.ends), (count, 2)).tolist()
    ways = [router.route(_middle(streets, a), _middle(streets, b), 12.0).points for a, b in edges]
    return [np.vstack([way, way[-2::-1]]) for way in ways]


def _middle(streets: Streets, edge: int) -> Place:
    return streets.beside(edge, 0.5, 4.0)


def _end_to_end(lines: list[Floats]) -> tuple[Floats, Floats, Floats]:
    """Distances along all lines, one metre apart from each other; where each begins; how long each is."""
    own = [np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))]) for line in lines]
    lengths = np.array([reached[-1] for reached in own])
    begins = np.concatenate([[0.0], np.cumsum(lengths + 1.0)[:-1]])
    shifted = [reached + begin for reached, begin in zip(own, begins, strict=True)]
    return np.concatenate(shifted), begins, lengths


def _fences(seed: int, streets: Streets, plane: Plane, params: LoadParams) -> Iterator[Fence]:
    draw = generator(seed, "load", "fences")
    for n in range(params.fences):
        place = streets.beside(int(draw.integers(len(streets.ends))), float(draw.random()), 25.0)
        lat, lon = plane.point(place.x, place.y)
        radius_m = float(round(draw.uniform(params.min_radius_m, params.max_radius_m)))
        name = f"site-{n + 1:05d}"
        yield Fence(fence=name, kind="customer_site", name=name, geometry=Circle(lat, lon, radius_m))
