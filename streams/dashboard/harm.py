"""Whom a proposal makes worse off, in the words of the board and of the command line."""

from collections.abc import Callable, Sequence

import msgspec

from features.plan_events import Move, Proposal
from streams.dashboard.words import join, percent, span_min

NOISE_P = 0.02
"""Probabilities come from some hundred samples: less of a rise may be none."""
NAMED = 2


class Harm(msgspec.Struct, frozen=True):
    """`later_min` are minutes more after the window's end, by the median; else only the risk of them rises."""

    appointment: str
    later_min: int
    before_p: float
    after_p: float

    @property
    def says(self) -> str:
        """As in `25 min later` or `9 % late`, in its row."""
        if self.later_min:
            return f"{span_min(self.later_min)} later"
        return f"{percent(self.after_p)} late"


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


def warning(found: Sequence[Harm], name: Callable[[str], str] = str) -> str:
    """As in `Makes 2 later: A-342 by 25 min and A-118 by 10 min.`; empty where nobody is worse off."""
    later = [one for one in found if one.later_min]
    riskier = [one for one in found if not one.later_min]
    said = []
    if later:
        told = [f"{name(one.appointment)} by {span_min(one.later_min)}" for one in later]
        said.append(f"Makes {len(told)} later{_list(told)}.")
    if riskier:
        told = [
            f"{name(one.appointment)} {percent(one.before_p)} → {percent(one.after_p)}" for one in riskier
        ]
        said.append(f"Makes {len(told)} likelier to be late{_list(told)}.")
    return " ".join(said)


def counted(found: Sequence[Harm]) -> str:
    """As in `2 get later, 1 likelier late`, below a figure."""
    later = sum(1 for one in found if one.later_min)
    said = [f"{later} {'gets' if later == 1 else 'get'} later"] if later else []
    if later < len(found):
        said.append(f"{len(found) - later} likelier late")
    return ", ".join(said)


def _list(told: list[str]) -> str:
    more = len(told) - NAMED
    return ": " + join([*told[:NAMED], *([f"{more} more"] if more > 0 else [])])


def _late_min(move: Move, start_ms: int | None) -> float:
    return 0.0 if start_ms is None else max(0, start_ms - move.window_end_ms) / 60_000
