"""`headway dead-letters`: what nobody could process, and the way back."""

from collections import Counter
from typing import Annotated

import typer

from streams.dead_letters import DeadLetter, once, read
from streams.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="List, show and replay what nobody could process.")

ReasonOption = Annotated[
    str | None, typer.Option("--reason", help="Only those with this reason, e.g. malformed.")
]


@app.command("list")
def list_letters(
    reason: ReasonOption = None,
    last: Annotated[int, typer.Option("--last", "-n", min=1, help="At most so many, the newest.")] = 50,
) -> None:
    """List dead letters with their reason and where they came from."""
    from streams.commands.show import clock, out, table

    letters = _letters(reason)
    made = table("dead letters", "id", "reason", "source", "received (UTC)", "bytes", "detail")
    for letter in letters[-last:]:
        size = str(len(letter.value or b""))
        made.add_row(
            _id(letter), letter.reason, str(letter.source), clock(letter.received_ms), size, letter.detail
        )
    counts = Counter(letter.reason for letter in letters)
    if letters:
        out.print(made)
    out.print(f"{len(letters)} in all" + "".join(f", {n} {name}" for name, n in counts.most_common()))


@app.command("show")
def show_letter(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `list` shows, e.g. 0:17.")],
) -> None:
    """Show one dead letter whole: its reason, source and original bytes."""
    from streams.commands.show import clock, out

    letter = _one(letter_id)
    out.print(f"reason     {letter.reason}", f"detail     {letter.detail}", sep="\n")
    out.print(f"source     {letter.source}")
    out.print(f"received   {clock(letter.received_ms)} UTC", f"key        {letter.key!r}", sep="\n")
    out.print("value", "null" if letter.value is None else repr(letter.value)[2:-1], sep="\n")


@app.command("replay")
def replay_letters(
    letter_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One letter; without it, all that --reason names.")
    ] = None,
    reason: ReasonOption = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Send dead letters back, byte for byte, to the topic and partition that they came from.

    Do it after the cause is mended; what is still wrong comes back as a new dead letter.
    """
    from streams.adapters.log import write_all
    from streams.commands.settings import running_system
    from streams.commands.show import out
    from streams.ingest.door import Door

    if sum((letter_id is not None, reason is not None, everything)) != 1:
        raise BadInput("say which dead letters to replay: an id, --reason REASON, or --all (one of them)")
    letters = [_one(letter_id)] if letter_id is not None else _letters(reason)
    settings = running_system()
    door = Door.of(settings, "dead-letters")
    sent = write_all(settings, (door.readmit(letter) for letter in letters))
    out.print(f"{sent} sent back")


def _letters(reason: str | None) -> list[DeadLetter]:
    from streams.adapters.log import LogReader
    from streams.commands.settings import running_system
    from streams.topics import Topics

    settings = running_system()
    with LogReader(settings, Topics.of(settings).dead_letters) as reader:
        letters = once([read(record.partition, record) for record in reader.to_end()])
    return [letter for letter in letters if reason in (None, letter.reason)]


def _one(letter_id: str) -> DeadLetter:
    for letter in _letters(None):
        if _id(letter) == letter_id:
            return letter
    raise BadInput(f"there is no dead letter {letter_id!r}; `headway dead-letters list` shows their ids")


def _id(letter: DeadLetter) -> str:
    return f"{letter.partition}:{letter.offset}"
