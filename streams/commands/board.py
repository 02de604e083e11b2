"""`headway board`: the dispatcher's page."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from streams.settings import Settings


def board(
    host: Annotated[
        str | None, typer.Option(help="Where to listen; by default this machine only.", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="By default 8010.", show_default=False)
    ] = None,
) -> None:
    """Serve the dispatcher's page: what goes wrong, where, and what to do about it.

    It reads what the workers of HEADWAY_KAFKA and HEADWAY_REDIS store, owns nothing, and asks nobody for a
    password: put a proxy that does in front of it before it listens to the world. Ctrl-C ends it.
    """
    from streams.commands.settings import running_system

    run_board(running_system(), host, port)


def run_board(settings: "Settings", host: str | None, port: int | None) -> None:
    import asyncio

    import msgspec

    from streams.chunks.logs import configure
    from streams.dashboard.server import check_vendored, serve

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    params = msgspec.structs.replace(settings.board, **given)
    check_vendored()
    configure(settings.logging.level, complaint=lambda _: None)
    asyncio.run(serve(msgspec.structs.replace(settings, board=params)))
