"""`headway ...`: the command line."""

import sys

import typer

from streams.commands import fences, ingest, letters, queries, running, topics

app = typer.Typer(
    name="headway",
    help="Streaming telematics and predictive rebalancing for field service. "
    "Start with `headway demo`: it needs nothing installed.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo", rich_help_panel="Try it")(running.demo)
app.command("up", rich_help_panel="Run it")(running.up)
app.command("worker", rich_help_panel="Run it")(running.worker)
app.command("topics", rich_help_panel="Run it")(topics.topics)
app.command("simulate", rich_help_panel="Feed it")(running.simulate)
app.command("replay", rich_help_panel="Feed it")(running.replay)
app.command("send", rich_help_panel="Feed it")(ingest.send)
app.add_typer(fences.app, name="fences", rich_help_panel="Feed it")
app.command("state", rich_help_panel="Ask it")(queries.state)
app.command("nearest", rich_help_panel="Ask it")(queries.nearest)
app.command("who", rich_help_panel="Ask it")(queries.who)
app.add_typer(letters.app, name="dead-letters", rich_help_panel="Mend it")


def main() -> None:
    """Run a command. A user's mistake is one line and exit code 2, a failure one line and exit code 1."""
    from streams.errors import HeadwayError, UserError

    try:
        app()
    except HeadwayError as error:
        typer.echo(f"headway: {error}", err=True)
        sys.exit(2 if isinstance(error, UserError) else 1)


if __name__ == "__main__":
    main()
