"""Whom a proposal makes worse off."""

import msgspec

from features.plan_events import Move, Proposal

NOISE_P = 0.02
"""Probabilities come from some hundred samples: less of a rise may be none."""


class Harm(msgspec.Struct, frozen=True):
    """`later_min` are minutes more after the window's end, by the median; else only the risk of them rises."""

    appointment: str
    later_min: int
    before_p: float
    after_p: float


def harm(move: Move) -> Harm | None:
    """None for who is no worse off. A start within the window may move as it likes; what is late already may
    still become later. Nobody's appointments can only gain."""
    if move.before_technician is None:
        return None
    if move.after_technician is None:
        return Harm(move.appointment, 0, move.before_probability, 1.0)
    later_min = round(_late_min(move, move.after_start_ms) - _late_min(move, move.before_start_ms))
    if later_min <= 0 and move.after_probability - move.before_probability <= NOISE_P:
        return None
    return Harm(move.appointment, max(0, later_min), move.before_probability, move.after_probability)


def harms(proposal: Proposal) -> list[Harm]:
    """All of them, the worst first."""
    found = [one for move in proposal.moves if (one := harm(move)) is not None]
    return sorted(found, key=lambda one: (-one.later_min, one.before_p - one.after_p, one.appointment))


def _late_min(move: Move, start_ms: int | None) -> float:
    return 0.0 if start_ms is None else max(0, start_ms - move.window_end_ms) / 60_000
