"""The same day at another time: every moment that a message names moves along, and so do the appointments' names.

A field that ends in `_ms` is a moment, wherever it stands. Appointments have their day in their names, so that
no day has those of another; a moved day gets a word of its own there.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

E = TypeVar("E", bound=msgspec.Struct)


class Move:
    """Moves by `by_ms`, and calls the day `called` where it was called `day`."""

    def __init__(self, by_ms: int, day: str, called: str) -> None:
        self._by_ms, self._day, self._called = by_ms, day, called

    def there(self, event: E) -> E:
        return self._struct(event, self._by_ms, self._day, self._called)

    def back(self, event: E) -> E:
        """What `there` has moved, as it was before."""
        return self._struct(event, -self._by_ms, self._called, self._day)

    def _struct(self, event: E, by_ms: int, day: str, called: str) -> E:
        changed = {}
        for name in event.__struct_fields__:
            value = getattr(event, name)
            moved = self._value(name, value, by_ms, day, called)
            if moved is not value:
                changed[name] = moved
        return msgspec.structs.replace(event, **changed)

    def _value(self, name: str, value: Any, by_ms: int, day: str, called: str) -> Any:
        if isinstance(value, str):
            return value.replace(day, called) if day in value else value
        if name.endswith("_ms") and isinstance(value, int):
            return value + by_ms
        if isinstance(value, msgspec.Struct):
            return self._struct(value, by_ms, day, called)
        if isinstance(value, tuple):
            return tuple(self._value(name, one, by_ms, day, called) for one in value)
        if isinstance(value, Mapping):
            return {key: self._value(name, one, by_ms, day, called) for key, one in value.items()}
        return value
