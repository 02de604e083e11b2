"""A territory's day by hand: small builders of jobs, plans, risks and proposals."""

from features.plan import Job, Shift
from features.plan_events import Move, Proposal
from features.route import RouteState
from features.territory import Planned, Risk, Rostered, TerritoryState
from features.territory_events import Reason
from features.wire import Place
from models.forecast import Expected, RiskState

MIDNIGHT_MS = 1_773_730_800_000
"""Of 17 March 2026 in Phoenix."""
HOME = Place(33.45, -112.07)


def at(hour: float) -> int:
    """Unix milliseconds of a local hour of the day."""
    return MIDNIGHT_MS + round(hour * 3_600_000)


def job(appointment: str, window: tuple[float, float] = (13, 14), **more: object) -> Job:
    said = {"title": f"Repair · {appointment}", "place": HOME} | more
    return Job(appointment=appointment, window_start_ms=at(window[0]), window_end_ms=at(window[1]), **said)  # type: ignore[arg-type]


def shift(begin: float = 8, end: float = 17) -> Shift:
    return Shift(start_ms=at(begin), end_ms=at(end), start=HOME, end=HOME)


def territory(name: str = "north", **more: object) -> TerritoryState:
    """Ana has a-1 and a-2, the second at risk; Bo has nothing; a-3 has nobody."""
    planned = {
        "a-1": Planned(job("a-1", (9, 11)), "ana", life="in_progress", planned_start_ms=at(9.5)),
        "a-2": Planned(job("a-2"), "ana", life="acknowledged", planned_start_ms=at(13)),
        "a-3": Planned(job("a-3", (15, 17), title="Leak <b>here</b>")),
    }
    risk = Risk(
        "AT_RISK", "ana", at(10), at(10), 0.62, 14.0, (Reason("overrun", 22.0, "a-1"), Reason("travel", 6.0))
    )
    said: dict[str, object] = {
        "version": 3,
        "clock_ms": at(10.25),
        "roster": {
            "ana": Rostered(shift(), "Ana Lund", ("gas",)),
            "bo": Rostered(shift(), "Bo Mäki", ("gas",)),
        },
        "appointments": planned,
        "routes": {"ana": ("a-1", "a-2")},
        "risks": {"a-2": risk},
    }
    return TerritoryState(name, **(said | more))  # type: ignore[arg-type]


def proposal(name: str = "p-1", **more: object) -> Proposal:
    """Bo takes a-2 from Ana."""
    move = Move(
        appointment="a-2",
        title="Repair · a-2",
        before_technician="ana",
        after_technician="bo",
        before_start_ms=at(14.25),
        after_start_ms=at(13.1),
        before_probability=0.62,
        after_probability=0.05,
        window_end_ms=at(14),
    )
    said: dict[str, object] = {
        "base_version": 3,
        "made_ms": at(10.2),
        "expires_ms": at(10.45),
        "trigger": "risk",
        "about": ("a-2",),
        "summary": "Give a-2 to Bo Mäki, who is 9 minutes away and free at 12:50",
        "routes": {"ana": ("a-1",), "bo": ("a-2",)},
        "moves": (move,),
        "saves_min": 31.0,
        "price_min": 10.0,
        "driving_min": 6.0,
        "better_share": 0.97,
        "samples": 400,
        "source": "vroom",
    }
    return Proposal(proposal=name, territory="north", **(said | more))  # type: ignore[arg-type]


def watched(technician: str = "ana", **starts: float) -> RiskState:
    """What is expected: `a_2=14.2` says that work at a-2 starts at 14:12 in the median."""
    expected = {}
    for name, hour in starts.items():
        early, median, late = at(hour - 0.2), at(hour), at(hour + 0.3)
        expected[name.replace("_", "-")] = Expected(early, median, late, late, median, late, late)
    return RiskState(RouteState(technician, "north"), expected=expected)
