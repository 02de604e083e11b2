"""Commands of `headway` in this process, as main() runs them."""

from collections.abc import Callable

import msgspec

from streams import cli


class Said(msgspec.Struct, frozen=True):
    """What a command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.out.splitlines()]


Headway = Callable[..., Said]


def mistake(said: Said) -> str:
    """The one line that tells of a user's mistake."""
    assert said.code == 2, said
    lines = [line for line in said.err.splitlines() if line.startswith("headway: ")]
    assert len(lines) == 1, said
    assert "Traceback" not in said.err
    return lines[0].removeprefix("headway: ")


def run(*words: str) -> int:
    """A command's exit code."""
    try:
        return cli.run(words)
    except SystemExit as ended:
        return int(ended.code or 0)
