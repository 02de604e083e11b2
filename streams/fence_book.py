"""The fences that hold, as the broadcast of their topic tells them."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from features.fence_index import FenceIndex
from features.fences import InvalidFence, PreparedFence, prepare
from features.rejection import Rejection
from streams.codec import decode_fence

log = logging.getLogger(__name__)


class HeardRecord(Protocol):
    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...


class FenceBook:
    """Takes records of `fences` and has the index of what they say; built anew when something was heard."""

    def __init__(self, build: Callable[[Sequence[PreparedFence]], FenceIndex]) -> None:
        self._build = build
        self._fences: dict[tuple[str, int], PreparedFence] = {}
        self._index: FenceIndex | None = None

    def hear(self, records: Sequence[HeardRecord]) -> None:
        """A fence that cannot be used is left out and said in the log: the others go on holding."""
        for record in records:
            if record.value is not None:
                self._take(record.offset, record.value)
        self._index = None

    def index(self) -> FenceIndex:
        if self._index is None:
            self._index = self._build(list(self._fences.values()))
        return self._index

    def _take(self, offset: int, value: bytes) -> None:
        fence = decode_fence(value)
        if isinstance(fence, Rejection):
            log.error("fences: the record at offset %d is no fence and is left out: %s", offset, fence.detail)
            return
        try:
            self._fences[fence.fence, fence.version] = prepare(fence)
        except InvalidFence as error:
            log.error("fences: the record at offset %d is left out: %s", offset, error)
