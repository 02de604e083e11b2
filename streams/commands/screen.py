"""What the demo shows: technicians and what happened, on a terminal of any size."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from features.appointment import Appointment
from features.technician import TechnicianState
from streams.commands.people import current, doing, where
from streams.commands.tables import Cell, Column, fitted
from streams.commands.watch import Watch

AROUND = 7
"""Lines that are neither technicians nor events."""
LEAST_FEED = 5
STYLES = {
    "on site": "green",
    "driving": "cyan",
    "idling": "yellow",
    "stopped, late": "red",
    "silent": "dim",
    "offline": "dim",
    "off shift": "dim",
}
COLUMNS = (
    Column("technician", least=14),
    Column("doing", least=10),
    Column("where", least=12),
    Column("appointment", least=17, spare=2),
    Column("done", right=True, spare=3),
    Column("seen", spare=1),
)
WIDTHS = {"technician": 16, "doing": 15, "where": 26, "appointment": 18}
"""Kept open, so that columns don't jump when somebody moves."""


class Frame(msgspec.Struct, frozen=True):
    """One moment of the demo."""

    now: datetime
    speed: float
    states: Sequence[TechnicianState]
    counts: Mapping[str, int]


def draw(watch: Watch, frame: Frame, width: int, height: int) -> RenderableType:
    """The whole screen: at most `width` wide and `height` high."""
    rows, feed = _shares(len(frame.states), height)
    shown = frame.states[:rows]
    hidden = len(frame.states) - len(shown)
    lines: list[RenderableType] = [
        _cut(_head(watch, frame), width, "bold"),
        _cut(_sums(watch, frame), width),
        _cut(_decisions(watch), width),
        fitted("", COLUMNS, [_row(watch, frame, state) for state in shown], width, WIDTHS),
    ]
    if hidden:
        lines.append(Text(f"and {hidden} more, for whom this terminal has no room", style="dim"))
    told = [_line(when, said, frame.now, width) for when, said in sorted(watch.feed)[-feed:]]
    lines += [Text(), *told, *[Text()] * (feed - len(told)), Text("Ctrl-C ends it", style="dim")]
    return Group(*lines)


def _shares(technicians: int, height: int) -> tuple[int, int]:
    """How many technicians and how many events a terminal has room for."""
    room = max(2, height - AROUND)
    rows = min(technicians, max(1, room - max(LEAST_FEED, room // 4)))
    return rows, max(1, room - rows - 1)


def _head(watch: Watch, frame: Frame) -> str:
    return f"{watch.title}, {frame.now:%A %d %B %Y, %H:%M}, {frame.speed:g}x"


def _sums(watch: Watch, frame: Frame) -> str:
    does = Counter(_doing(state).partition(" km/h")[0].rstrip("0123456789 ") for state in frame.states)
    dropped = sum(n for name, n in frame.counts.items() if name.startswith(("dropped.", "rejected.")))
    return (
        f"{does['driving']} driving, {does['on site']} on site of {len(frame.states)}; "
        f"{watch.done.total()} of {watch.planned.total()} appointments; "
        f"{frame.counts.get('kept', 0):,} pings, {dropped:,} dropped"
    )


def _decisions(watch: Watch) -> str:
    waiting = next(iter(watch.waiting.values()), "")
    said = f"{watch.at_risk} at risk, {len(watch.waiting)} proposed, {watch.accepted} accepted"
    said += f"; {watch.address}" if watch.address else ""
    return f"{said}; {waiting}" if waiting else said


def _row(watch: Watch, frame: Frame, state: TechnicianState) -> list[Cell]:
    does, job = _doing(state), current(state)
    style = STYLES.get(does) or STYLES.get(does.partition(" ")[0], "")
    done, planned = watch.done[state.technician], watch.planned[state.technician]
    seen = "-" if state.fix is None else _time(state.fix.time_ms, frame.now)
    return [
        state.name or state.technician,
        Text(does, style=style),
        where(state, watch.names),
        "-" if job is None else _job(job[1], frame.now),
        f"{done}/{planned}",
        seen,
    ]


def _job(job: Appointment, now: datetime) -> str:
    """How far it is, after the hour from which the customer expects somebody."""
    since = "" if job.window_start_ms is None else f"{_time(job.window_start_ms, now)[:5]} "
    return f"{since}{job.life.replace('_', ' ')}"


def _doing(state: TechnicianState) -> str:
    if state.duty == "off_shift" and state.motion.kind in (None, "STOPPED", "NO_DATA", "OFFLINE"):
        return "off shift"
    return doing(state)


def _line(time_ms: int, said: str, now: datetime, width: int) -> Text:
    return _cut(f"{_time(time_ms, now)}  {said}", width)


def _time(time_ms: int, now: datetime) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, now.tzinfo):%H:%M:%S}"


def _cut(text: str, width: int, style: str = "") -> Text:
    made = Text(text, style=style, no_wrap=True, overflow="ellipsis", end="")
    made.truncate(width, overflow="ellipsis")
    made.end = "\n"
    return made
