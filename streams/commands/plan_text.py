"""A territory's day and its proposals in words and rows, for a terminal."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from features.endangered import endangered
from features.plan_events import Move, Proposal
from features.territory import Risk, TerritoryState
from features.territory_events import LEVELS, Reason
from models.forecast import RiskState
from models.rebalancing.harm import harm, harms
from streams.commands.show import plain
from streams.commands.tables import Cell, Column
from streams.dashboard.harm import says, warning
from streams.errors import BadInput

ROUTE_COLUMNS = (
    Column("technician", least=10),
    Column("appointment", least=8),
    Column("what", least=8, spare=2),
    Column("window"),
    Column("planned", spare=1),
    Column("start"),
    Column("state"),
    Column("risk"),
)
RISK_COLUMNS = (
    Column("level"),
    Column("late", right=True),
    Column("minutes", right=True),
    Column("appointment", least=8),
    Column("what", least=8, spare=2),
    Column("technician", least=8),
    Column("window"),
    Column("why", least=12, spare=1),
    Column("territory", spare=3),
)
MOVE_COLUMNS = (
    Column("appointment", least=8),
    Column("what", least=8, spare=1),
    Column("before", least=10),
    Column("after", least=10),
    Column("late before", right=True),
    Column("late after", right=True),
)

Hour = Callable[[int | None], str]


def hours(zone: str) -> Hour:
    """A function that writes a moment as 24-hour time in a zone, `-` for none."""
    where = ZoneInfo(zone)

    def hour(time_ms: int | None) -> str:
        return "-" if time_ms is None else f"{datetime.fromtimestamp(time_ms / 1000, where):%H:%M}"

    return hour


def name(territory: TerritoryState, technician: str | None) -> str:
    if technician is None:
        return "nobody"
    known = territory.roster.get(technician)
    return plain(known.name) if known and known.name else technician


def routes(territory: TerritoryState, risks: Mapping[str, RiskState], hour: Hour) -> Iterator[list[Cell]]:
    """A row for each appointment ahead, by technician in the order of the roster; then those nobody serves."""
    found = endangered(territory)
    for technician in territory.roster:
        known = risks.get(technician)
        lost = territory.roster[technician].lost_ms is not None
        who = name(territory, technician) + (" (out)" if lost else "")
        for appointment in territory.routes.get(technician, ()):
            yield _route_row(territory, who, appointment, known, found.get(appointment), hour)
            who = ""
        if who and not territory.routes.get(technician):
            yield [who, *["-"] * (len(ROUTE_COLUMNS) - 1)]
    for appointment in unserved(territory):
        yield _route_row(territory, "nobody", appointment, None, found.get(appointment), hour)


def unserved(territory: TerritoryState) -> list[str]:
    """Appointments of today that nobody is to serve and that have not ended."""
    return [appointment for appointment, planned in territory.appointments.items() if planned.unserved]


def risks(territory: TerritoryState, hour: Hour) -> Iterator[tuple[int, list[Cell]]]:
    """Each appointment at risk with its rank, the worst lowest."""
    for appointment, risk in endangered(territory).items():
        planned = territory.appointments.get(appointment)
        rank = -1000 * LEVELS.index(risk.level) - round(100 * risk.probability)
        window = (
            "-" if planned is None else _window(planned.job.window_start_ms, planned.job.window_end_ms, hour)
        )
        title = "" if planned is None else plain(planned.job.title)
        yield (
            rank,
            [
                level_word(risk),
                f"{risk.probability:.0%}",
                f"{risk.late_min:+.0f}",
                appointment,
                title,
                name(territory, risk.technician or None),
                window,
                reasons(risk.reasons),
                territory.territory,
            ],
        )


def level_word(risk: Risk | None) -> str:
    return "-" if risk is None else risk.level.lower().replace("_", " ")


def reasons(found: Sequence[Reason]) -> str:
    """`overrun at A-187 +22, travel +6`."""
    return ", ".join(
        f"{one.kind.replace('_', ' ')}{f' at {one.appointment}' if one.appointment else ''} {one.minutes:+.0f}"
        for one in found
    )


def moves(territory: TerritoryState, proposal: Proposal, hour: Hour) -> Iterator[list[Cell]]:
    for move in proposal.moves:
        yield [
            move.appointment,
            plain(move.title),
            _side(territory, move.before_technician, move.before_start_ms, hour),
            _side(territory, move.after_technician, move.after_start_ms, hour),
            f"{move.before_probability:.0%}",
            _late_after(move),
        ]


def told(proposal: Proposal) -> str:
    """What a proposal is, and whom it makes worse off, in a sentence or two."""
    return f"{plain(proposal.summary)} {warning(harms(proposal))}".rstrip()


def figures(proposal: Proposal) -> str:
    """What a proposal gains and costs, in one line."""
    changed = len({one.appointment for one in proposal.moves if _changes_hands(one)})
    return (
        f"saves {proposal.saves_min:.0f} late minutes; price {proposal.price_min:.0f}; "
        f"{changed} of {len(proposal.moves)} appointments change technician; driving {proposal.driving_min:+.0f} min; "
        f"better in {proposal.better_share:.0%} of {proposal.samples} simulated days; found by {proposal.source}"
    )


def matching(said: str, names: Iterable[str]) -> list[str]:
    """The names that somebody may have meant: that very one, else all that begin or end so.

    The board shows of a long name its beginning or its last part, so that either is enough here.
    """
    known = list(names)
    if said in known:
        return [said]
    return [one for one in known if said and (one.startswith(said) or one.endswith(said))]


def open_proposal(state: TerritoryState, said: str) -> str:
    """The name of the open proposal, which has to be the one that was said, where one was.

    Raises `BadInput`.
    """
    if state.proposal is None:
        raise BadInput(
            f"{state.territory} has no open proposal; `headway plan explain {state.territory}` says why"
        )
    name = state.proposal.proposal
    if said and not matching(said, [name]):
        raise BadInput(
            f"the open proposal of {state.territory} is {name}, not {said!r}; "
            f"`headway plan explain {state.territory}` says what it is"
        )
    return name


def appointment_named(state: TerritoryState, said: str) -> str:
    """An appointment of today by its name, or by so much of its beginning or end as tells it from the others.

    Raises `BadInput`.
    """
    found = matching(said, state.appointments)
    if len(found) == 1:
        return found[0]
    where = f"`headway plan show {state.territory}` has them"
    if not found:
        raise BadInput(f"appointment {said!r} is not one of {state.territory}'s today; {where}")
    raise BadInput(f"appointment {said!r} may be {', '.join(found[:5])}; say more of it: {where}")


def _late_after(move: Move) -> str:
    worse = harm(move)
    later = f", {says(worse)}" if worse is not None and worse.later_min else ""
    return f"{move.after_probability:.0%}{later}"


def _changes_hands(move: Move) -> bool:
    return move.before_technician != move.after_technician


def _side(territory: TerritoryState, technician: str | None, start_ms: int | None, hour: Hour) -> str:
    return (
        name(territory, technician)
        if technician is None
        else f"{name(territory, technician)} {hour(start_ms)}"
    )


def _route_row(
    territory: TerritoryState,
    who: str,
    appointment: str,
    known: RiskState | None,
    risk: Risk | None,
    hour: Hour,
) -> list[Cell]:
    planned = territory.appointments[appointment]
    expected = None if known is None else known.expected.get(appointment)
    return [
        who,
        appointment + (" (pinned)" if planned.pinned else ""),
        plain(planned.job.title),
        _window(planned.job.window_start_ms, planned.job.window_end_ms, hour),
        hour(planned.planned_start_ms),
        hour(None if expected is None else expected.start_p50_ms),
        (planned.life or "requested").replace("_", " "),
        level_word(risk),
    ]


def _window(start_ms: int, end_ms: int, hour: Hour) -> str:
    return f"{hour(start_ms)}-{hour(end_ms)}"
