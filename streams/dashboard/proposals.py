"""The right column: what can be done, in one sentence, four figures and every change."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from features.plan_events import Alternative, Move, Outcome, Proposal
from models.rebalancing.harm import Harm, harm, harms
from streams.dashboard.day import Day
from streams.dashboard.harm import counted, says, warning
from streams.dashboard.selection import Selection
from streams.dashboard.words import DASH, WHOLE_ID, count, minutes, percent, short_id, slug, span

OUTCOMES: dict[Outcome, str] = {
    "accepted": "was accepted",
    "rejected": "was rejected",
    "expired": "expired unanswered",
    "outdated": "was outdated by another change",
}
NONE_OPEN = "No proposal is open."
RECENT_MS = 3_600_000


class Answer(msgspec.Struct, frozen=True):
    """What somebody said to a proposal and the plan has not taken up yet."""

    verb: Literal["accepted", "rejected"]
    by: str
    time_ms: int


class Figure(msgspec.Struct, frozen=True):
    """`but` is what has to be known before the rest pleases."""

    value: str
    says: str
    but: str = ""


class Side(msgspec.Struct, frozen=True):
    who: str
    hour: str


class Change(msgspec.Struct, frozen=True):
    """One appointment before and after; `better` colours the new time, `worse` says how it gets worse."""

    id: str
    appointment: str
    short: str
    link: str
    title: str
    before: Side
    after: Side
    better: bool
    worse: str
    selected: bool


class ProposalView(msgspec.Struct, frozen=True):
    """`answered` and `expired` say why there are no buttons; `warning` whom it makes worse off."""

    proposal: str
    short: str
    about: str
    summary: str
    warning: str
    figures: tuple[Figure, ...]
    changes: tuple[Change, ...]
    sureness: str
    lost: tuple[str, ...]
    unhelped: tuple[str, ...]
    expires: str
    expires_at: str
    expires_ms: int
    expired: bool
    answered: str
    pin: str
    pinned: bool


class NoProposal(msgspec.Struct, frozen=True):
    """`headline` says so, and of one that nobody answered that it expired; `last` what became of another."""

    headline: str
    looked: str
    last: str
    unhelped: tuple[str, ...]
    about: str
    pin: str
    pinned: bool


def proposal_view(day: Day, selection: Selection, answers: Mapping[str, Answer]) -> ProposalView | NoProposal:
    proposal = day.proposal
    if proposal is None:
        return _none(day, selection)
    about = subject(day) or ""
    pin, pinned = _pin(day, selection.appointment or about)
    answer, worse = answers.get(proposal.proposal), harms(proposal)
    return ProposalView(
        proposal=proposal.proposal,
        short=proposal.proposal[:WHOLE_ID],
        about=_about(proposal, about),
        summary=_with_short_ids(proposal.summary, [move.appointment for move in proposal.moves]),
        warning=warning(worse, short_id),
        figures=_figures(proposal, about, worse),
        changes=tuple(_change(day, selection, move) for move in proposal.moves),
        sureness=f"Scored on {proposal.samples} simulated afternoons, better in {percent(proposal.better_share)}.",
        lost=tuple(_lost(one) for one in proposal.alternatives),
        unhelped=_unhelped(proposal.unhelped),
        expires=span(proposal.expires_ms - day.now_ms),
        expires_at=day.hours.hour(proposal.expires_ms),
        expires_ms=proposal.expires_ms,
        expired=proposal.expires_ms <= day.now_ms,
        answered="" if answer is None else f"{answer.verb} at {day.hours.hour(answer.time_ms)}",
        pin=pin,
        pinned=pinned,
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
    state, about = day.territory, selection.appointment or ""
    looked = (
        "Nothing had to be looked for so far."
        if state.looked_ms is None
        else f"A better plan was last looked for at {day.hours.hour(state.looked_ms)}."
    )
    headline, said = _last(day)
    pin, pinned = _pin(day, about)
    return NoProposal(headline, looked, said, _unhelped(state.last_answer), about, pin, pinned)


def _last(day: Day) -> tuple[str, str]:
    """The headline, and what became of the proposal before. That one expired must not be overlooked."""
    last = day.territory.closed[-1] if day.territory.closed else None
    if last is None:
        return NONE_OPEN, ""
    hour = day.hours.hour(last.time_ms)
    if last.outcome == "expired" and day.now_ms - last.time_ms < RECENT_MS:
        return f"The proposal expired unanswered at {hour}.", NONE_OPEN
    return NONE_OPEN, f"The last proposal {OUTCOMES[last.outcome]} at {hour}."


def _pin(day: Day, appointment: str) -> tuple[str, bool]:
    """What can be pinned, empty where nothing can, and whether it is."""
    planned = day.appointment(appointment)
    if planned is None or planned.technician is None:
        return "", False
    return appointment, planned.pinned


def _figures(proposal: Proposal, about: str, worse: Sequence[Harm]) -> tuple[Figure, ...]:
    first = next((move for move in proposal.moves if move.appointment == about), None)
    hands = sum(move.before_technician != move.after_technician for move in proposal.moves)
    if first is not None:
        change = f"{percent(first.before_probability)} → {percent(first.after_probability)}"
        chance = Figure(change, f"{short_id(about)} late")
    else:
        chance = Figure(percent(proposal.better_share), "of simulated days better")
    return (
        Figure(minutes(-proposal.saves_min), "expected late minutes"),
        chance,
        Figure(count(hands, "customer"), _hands(hands), counted(worse)),
        Figure(minutes(proposal.driving_min), "driving in all"),
    )


def _hands(number: int) -> str:
    return "gets another technician" if number == 1 else "get another technician"


def _change(day: Day, selection: Selection, move: Move) -> Change:
    worse = harm(move)
    return Change(
        id=f"move-{slug(move.appointment)}",
        appointment=move.appointment,
        short=short_id(move.appointment),
        link=selection.link(appointment=move.appointment),
        title=(move.title or day.title(move.appointment)).partition(" · ")[0],
        before=_side(day, move.before_technician, move.before_start_ms),
        after=_side(day, move.after_technician, move.after_start_ms),
        better=worse is None and (move.after_start_ms or 0) <= move.window_end_ms,
        worse="" if worse is None else says(worse),
        selected=selection.appointment == move.appointment,
    )


def _side(day: Day, technician: str | None, start_ms: int | None) -> Side:
    return Side(day.name(technician), DASH if technician is None else day.hours.hour(start_ms))


def _lost(one: Alternative) -> str:
    changes = count(one.technician_changes, "change of technician", "changes of technician")
    return f"{one.source}: saves {round(one.saves_min)} min with {changes}; {one.why}"


def _unhelped(reasons: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{short_id(appointment)}: {why}" for appointment, why in reasons.items())
