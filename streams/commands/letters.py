"""`headway dead-letters`: what nobody could process, and the way back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from streams.errors import BadInput

if TYPE_CHECKING:
    from streams.dead_letters import DeadLetter
    from streams.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="List, show and replay what nobody could process.\n\n"
    "A message that can't be decoded, bears a time in the future, or says something impossible is kept here "
    "with its reason and its original bytes.",
)

ReasonOption = Annotated[
    str | None,
    typer.Option("--reason", metavar="REASON", help="Only those with this reason, e.g. malformed."),
]
TechnicianOption = Annotated[
    str | None,
    typer.Option("--technician", metavar="TECHNICIAN", help="Only those that were keyed by this technician."),
]
BATCH = 500
"""Letters that are sent back before it is noted that they were."""


@app.command("list")
def list_letters(
    reason: ReasonOption = None,
    technician: TechnicianOption = None,
    last: Annotated[int, typer.Option("--last", "-n", min=1, help="At most so many, the newest.")] = 50,
    everything: Annotated[bool, typer.Option("--all", help="Those that were sent back as well.")] = False,
) -> None:
    """List dead letters with their reason and where they came from, the oldest first."""
    from streams.commands.show import count, out

    found = _found(reason, technician)
    listed = [letter for letter in found if everything or not letter.sent_back]
    if listed:
        _print_letters(listed[-last:], everything)
    more = f" (the last {last} shown; --last N shows more)" if len(listed) > last else ""
    reasons = Counter(letter.reason for letter in listed)
    out.print(
        count(len(listed), "dead letter")
        + more
        + "".join(f", {number} {name}" for name, number in reasons.most_common())
    )
    if hidden := len(found) - len(listed):
        out.print(f"{hidden} more were sent back; --all shows them")


@app.command("show")
def show_letter(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `list` shows, e.g. 0:17.")],
) -> None:
    """Show one dead letter whole: its reason, source and original bytes."""
    from streams.commands.show import clock, out, plain

    letter = _one(letter_id)
    facts = {
        "id": letter.id,
        "reason": letter.reason,
        "detail": letter.detail,
        "source": str(letter.source),
        "received": f"{clock(letter.received_ms)} UTC",
        "key": "(none)" if letter.key is None else repr(letter.key)[2:-1],
        "sent back": "yes" if letter.sent_back else "no",
        "value": "(null)" if letter.value is None else repr(letter.value)[2:-1],
    }
    for name, value in facts.items():
        out.print(f"{name:<10} {plain(value)}", soft_wrap=True)


@app.command("replay")
def replay_letters(
    letter_id: Annotated[str | None, typer.Argument(metavar="ID", help="One letter, by its id.")] = None,
    reason: ReasonOption = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="With an ID: also when it was sent back before.")
    ] = False,
) -> None:
    """Send dead letters back, byte for byte, to the topic and partition that they came from.

    Do it after the cause is mended; what is still wrong comes back as a new dead letter.
    Each is sent back once: `--reason` and `--all` leave out what was sent back before.
    """
    from streams.commands.settings import running_system
    from streams.commands.show import count, out

    if sum((letter_id is not None, reason is not None, everything)) != 1:
        raise BadInput("say which dead letters to replay: an ID, --reason REASON, or --all (one of them)")
    if letter_id is not None:
        letters = [_waiting(letter_id, again)]
    else:
        letters = [letter for letter in _found(reason, None) if not letter.sent_back]
    settings = running_system()
    good = [letter for letter in letters if _why_not(settings, letter) is None]
    refused = _send_back(settings, good)
    still = f", {refused} of them refused again" if refused else ""
    out.print(f"{count(len(good), 'dead letter')} sent back{still}")
    for letter in letters:
        if why := _why_not(settings, letter):
            raise BadInput(f"{len(letters) - len(good)} can't be sent back; the first: {letter.id}, {why}")


def _send_back(settings: "Settings", letters: "Sequence[DeadLetter]") -> int:
    """How many were refused again at the door. Letters first, then the notes of it: so none is lost."""
    from streams.adapters.log import LogWriter
    from streams.commands.show import progress
    from streams.dead_letters import note
    from streams.ingest.door import Door

    door, refused, sent = Door.of(settings, "dead-letters"), 0, 0
    with LogWriter(settings) as writer, progress("sending back", len(letters)) as done:
        for batch in _batches(letters):
            messages = [door.readmit(letter) for letter in batch]
            for message in messages:
                writer.send(message)
            writer.flush()
            for letter in batch:
                writer.send(note(door.dead_letters, letter))
            writer.flush()
            refused += sum(message.topic == door.dead_letters for message in messages)
            done(sent := sent + len(batch))
    return refused


def _batches(letters: "Sequence[DeadLetter]") -> "Iterator[list[DeadLetter]]":
    rest = iter(letters)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _why_not(settings: "Settings", letter: "DeadLetter") -> str | None:
    """Why a letter has no way back, None where it has one."""
    from streams.dead_letters import NOT_WHOLE, UNREADABLE
    from streams.topics import Topics

    names = Topics.of(settings)
    taken = (names.technicians, names.territories)
    if letter.reason == UNREADABLE:
        return "whose headers don't say where it came from"
    if letter.truncated:
        return NOT_WHOLE
    if letter.source.topic not in taken:
        return f"which came from {letter.source.topic}, and not from this system's {' or '.join(taken)}"
    return None


def _print_letters(letters: "Sequence[DeadLetter]", everything: bool) -> None:
    from streams.commands.show import clock, plain, print_table
    from streams.commands.tables import Column

    columns = (
        Column("id"),
        Column("received (UTC)", spare=2),
        Column("reason"),
        Column("key", least=8, spare=3),
        Column("source", least=16, spare=4),
        Column("bytes", right=True, spare=5),
        *((Column("sent back"),) if everything else ()),
        Column("detail", least=20),
    )
    rows = [
        (
            letter.id,
            clock(letter.received_ms),
            plain(letter.reason),
            plain((letter.key or b"").decode(errors="backslashreplace")),
            plain(str(letter.source)),
            str(len(letter.value or b"")),
            *(("yes" if letter.sent_back else "no",) if everything else ()),
            plain(letter.detail),
        )
        for letter in letters
    ]
    print_table("", columns, rows)


def _found(reason: str | None, technician: str | None) -> "list[DeadLetter]":
    """The letters on the topic that fit, in the order in which they came."""
    from typing import get_args

    from features.events import RejectReason
    from streams.adapters.log import LogReader
    from streams.commands.settings import running_system
    from streams.dead_letters import UNREADABLE, read_all
    from streams.topics import Topics

    reasons = (*get_args(RejectReason), UNREADABLE)
    if reason is not None and reason not in reasons:
        raise BadInput(f"--reason {reason!r} is none that letters have; there is {', '.join(reasons)}")
    key = None if technician is None else technician.encode(errors="surrogateescape")
    settings = running_system()
    with LogReader(settings, Topics.of(settings).dead_letters) as reader:
        letters = read_all(reader.to_end())
    return [
        letter for letter in letters if reason in (None, letter.reason) and (key is None or key == letter.key)
    ]


def _waiting(letter_id: str, again: bool) -> "DeadLetter":
    letter = _one(letter_id)
    if letter.sent_back and not again:
        raise BadInput(
            f"dead letter {letter_id} was sent back before; --again sends it once more, should it be lost"
        )
    return letter


def _one(letter_id: str) -> "DeadLetter":
    for letter in _found(None, None):
        if letter.id == letter_id:
            return letter
    raise BadInput(f"there is no dead letter {letter_id!r}; `headway dead-letters list` shows their ids")
