"""Why an event from outside is malformed, in words for whoever sent it: the field, its value, and what to do."""

import re
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from features.rejection import Rejection

SHOWN = 60
"""Characters of a wrong value that are told."""
SCHEMA = "docs/events.schema.json"

_PLACE = re.compile(r"(?P<what>.*) - at `\$(?P<path>[^`]*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_PATTERN = re.compile(r"`str` matching regex .*?(?= - at |$)", re.DOTALL)


def explained(rejection: Rejection, value: bytes, kind: str, kinds: Sequence[str]) -> Rejection:
    """The codec's words with the value that is wrong; `kinds` are those that there are, `kind` what it says it is."""
    if rejection.reason != "malformed":
        return rejection
    detail = _PATTERN.sub("text without control characters", rejection.detail)
    if kind and kind not in kinds and "`$.type`" in detail:
        detail = f"type is {_cut(repr(kind))}; there is {', '.join(kinds)}"
    else:
        detail = _with_value(detail, value)
    return replace(rejection, detail=f"{detail}; {_advice(kind, kinds)}")


def _advice(kind: str, kinds: Sequence[str]) -> str:
    if kind in kinds:
        return f"{SCHEMA} says what a {kind} has"
    return f"{SCHEMA} says what events are"


def _with_value(detail: str, value: bytes) -> str:
    """Puts the value before what the codec expected of it. Left as it is where the place has no value."""
    found = _PLACE.match(detail)
    if found is None or not found["path"]:
        return detail
    try:
        wrong = _at(msgspec.json.decode(value), found["path"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return detail
    shown = _cut(msgspec.json.encode(wrong).decode())
    return f"{found['path'].removeprefix('.')} is {shown}: {detail}"


def _at(tree: object, path: str) -> object:
    """What stands at a path such as `.job.place.lat`. Raises `LookupError` where it is not one place."""
    if "[...]" in path:
        raise LookupError(path)
    for key, index in _STEP.findall(path):
        if isinstance(tree, dict):
            tree = tree[key]
        elif isinstance(tree, list):
            tree = tree[int(index)]
        else:
            raise LookupError(path)
    return tree


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
