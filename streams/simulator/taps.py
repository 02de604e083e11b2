"""What technicians tap in their app: the truth with some delay, and now and then nothing.

A tap follows its act after exp(N(ln delay_median_s, delay_sigma)) seconds, but never overtakes another.
A forgotten step is left out, but no more than one for each appointment, or else its end would follow
what it can't; a forgotten end is caught up on when the next thing is tapped. So no sequence is impossible
unless `impossible_share` asks for it.
"""

from collections.abc import Iterator
from math import log

import msgspec
import numpy as np

from features.events import Status
from streams.simulator.quantities import Amount, Positive, Share
from streams.simulator.truth import Act

ENDS = ("completed", "incomplete", "no_access")
AT_ONCE = ("delivered", "acknowledged", "declined")
"""Acts of the app itself: they come when they come."""


class TapParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares are of acts of that kind; `impossible_share` of ended jobs, which are then begun once more."""

    delay_median_s: Positive = 12.0
    delay_sigma: Amount = 0.9
    forgotten_en_route_share: Share = 0.05
    forgotten_on_site_share: Share = 0.06
    forgotten_in_progress_share: Share = 0.05
    forgotten_end_share: Share = 0.03
    forgotten_break_share: Share = 0.08
    forgotten_off_shift_share: Share = 0.05
    impossible_share: Share = 0.0


class Taps:
    """One technician's thumb for a day: acts go in by their time, statuses come out at least a second apart."""

    def __init__(self, draw: np.random.Generator, params: TapParams) -> None:
        self._draw, self._params = draw, params
        self._break_forgotten = bool(draw.random() < params.forgotten_break_share)
        self._forgotten: set[str | None] = set()
        self._owed: Act | None = None
        self._begun = False
        self._last_ms = 0

    def tap(self, act: Act) -> Iterator[Status]:
        delay_ms, lot = self._delay_ms(), float(self._draw.random())
        caught_up, self._owed = self._owed, None
        if caught_up is not None:
            yield from self._tapped(caught_up, act.time_ms)
        if act.status in AT_ONCE:
            yield from self._tapped(act, act.time_ms)
        elif act.status in ENDS and lot < self._params.forgotten_end_share:
            self._owed = act
        elif not self._forgets(act, lot):
            yield from self._tapped(act, act.time_ms + delay_ms)
        self._begun = True

    def _forgets(self, act: Act, lot: float) -> bool:
        if act.status == "on_break" or (act.status == "on_shift" and self._begun):
            return self._break_forgotten
        if lot >= _forgotten_share(act.status, self._params) or act.appointment in self._forgotten:
            return False
        self._forgotten.add(act.appointment)
        return True

    def _tapped(self, act: Act, wanted_ms: int) -> Iterator[Status]:
        self._last_ms = max(self._last_ms + 1_000, wanted_ms)
        yield _status(act, self._last_ms)
        if act.status in ENDS and self._draw.random() < self._params.impossible_share:
            self._last_ms += 6_000
            yield _status(Act(act.technician, self._last_ms, "in_progress", act.appointment), self._last_ms)

    def _delay_ms(self) -> int:
        spread = self._params.delay_sigma * float(self._draw.standard_normal())
        return round(1000 * float(np.exp(log(self._params.delay_median_s) + spread)))


def _forgotten_share(status: str, params: TapParams) -> float:
    shares = {
        "en_route": params.forgotten_en_route_share,
        "on_site": params.forgotten_on_site_share,
        "in_progress": params.forgotten_in_progress_share,
        "off_shift": params.forgotten_off_shift_share,
    }
    return shares.get(status, 0.0)


def _status(act: Act, time_ms: int) -> Status:
    status = {"technician": act.technician, "status": act.status, "appointment": act.appointment}
    return msgspec.convert({"type": "status", "time_ms": time_ms, **status}, Status)
