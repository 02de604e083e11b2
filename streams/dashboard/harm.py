"""Whom a proposal makes worse off, in the words of the board and of the command line."""

from collections.abc import Callable, Sequence

from models.rebalancing.harm import Harm
from streams.dashboard.words import join, percent, span_min

NAMED = 2


def says(one: Harm) -> str:
    """As in `25 min later` or `9 % late`, in its row."""
    if one.later_min:
        return f"{span_min(one.later_min)} later"
    return f"{percent(one.after_p)} late"


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
