"""Fold a partition's signals into what its technicians are asked. Nothing depends on where a batch is cut."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from features.acknowledgement import (
    AcknowledgementState,
    Made,
    Params,
    advance,
    concerns,
)
from features.events import Cause, Conclusion, Reminder, Ticked
from features.territory_events import AcknowledgementChanged

Out = Reminder | AcknowledgementChanged
States = Mapping[str, AcknowledgementState]


def fold(
    states: States, heard: Sequence[tuple[Cause, Conclusion]], params: Params
) -> tuple[dict[str, AcknowledgementState], list[tuple[Cause, Out]]]:
    """The states that changed, and what is to be said with its cause, its index counting all of one cause.

    `heard` has each conclusion with the place on the log of the signal that told it.
    """
    changed: dict[str, AcknowledgementState] = {}
    out: list[tuple[Cause, Out]] = []
    for heard_at, event in heard:
        index = 0
        for name in _touched(event, states, changed):
            before = changed.get(name) or states.get(name) or AcknowledgementState(name)
            after, made = advance(before, event, params)
            if after is not before:
                changed[name] = after
            for one in made:
                cause = Cause(heard_at.topic, heard_at.partition, heard_at.offset, index)
                out.append((cause, _said(one, name, cause)))
                index += 1
    return changed, out


def _touched(event: Conclusion, states: States, changed: States) -> Iterable[str]:
    """Time passes for all of the partition, by name: how states are stored has no order."""
    if isinstance(event, Ticked):
        waiting = [*changed.values(), *(one for name, one in states.items() if name not in changed)]
        return sorted(
            one.technician for one in waiting if one.due_ms is not None and one.due_ms <= event.time_ms
        )
    return (event.technician,) if concerns(event) else ()


def _said(made: Made, technician: str, cause: Cause) -> Out:
    if isinstance(made, Reminder):
        return replace(made, cause=cause)
    return AcknowledgementChanged(
        territory=made.territory,
        time_ms=made.time_ms,
        cause=cause,
        technician=technician,
        appointment=made.appointment,
        stage=made.stage,
    )
