"""Everything that the dispatch page shows of a territory's day: pure, from states to words and figures."""

from collections.abc import Mapping

import msgspec

from streams.dashboard.cards import Card, cards
from streams.dashboard.day import Day
from streams.dashboard.header import Header, header
from streams.dashboard.proposals import Answer, NoProposal, ProposalView, proposal_view
from streams.dashboard.scene import Scene, scene
from streams.dashboard.selection import Selection
from streams.dashboard.timeline import Timeline, timeline
from streams.dashboard.words import count


class Calm(msgspec.Struct, frozen=True):
    """What is said where nothing is at risk."""

    went_well: tuple[str, ...]
    next_check: str


class Board(msgspec.Struct, frozen=True):
    territory: str
    header: Header
    cards: tuple[Card, ...]
    calm: Calm
    timeline: Timeline
    proposal: ProposalView | None
    no_proposal: NoProposal | None
    scene: Scene
    selection: Selection


def board(day: Day, selection: Selection, answers: Mapping[str, Answer], wall_ms: int, pace: float) -> Board:
    """`answers` by proposal, from the log. `wall_ms` only tells whether event time is now."""
    offered = proposal_view(day, selection, answers)
    return Board(
        territory=day.territory.territory,
        header=header(day, wall_ms, pace),
        cards=tuple(cards(day, selection)),
        calm=_calm(day),
        timeline=timeline(day, selection),
        proposal=offered if isinstance(offered, ProposalView) else None,
        no_proposal=offered if isinstance(offered, NoProposal) else None,
        scene=scene(day, selection),
        selection=selection,
    )


def _calm(day: Day) -> Calm:
    appointments = day.territory.appointments.values()
    done = [one for one in appointments if one.life == "completed"]
    in_time = [one for one in done if one.life_ms - 1000 * one.job.expected_s <= one.job.window_end_ms]
    ahead = sum(len(day.ahead(technician)) for technician in day.territory.roster)
    said = [f"{len(in_time)} of {count(len(done), 'visit')} done today began in time"] if done else []
    said.append(f"{count(ahead, 'visit is', 'visits are')} ahead or at hand, each expected within its window")
    checked = max((known.evaluated_ms for known in day.risks.values()), default=0)
    if not checked:
        return Calm(tuple(said), "No route was checked yet.")
    return Calm(
        tuple(said),
        f"Last checked at {day.hours.hour(checked)}; the next check is within three minutes.",
    )
