"""The level of an appointment at risk, with hysteresis.

| level | raised when |
|---|---|
| WATCH | P >= 0.2, or the median slack is under 10 min (and P not near 0) |
| AT_RISK | P >= 0.5, or not departed 5 min after the latest feasible departure |
| CRITICAL | P >= 0.8, or a median lateness of 15 min or more, or AT_RISK and a hard SLA |
| LATE | the window has closed and nobody is on site |

Raised after two evaluations or 60 s, LATE at once; cleared where P is below the threshold minus 0.1 (and
nothing else raises it) for 5 min. From one level to another it goes the same way, up and down.
"""

from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from features.territory_events import LEVELS, Level, Reason
from features.units import Count, Seconds, Share, ms
from models.forecast import Standing

Minutes = float


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the levels begin and how long they take. A short slack is no risk below `short_slack_least_p`.

    At the same level a risk is told anew when its median lateness has moved by `moved_min`, or its probability by
    `moved_p`.
    """

    watch_p: Share = 0.2
    at_risk_p: Share = 0.5
    critical_p: Share = 0.8
    short_slack_min: Minutes = 10.0
    short_slack_least_p: Share = 0.05
    critical_late_min: Minutes = 15.0
    raised_after_s: Seconds = 60.0
    raised_after_evaluations: Count = 2
    cleared_below_p: Share = 0.1
    cleared_after_s: Seconds = 300.0
    moved_min: Annotated[float, Meta(gt=0.0)] = 3.0
    moved_p: Share = 0.1


class Evaluation(msgspec.Struct, frozen=True, gc=False):
    """What is known of an appointment that has not begun. `closed`: its window has, and nobody is on site.

    `overdue`: not departed so long after the latest feasible departure that it counts.
    """

    probability: float
    late_min: float
    hard: bool = False
    closed: bool = False
    overdue: bool = False
    reasons: tuple[Reason, ...] = ()


class Change(msgspec.Struct, frozen=True, gc=False):
    """Of a level; where both are the same, of its figures."""

    before: Level | None
    after: Level | None


Step = tuple[Standing, Change | None]
CALM = Standing()


def level_of(seen: Evaluation, params: Params, *, eased: float = 0.0) -> Level | None:
    """The level that one evaluation asks for, with all probabilities lowered by `eased`."""
    if seen.closed:
        return "LATE"
    p = seen.probability + eased
    at_risk = p >= params.at_risk_p or seen.overdue
    if p >= params.critical_p or seen.late_min >= params.critical_late_min or (at_risk and seen.hard):
        return "CRITICAL"
    if at_risk:
        return "AT_RISK"
    short = seen.late_min > -params.short_slack_min and seen.probability >= params.short_slack_least_p
    return "WATCH" if p >= params.watch_p or short else None


def advance(standing: Standing, seen: Evaluation, now_ms: int, params: Params) -> Step:
    """Fold one evaluation. A change where the level is another; the figures are always the latest."""
    wanted = level_of(seen, params)
    standing = _with_figures(standing, seen)
    if rank(wanted) > rank(standing.level):
        return _rise(replace(standing, below_ms=None), wanted, now_ms, params)
    standing = replace(standing, rising=None, rising_ms=0, evaluations=0) if standing.rising else standing
    if standing.level is None:
        return standing, None
    held = level_of(seen, params, eased=params.cleared_below_p)
    if rank(held) >= rank(standing.level):
        return (standing if standing.below_ms is None else replace(standing, below_ms=None)), None
    return _fall(standing, held, now_ms, params)


def followed(standing: Standing, seen: Evaluation, now_ms: int, params: Params) -> Step:
    """`advance`, and a change as well where the level is the same and its figures are others than were told."""
    after, change = advance(standing, seen, now_ms, params)
    if change is None and _figures_moved(after, seen, params):
        change = Change(after.level, after.level)
    if change is not None:
        after = replace(after, said_p=seen.probability, said_min=seen.late_min)
    return after, change


def _figures_moved(standing: Standing, seen: Evaluation, params: Params) -> bool:
    if standing.level is None:
        return False
    return (
        abs(seen.late_min - standing.said_min) >= params.moved_min
        or abs(seen.probability - standing.said_p) >= params.moved_p
    )


def ended(standing: Standing) -> Change | None:
    """The appointment has begun, ended, or is no longer theirs: its risk is over at once."""
    return None if standing.level is None else Change(standing.level, None)


def rank(level: Level | None) -> int:
    """None, WATCH, AT_RISK, CRITICAL, LATE: 0 to 4."""
    return 0 if level is None else 1 + LEVELS.index(level)


def _with_figures(standing: Standing, seen: Evaluation) -> Standing:
    if standing.probability == seen.probability and standing.reasons == seen.reasons:
        return standing
    return replace(standing, probability=seen.probability, reasons=seen.reasons)


def _rise(standing: Standing, wanted: Level | None, now_ms: int, params: Params) -> Step:
    """What several evaluations in a row have reached is the mildest of them."""
    if wanted == "LATE":
        return _at(standing, wanted, now_ms)
    if standing.rising is None:
        return _raised(
            replace(standing, rising=wanted, rising_ms=now_ms, evaluations=1), wanted, now_ms, params
        )
    reached = min(standing.rising, wanted, key=rank)
    return _raised(
        replace(standing, rising=reached, evaluations=standing.evaluations + 1), wanted, now_ms, params
    )


def _raised(standing: Standing, wanted: Level | None, now_ms: int, params: Params) -> Step:
    lasted = now_ms - standing.rising_ms >= ms(params.raised_after_s)
    if standing.evaluations < params.raised_after_evaluations and not lasted:
        return standing, None
    after, change = _at(standing, standing.rising, now_ms)
    if rank(wanted) > rank(after.level):
        after = replace(after, rising=wanted, rising_ms=now_ms, evaluations=1)
    return after, change


def _fall(standing: Standing, held: Level | None, now_ms: int, params: Params) -> Step:
    """LATE is a fact: where the window closes later than it did, it is over at once."""
    if standing.level == "LATE":
        return _at(standing, held, now_ms)
    if standing.below_ms is None:
        return replace(standing, below_ms=now_ms), None
    if now_ms - standing.below_ms < ms(params.cleared_after_s):
        return standing, None
    return _at(standing, held, now_ms)


def _at(standing: Standing, level: Level | None, now_ms: int) -> Step:
    after = replace(
        standing, level=level, since_ms=now_ms, rising=None, rising_ms=0, evaluations=0, below_ms=None
    )
    return after, Change(standing.level, level)
