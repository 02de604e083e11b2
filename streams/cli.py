"""`headway ...`: the command line."""

import sys
from collections.abc import Sequence

import typer

from streams.commands import board, fences, ingest, letters, plans, queries, running, topics, training

app = typer.Typer(
    name="headway",
    help="Streaming telematics and predictive rebalancing for field service.\n\n"
    "Start with `headway demo`: it needs nothing installed. Or have a system run with `headway up`, and in "
    "another terminal set the variables that it prints, then `headway simulate`, `headway who`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo", rich_help_panel="Try it")(running.demo)
app.command("up", rich_help_panel="Run it")(running.up)
app.command("worker", rich_help_panel="Run it")(running.worker)
app.command("board", rich_help_panel="Run it")(board.board)
app.command("topics", rich_help_panel="Run it")(topics.topics)
app.command("simulate", rich_help_panel="Feed it")(running.simulate)
app.command("replay", rich_help_panel="Feed it")(running.replay)
app.command("send", rich_help_panel="Feed it")(ingest.send)
app.add_typer(fences.app, name="fences", rich_help_panel="Feed it")
app.command("who", rich_help_panel="Ask it")(queries.who)
app.command("state", rich_help_panel="Ask it")(queries.state)
# What looks like an option may be a latitude south of the equator.
app.command("nearest", rich_help_panel="Ask it", context_settings={"ignore_unknown_options": True})(
    queries.nearest
)
app.command("train", rich_help_panel="Decide")(training.train)
app.add_typer(plans.plan, name="plan", rich_help_panel="Decide")
app.add_typer(plans.risk, name="risk", rich_help_panel="Decide")
app.add_typer(letters.app, name="dead-letters", rich_help_panel="Mend it")


def main() -> None:
    """The process's entry point."""
    # Names in all scripts of the world go to terminals that know a few.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. A user's mistake is one line and 2, a failure one line and 1."""
    from streams.errors import HeadwayError, StoreUnavailable, UserError

    try:
        code = app(list(arguments), prog_name="headway", standalone_mode=False)
    except typer.TyperException as error:
        return _misused(error, arguments)
    except typer.Abort:
        return 130
    except StoreUnavailable as error:
        return _failed(f"{error}; is it running, and is HEADWAY_REDIS right?", 1)
    except HeadwayError as error:
        return _failed(str(error), 2 if isinstance(error, UserError) else 1)
    return code if isinstance(code, int) else 0


def _misused(error: typer.TyperException, arguments: Sequence[str]) -> int:
    """A command line that can't be read. Without any command, its help has been printed already."""
    said = " ".join(error.format_message().split())
    if not said:
        return error.exit_code
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "headway"
    given = _given(getattr(error, "param", None), arguments)
    link = " " if said.endswith("?") else "; "
    return _failed(f"{said.rstrip('.')}{given}{link}`{path} --help` says what there is", error.exit_code)


def _given(param: object, arguments: Sequence[str]) -> str:
    """The value of the option that is wrong, for whoever has a script or an alias type it."""
    names = getattr(param, "opts", ())
    for argument, following in zip(arguments, (*arguments[1:], ""), strict=True):
        name, found, value = argument.partition("=")
        if name in names:
            return f", and not {value if found else following!r}"
    return ""


def _failed(said: str, code: int) -> int:
    typer.echo(f"headway: {said}", err=True)
    return code


if __name__ == "__main__":
    main()
