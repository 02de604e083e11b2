"""The face behind which contract tests see a store."""

from collections.abc import Callable

import msgspec

from streams.ports import TechnicianQueries, TechnicianStore

PARTITIONS = 4


class Stores(msgspec.Struct):
    """`worker` makes the store of one more worker, over the same data; `queries` ask that data."""

    worker: Callable[[], TechnicianStore]
    queries: Callable[[], TechnicianQueries]
