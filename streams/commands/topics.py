"""`headway topics`: what flows where, and how far the workers are."""

import typer


def topics(
    create: bool = typer.Option(False, "--create", help="Create the topics that are missing."),
) -> None:
    """Show the topics with their partitions, records and how far behind the telemetry workers are."""
    import asyncio

    from streams.adapters.log import LogReader, behind
    from streams.bootstrap import open_store
    from streams.commands.settings import running_system
    from streams.commands.show import out, table
    from streams.topics import ALL, Topics, ensure

    settings = running_system()
    if create:
        ensure(settings)
    names = Topics.of(settings)
    made = table("topics", "topic", "partitions", "ends at", "behind", "key", "carries")
    for spec in ALL:
        name = getattr(names, spec.name.replace("-", "_"))
        with LogReader(settings, name) as reader:
            ends = reader.ends()

        async def positions(partitions: dict[int, int] = ends) -> dict[int, int]:
            store = open_store(settings)
            try:
                return dict(await store.positions(partitions))
            finally:
                await store.close()

        lag = str(behind(ends, asyncio.run(positions()))) if spec.name == "technicians" else "-"
        made.add_row(name, str(len(ends)), str(sum(ends.values())), lag, spec.key, spec.carries)
    out.print(made)
