"""The one index of a partition: a sorted set of members that all have the score 0, so they sort as text.

`cell<US><H3 cell><US><technician>`, `fence<US><fence><US><technician>` and
`territory<US><territory><US><technician>`, where <US> is the unit separator, 0x1f: no name has
one. Every question is a few contiguous ranges.
"""

from collections.abc import Mapping

from features.geo import InvalidCell, descendants
from features.geofence import Phase
from features.technician import TechnicianState
from streams.errors import BadCell

SEPARATOR = "\x1f"
BEYOND = b"\xff"
"""No UTF-8 text has this byte: a prefix and it sort behind everything that begins with the prefix."""

Range = tuple[bytes, bytes]
"""Lower and upper bound as ZRANGEBYLEX takes them: `[` includes, `(` excludes."""

PRESENT = (Phase.INSIDE, Phase.EXITING)
"""The phases of a visit that count as being in the fence: an exit is not believed before it is proven."""

EVERY_CELL: Range = (b"[cell\x1f", b"(cell\x1f" + BEYOND)


def members(state: TechnicianState) -> frozenset[str]:
    """Where a technician stands in the index."""
    found = [f"fence{SEPARATOR}{fence}{SEPARATOR}{state.technician}" for fence in fences_of(state)]
    if state.cell is not None:
        found.append(f"cell{SEPARATOR}{state.cell}{SEPARATOR}{state.technician}")
    if state.territory is not None:
        found.append(f"territory{SEPARATOR}{state.territory}{SEPARATOR}{state.technician}")
    return frozenset(found)


def fences_of(state: TechnicianState) -> list[str]:
    """The fences that a technician is in."""
    return [fence for fence, visit in state.visits.items() if visit.phase in PRESENT]


def moves(
    before: Mapping[str, TechnicianState], after: Mapping[str, TechnicianState]
) -> tuple[list[str], list[str]]:
    """The members that go and those that come when `after` replaces part of `before`, sorted."""
    gone: set[str] = set()
    come: set[str] = set()
    for technician, state in after.items():
        known = before.get(technician)
        if known is None:
            come |= members(state)
        elif not stays(known, state):
            were, are = members(known), members(state)
            gone |= were - are
            come |= are - were
    return sorted(gone), sorted(come)


def stays(before: TechnicianState, after: TechnicianState) -> bool:
    """Quickly seen to have the same members: most technicians change neither cell nor visits in a step."""
    return (
        (before.visits is after.visits or before.visits == after.visits)
        and before.cell == after.cell
        and before.territory == after.territory
    )


def fence_range(fence: str) -> Range:
    return _beginning(f"fence{SEPARATOR}{fence}{SEPARATOR}")


def territory_range(territory: str) -> Range:
    return _beginning(f"territory{SEPARATOR}{territory}{SEPARATOR}")


def cell_range(cell: str, resolution: int) -> Range:
    """All members in a cell, given the resolution of the indexed cells. Raises `BadCell`."""
    try:
        first, last = descendants(cell, resolution)
    except InvalidCell as error:
        raise BadCell(str(error)) from error
    lower = f"[cell{SEPARATOR}{first}{SEPARATOR}"
    upper = f"(cell{SEPARATOR}{last}{SEPARATOR}"
    return lower.encode(), upper.encode() + BEYOND


def within(member: str, bounds: Range) -> bool:
    """What ZRANGEBYLEX decides, for a store without Redis. Bounds are those made here: `[` and `(`."""
    return bounds[0][1:] <= member.encode() < bounds[1][1:]


def encoded(text: str) -> bytes:
    """As Redis has it. What somebody asks for may be no Unicode text: then it names nobody."""
    return text.encode(errors="surrogatepass")


def _beginning(prefix: str) -> Range:
    first = encoded(prefix)
    return b"[" + first, b"(" + first + BEYOND
