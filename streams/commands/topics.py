"""`headway topics`: what flows where, and how far the workers are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from streams.errors import BadInput, StoreUnavailable

if TYPE_CHECKING:
    from streams.adapters.log import LogReader
    from streams.settings import Settings


class Extent:
    """From which offset to which a topic's records go, by partition."""

    def __init__(self, reader: "LogReader") -> None:
        self.begins, self.ends = reader.begins(), reader.ends()

    @property
    def records(self) -> int:
        return sum(self.ends[partition] - self.begins[partition] for partition in self.ends)


def topics(
    create: Annotated[bool, typer.Option("--create", help="Create the topics that are missing.")] = False,
) -> None:
    """Show the topics, how far behind every agent is, and by partition the telemetry workers.

    `behind` counts the records that an agent has not folded into its state yet: 0 is up to date.
    """
    from streams.adapters.log import check_reachable
    from streams.commands.settings import running_system
    from streams.topics import ALL, Topics, ensure

    settings = running_system()
    if create:
        check_reachable(settings)
        ensure(settings)
    names, positions = Topics.of(settings), _positions(settings)
    found: dict[str, Extent | None] = {
        spec.name: _extent(settings, getattr(names, spec.name.replace("-", "_"))) for spec in ALL
    }
    if not any(found.values()):
        raise BadInput(
            f"there are no topics of namespace {settings.namespace!r} at {settings.kafka.bootstrap}; "
            "`headway topics --create` makes them"
        )
    _print_topics(settings, found)
    _print_readers(settings, found)
    if isinstance(positions, StoreUnavailable):
        raise positions
    if extent := found["technicians"]:
        _print_lag(settings, extent, positions)


def _extent(settings: "Settings", name: str) -> Extent | None:
    """None where there is no such topic."""
    from streams.adapters.log import LogReader

    try:
        with LogReader(settings, name) as reader:
            return Extent(reader)
    except BadInput:
        return None


def _print_topics(settings: "Settings", found: Mapping[str, Extent | None]) -> None:
    from streams.commands.show import out, print_table
    from streams.commands.tables import Column
    from streams.topics import ALL

    columns = (
        Column("topic"),
        Column("partitions", right=True),
        Column("records", right=True),
        Column("key", least=8, spare=2),
        Column("carries", least=12, spare=1),
    )
    rows = []
    for spec in ALL:
        extent = found[spec.name]
        sizes = ("missing", "-") if extent is None else (str(len(extent.ends)), f"{extent.records:,}")
        rows.append((f"{settings.namespace}.{spec.name}", *sizes, spec.key, spec.carries))
    print_table(f"topics at {settings.kafka.bootstrap}", columns, rows)
    if None in found.values():
        out.print("`headway topics --create` makes those that are missing")


def _print_readers(settings: "Settings", found: Mapping[str, Extent | None]) -> None:
    """All agents but telemetry, of which more is told below."""
    from streams.adapters.kafka import committed
    from streams.commands.show import out, print_table
    from streams.commands.tables import Column
    from streams.topics import READERS, group_of

    rows = []
    for reader, topic in READERS.items():
        extent = found[topic.name]
        if extent is None or reader == "telemetry":
            continue
        name = f"{settings.namespace}.{topic.name}"
        at = committed(settings, group_of(settings, reader), name, extent.ends)
        behind = sum(
            max(0, end - max(at.get(partition, 0), extent.begins[partition]))
            for partition, end in extent.ends.items()
        )
        rows.append((reader, topic.name, f"{behind:,}" if at else "not begun"))
    out.print()
    print_table("agents", (Column("agent"), Column("reads"), Column("behind", right=True)), rows)


def _print_lag(settings: "Settings", extent: Extent, positions: Mapping[int, int]) -> None:
    from streams.commands.show import out, print_table
    from streams.commands.tables import Column

    rows, total = [], 0
    for partition, end in sorted(extent.ends.items()):
        position = positions.get(partition)
        behind = max(0, end - max(position or 0, extent.begins[partition]))
        total += behind
        folded = "nothing yet" if position is None else f"{position:,}"
        rows.append((str(partition), folded, f"{end:,}", f"{behind:,}"))
    columns = [Column(name, right=True) for name in ("partition", "folded up to", "ends at", "behind")]
    out.print()
    print_table(f"{settings.namespace}.technicians", columns, rows)
    how_far = f"{total:,} records behind" if total else "up to date"
    out.print(f"the telemetry workers are {how_far}")


def _positions(settings: "Settings") -> "Mapping[int, int] | StoreUnavailable":
    """How far the partitions are folded. Asked before where they end: else workers would seem beyond that."""
    import asyncio

    from streams.bootstrap import open_store

    async def asking() -> Mapping[int, int]:
        store = open_store(settings)
        try:
            return await store.positions(range(settings.kafka.partitions))
        finally:
            await store.close()

    try:
        return asyncio.run(asking())
    except StoreUnavailable as error:
        # Kafka's part of the answer is worth telling all the same.
        return error
