"""How messages reach the log: delays, stretches without a network, repeats.

delay = exp(N(ln median, sigma)) seconds; a share `late_share` of the messages takes
exp(N(ln late_median, late_sigma)) instead. While a device is offline (a Poisson process) it stores what
it has; all of it is received within seconds of being back. A repeat is the same message again.

The defaults are those of a good connection. `STORE_AND_FORWARD` is one that was measured on a commercial
tracker feed (half within 3 s, 90 % within 42 s, 99 % within 435 s, 11 % repeats).
"""

from math import log

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.simulator.quantities import Amount, Positive, Share


class DeliveryParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares are of messages, the rate of hours of the shift."""

    delay_median_s: Positive = 0.8
    delay_sigma: Amount = 0.4
    late_share: Share = 0.003
    late_median_s: Positive = 15.0
    late_sigma: Amount = 1.2
    offline_per_h: Amount = 0.04
    offline_mean_s: Amount = 100.0
    offline_flush_s: Amount = 3.0
    repeat_share: Share = 0.01
    repeat_after_mean_s: Amount = 5.0


STORE_AND_FORWARD = DeliveryParams(
    late_share=1.0, late_median_s=3.0, late_sigma=2.1, offline_per_h=0.0, repeat_share=0.11
)


Spells = list[tuple[float, float]]
"""From and until, Unix milliseconds."""


def received_ms(
    sent_ms: np.ndarray, draw: np.random.Generator, params: DeliveryParams, offline: Spells | None = None
) -> np.ndarray:
    """When messages sent at these (rising) times are received: shape (n), never before they are sent.

    Without `offline` the device's spells without a network are drawn for the time of these messages.
    """
    if offline is None:
        offline = offline_spells(sent_ms[0], sent_ms[-1], draw, params) if len(sent_ms) else []
    count = len(sent_ms)
    late = draw.random(count) < params.late_share
    normal = draw.standard_normal(count)
    delay_s = np.where(
        late,
        np.exp(log(params.late_median_s) + params.late_sigma * normal),
        np.exp(log(params.delay_median_s) + params.delay_sigma * normal),
    )
    arrived_ms: NDArray[np.int64] = sent_ms + np.ceil(delay_s * 1000).astype(np.int64)
    for begin_ms, end_ms in offline:
        held = (sent_ms >= begin_ms) & (sent_ms < end_ms)
        flushed_ms = end_ms + np.linspace(0, params.offline_flush_s * 1000, int(held.sum()))
        arrived_ms[held] = np.maximum(arrived_ms[held], np.ceil(flushed_ms).astype(np.int64))
    return arrived_ms


def repeats(
    arrived_ms: np.ndarray, draw: np.random.Generator, params: DeliveryParams
) -> tuple[np.ndarray, np.ndarray]:
    """Which messages (indices) are received a second time, and when."""
    which = np.flatnonzero(draw.random(len(arrived_ms)) < params.repeat_share)
    after_s = draw.exponential(params.repeat_after_mean_s, len(which))
    return which, arrived_ms[which] + np.ceil(after_s * 1000).astype(np.int64)


def offline_spells(
    begin_ms: float, end_ms: float, draw: np.random.Generator, params: DeliveryParams
) -> Spells:
    """When a device has no network between these times."""
    hours = (end_ms - begin_ms) / 3_600_000
    begins = np.sort(draw.uniform(begin_ms, end_ms, draw.poisson(params.offline_per_h * hours)))
    ends = begins + draw.exponential(params.offline_mean_s, len(begins)) * 1000
    return list(zip(begins.tolist(), ends.tolist(), strict=True))
