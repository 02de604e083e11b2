"""The right column: what can be done, in one sentence, four figures and every change."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from features.plan_events import Alternative, Move, Outcome, Proposal
from streams.dashboard.day import Day
from streams.dashboard.selection import Selection
from streams.dashboard.words import DASH, count, minutes, percent, short_id, slug, span

OUTCOMES: dict[Outcome, str] = {
    "accepted": "was accepted",
    "rejected": "was rejected",
    "expired": "expired unanswered",
    "outdated": "was outdated by another change",
}


class Answer(msgspec.Struct, frozen=True):
    """What somebody said to a proposal and the plan has not taken up yet."""

    verb: Literal["accepted", "rejected"]
    by: str
    time_ms: int


class Figure(msgspec.Struct, frozen=True):
    value: str
    says: str


class Side(msgspec.Struct, frozen=True):
    who: str
    hour: str


class Change(msgspec.Struct, frozen=True):
    """One appointment before and after; `better` colours the new time."""

    id: str
    short: str
    link: str
    title: str
    before: Side
    after: Side
    better: bool
    selected: bool


class ProposalView(msgspec.Struct, frozen=True):
    """`answered` and `expired` say why there are no buttons."""

    proposal: str
    about: str
    summary: str
    figures: tuple[Figure, ...]
    changes: tuple[Change, ...]
    sureness: str
    lost: tuple[str, ...]
    unhelped: tuple[str, ...]
    expires: str
    expires_ms: int
    expired: bool
    answered: str
    pin: str
    pinned: bool


class NoProposal(msgspec.Struct, frozen=True):
    """`last` is what became of the one before."""

    looked: str
    last: str
    unhelped: tuple[str, ...]
    about: str


def proposal_view(day: Day, selection: Selection, answers: Mapping[str, Answer]) -> ProposalView | NoProposal:
    proposal = day.proposal
    if proposal is None:
        return _none(day, selection)
    about = subject(day) or ""
    pin = selection.appointment or about
    planned = day.appointment(pin)
    answer = answers.get(proposal.proposal)
    return ProposalView(
        proposal=proposal.proposal,
        about=_about(proposal, about),
        summary=_with_short_ids(proposal.summary, [move.appointment for move in proposal.moves]),
        figures=_figures(proposal, about),
        changes=tuple(_change(day, selection, move) for move in proposal.moves),
        sureness=f"Scored on {proposal.samples} simulated afternoons, better in {percent(proposal.better_share)}.",
        lost=tuple(_lost(one) for one in proposal.alternatives),
        unhelped=_unhelped(proposal.unhelped),
        expires=span(proposal.expires_ms - day.now_ms),
        expires_ms=proposal.expires_ms,
        expired=proposal.expires_ms <= day.now_ms,
        answered="" if answer is None else f"{answer.verb} at {day.hours.hour(answer.time_ms)}",
        pin=pin if planned is not None and planned.technician is not None else "",
        pinned=planned is not None and planned.pinned,
    )


def subject(day: Day) -> str | None:
    """The appointment that the open proposal is about in the first place."""
    proposal = day.proposal
    if proposal is None:
        return None
    moved = [move.appointment for move in proposal.moves]
    named = [one for one in proposal.about if one in moved]
    return next(iter(named or moved), None)


def _about(proposal: Proposal, about: str) -> str:
    others = sum(1 for one in proposal.about if one != about)
    if not about:
        return "the day"
    return short_id(about) + (f" and {others} more" if others else "")


def _with_short_ids(text: str, appointments: list[str]) -> str:
    """Longer names first: one may be the beginning of another."""
    for one in sorted(appointments, key=len, reverse=True):
        text = text.replace(one, short_id(one))
    return text


def _none(day: Day, selection: Selection) -> NoProposal:
    state = day.territory
    looked = (
        "Nothing had to be looked for so far."
        if state.looked_ms is None
        else f"A better plan was last looked for at {day.hours.hour(state.looked_ms)}."
    )
    last = state.closed[-1] if state.closed else None
    said = (
        ""
        if last is None
        else f"The last proposal {OUTCOMES[last.outcome]} at {day.hours.hour(last.time_ms)}."
    )
    return NoProposal(looked, said, _unhelped(state.last_answer), selection.appointment or "")


def _figures(proposal: Proposal, about: str) -> tuple[Figure, ...]:
    first = next((move for move in proposal.moves if move.appointment == about), None)
    hands = [move for move in proposal.moves if move.before_technician != move.after_technician]
    figures = [Figure(minutes(-proposal.saves_min), "expected late minutes")]
    if first is not None:
        change = f"{percent(first.before_probability)} → {percent(first.after_probability)}"
        figures.append(Figure(change, f"{short_id(about)} late"))
    else:
        figures.append(Figure(percent(proposal.better_share), "of simulated days better"))
    figures.append(Figure(count(len(hands), "customer"), _hands(len(hands))))
    figures.append(Figure(minutes(proposal.driving_min), "driving in all"))
    return tuple(figures)


def _hands(number: int) -> str:
    return "gets another technician" if number == 1 else "get another technician"


def _change(day: Day, selection: Selection, move: Move) -> Change:
    return Change(
        id=f"move-{slug(move.appointment)}",
        short=short_id(move.appointment),
        link=selection.link(appointment=move.appointment),
        title=(move.title or day.title(move.appointment)).partition(" · ")[0],
        before=_side(day, move.before_technician, move.before_start_ms),
        after=_side(day, move.after_technician, move.after_start_ms),
        better=_better(move),
        selected=selection.appointment == move.appointment,
    )


def _better(move: Move) -> bool:
    if move.after_technician is None:
        return False
    return move.before_technician is None or move.after_probability <= move.before_probability


def _side(day: Day, technician: str | None, start_ms: int | None) -> Side:
    return Side(day.name(technician), DASH if technician is None else day.hours.hour(start_ms))


def _lost(one: Alternative) -> str:
    changes = count(one.technician_changes, "change of technician", "changes of technician")
    return f"{one.source}: saves {round(one.saves_min)} min with {changes}; {one.why}"


def _unhelped(reasons: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{short_id(appointment)}: {why}" for appointment, why in reasons.items())
