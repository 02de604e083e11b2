"""Times, figures and levels as people read them."""

import hashlib
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from features.territory_events import Level, Reason

MINUS, DASH, SPACE = "\u2212", "\u2013", "\u00a0"
LEVEL_WORDS: dict[Level, str] = {
    "WATCH": "watch",
    "AT_RISK": "at risk",
    "CRITICAL": "critical",
    "LATE": "late",
}
REASON_WORDS = {
    "not_departed": "not departed",
    "not_acknowledged": "not acknowledged",
    "no_data": "no data",
    "technician_out": "technician out",
    "nobody": "nobody serves it",
    "late_predecessor": "follows a late one",
    "tight_plan": "tight plan",
}
WHOLE_ID = 8
"""Longer names of appointments are shortened where there is little room."""
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Hours:
    """Moments as 24-hour times in a zone (an IANA name)."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def local(self, time_ms: int) -> datetime:
        return datetime.fromtimestamp(time_ms / 1000, self._zone)

    def hour(self, time_ms: int | None) -> str:
        return DASH if time_ms is None else f"{self.local(time_ms):%H:%M}"

    def window(self, start_ms: int, end_ms: int) -> str:
        return f"{self.hour(start_ms)}{DASH}{self.hour(end_ms)}"

    def day(self, time_ms: int) -> str:
        """As in `Tue 17 Mar`."""
        local = self.local(time_ms)
        return f"{local:%a} {local.day} {local:%b}"


def signed(number: float) -> str:
    """A whole number that says its direction."""
    whole = round(number)
    return f"{'+' if whole > 0 else MINUS if whole < 0 else ''}{abs(whole)}"


def minutes(number: float) -> str:
    return f"{signed(number)} min"


def percent(share: float) -> str:
    """Of what is not certain it does not say that it is."""
    whole = round(100 * share)
    if 0 < share < 1:
        whole = min(99, max(1, whole))
    return f"{whole}{SPACE}%"


def count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def level_class(level: Level | None) -> str:
    """How style sheets and the map name a level."""
    return "none" if level is None else level.lower().replace("_", "-")


def reason(found: Reason) -> str:
    """As in `overrun at A-187 +22`."""
    said = REASON_WORDS.get(found.kind, found.kind)
    if found.appointment is not None:
        joined = "follows" if found.kind == "late_predecessor" else f"{said} at"
        said = f"{joined} {short_id(found.appointment)}"
    return f"{said} {signed(found.minutes)}"


def reasons(found: tuple[Reason, ...]) -> str:
    return " · ".join(reason(one) for one in found)


def short_id(appointment: str) -> str:
    """An appointment's name where it is short, else its last part."""
    if len(appointment) <= WHOLE_ID:
        return appointment
    last = re.split(r"[-_/:. ]", appointment)[-1]
    return last if last else appointment[-WHOLE_ID:]


def short_name(name: str) -> str:
    """The family name of `Becker, Tom` or `Tom Becker`."""
    family, comma, _ = name.partition(",")
    return family if comma else (name.split() or [name])[-1]


def slug(name: str) -> str:
    """A name as part of an element's id: any name, and never two alike."""
    if _PLAIN.fullmatch(name):
        return name
    return "x" + hashlib.blake2s(name.encode(), digest_size=8).hexdigest()


def span(duration_ms: int) -> str:
    """As in `4:10`: minutes and seconds; hours from 100 minutes on."""
    whole = max(0, duration_ms // 1000)
    if whole >= 6000:
        return f"{whole // 3600} h"
    return f"{whole // 60}:{whole % 60:02d}"


def span_min(whole: int) -> str:
    """As in `25 min` or `2 h 10 min`."""
    hours, rest = divmod(whole, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def join(parts: list[str]) -> str:
    """As in `one, two and three`."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
