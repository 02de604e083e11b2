"""What technicians tap in their app: the truth with some delay, and now and then nothing.

A tap follows its act after exp(N(ln delay_median_s, delay_sigma)) seconds, but never overtakes another.
A forgotten step is left out, but no more than one for each appointment, or else its end would follow
what it can't; a forgotten end is caught up on when the next thing is tapped. So no sequence is impossible
unless `impossible_share` asks for it.
"""

from collections.abc import Iterator, Sequence
from math import log

import msgspec
import numpy as np

from features.events import Status
from streams.simulator.quantities import Amount, Positive, Share
from streams.simulator.truth import Act

ENDS = ("completed", "incomplete", "no_access")


class TapParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares are of acts of that kind; `impossible_share` of ended jobs, which are then begun once more."""

    delay_median_s: Positive = 12.0
    delay_sigma: Amount = 0.9
    acknowledge_median_s: Positive = 90.0
    forgotten_en_route_share: Share = 0.05
    forgotten_on_site_share: Share = 0.06
    forgotten_in_progress_share: Share = 0.05
    forgotten_end_share: Share = 0.03
    forgotten_break_share: Share = 0.08
    forgotten_off_shift_share: Share = 0.05
    impossible_share: Share = 0.0


def tapped(
    acts: Sequence[Act], appointments: Sequence[str], draw: np.random.Generator, params: TapParams
) -> list[Status]:
    """One technician's statuses for a day, in order, at least a second apart.

    `appointments` are acknowledged at the start of the shift.
    """
    statuses: list[Status] = []
    after_ms = 0
    for act, wanted_ms in _timed(_acknowledged(acts, appointments, draw, params), draw, params):
        after_ms = max(after_ms + 1_000, wanted_ms)
        statuses.append(_status(act, after_ms))
        if act.status in ENDS and draw.random() < params.impossible_share:
            after_ms += 5_000
            statuses.append(_status(Act(act.technician, after_ms, "in_progress", act.appointment), after_ms))
    return statuses


def _acknowledged(
    acts: Sequence[Act], appointments: Sequence[str], draw: np.random.Generator, params: TapParams
) -> Iterator[Act]:
    """The acts, with an acknowledgement of each appointment after the first of them."""
    first, *others = acts
    yield first
    at_ms = first.time_ms + _delay_ms(draw, params.acknowledge_median_s, params)
    # Some are on the road before they look at the list: what is acknowledged is what is still ahead.
    until_ms = others[0].time_ms if others else at_ms
    for n, appointment in enumerate(appointments):
        yield Act(first.technician, min(at_ms, until_ms) + 2_000 * n, "acknowledged", appointment)
    yield from others


def _timed(acts: Iterator[Act], draw: np.random.Generator, params: TapParams) -> Iterator[tuple[Act, int]]:
    """Each act that is tapped, and when, if nothing else is in the way."""
    everything, forgotten = list(acts), set[str | None]()
    break_forgotten = draw.random() < params.forgotten_break_share
    for n, act in enumerate(everything):
        delay_ms, lot = _delay_ms(draw, params.delay_median_s, params), draw.random()
        if act.status == "acknowledged":
            yield act, act.time_ms
        elif act.status == "on_break" or (act.status == "on_shift" and n > 0):
            if not break_forgotten:
                yield act, act.time_ms + delay_ms
        elif act.status in ENDS and lot < params.forgotten_end_share and n + 1 < len(everything):
            yield act, everything[n + 1].time_ms
        elif lot < _forgotten_share(act.status, params) and act.appointment not in forgotten:
            forgotten.add(act.appointment)
        else:
            yield act, act.time_ms + delay_ms


def _forgotten_share(status: str, params: TapParams) -> float:
    shares = {
        "en_route": params.forgotten_en_route_share,
        "on_site": params.forgotten_on_site_share,
        "in_progress": params.forgotten_in_progress_share,
        "off_shift": params.forgotten_off_shift_share,
    }
    return shares.get(status, 0.0)


def _delay_ms(draw: np.random.Generator, median_s: float, params: TapParams) -> int:
    return round(1000 * float(np.exp(log(median_s) + params.delay_sigma * draw.standard_normal())))


def _status(act: Act, time_ms: int) -> Status:
    status = {"technician": act.technician, "status": act.status, "appointment": act.appointment}
    return msgspec.convert({"type": "status", "time_ms": time_ms, **status}, Status)
