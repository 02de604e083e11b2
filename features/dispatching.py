"""What technicians are to be told of a plan that changed: each assignment and route of a version once.

One version may come in several parts. What repeats was told before, what is of an older version is outdated,
and what says another thing of the same version is refused: nobody is ever told two plans by one name.
"""

from collections.abc import Iterator

import msgspec

from features.events import Assignment, Route
from features.ids import event_id
from features.plan_events import PlanChanged, PlanOutbound
from features.rejection import Rejection

Told = Assignment | Route
_encode = msgspec.json.Encoder(order="deterministic").encode


class DispatchState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The version that technicians were last told, and a digest of each thing told of it.

    `told` is by technician and appointment, or by technician alone for the route.
    """

    territory: str
    version: int = 0
    told: dict[str, str] = {}


Step = tuple[DispatchState, tuple[Told | Rejection, ...]]


def advance(state: DispatchState, event: PlanOutbound) -> Step:
    """What is to be sent, in its order, and what was refused. The same object when nothing changed."""
    if not isinstance(event, PlanChanged) or event.version < state.version:
        return state, ()
    told = dict(state.told) if event.version == state.version else {}
    made: list[Told | Rejection] = []
    for one in _in_order(event):
        name, digest = _name(one), event_id(_encode(one).decode())
        known = told.get(name)
        if known is None:
            told[name] = digest
            made.append(one)
        elif known != digest:
            made.append(_two_contents(event, one))
    after = DispatchState(event.territory, event.version, told)
    return state if after == state else after, tuple(made)


def _in_order(event: PlanChanged) -> Iterator[Told]:
    """What is taken away goes before what is given: an appointment is on two technicians' lists never longer
    than it has to be. Routes come last, for they name what was given."""
    yield from (one for one in event.assignments if one.withdrawn)
    yield from (one for one in event.assignments if not one.withdrawn)
    yield from event.routes


def _name(one: Told) -> str:
    return one.technician if isinstance(one, Route) else f"{one.technician}\x1f{one.appointment}"


def _two_contents(event: PlanChanged, one: Told) -> Rejection:
    what = "their route" if isinstance(one, Route) else f"the appointment {one.appointment!r}"
    return Rejection(
        "malformed",
        f"version {event.version} of the plan of {event.territory!r} tells {one.technician!r} of {what} "
        "something else than before; the first stands",
    )
