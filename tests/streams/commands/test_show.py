"""Times, text from outside, progress bars."""

import io

import pytest
from rich.console import Console

from streams.commands import show
from streams.commands.show import clock, count, iso, plain, progress


def test_times_are_utc_and_a_time_that_cannot_be_is_shown_as_it_is() -> None:
    assert clock(None) == "-"
    assert clock(1_750_000_000_999) == "2025-06-15 15:06:40"
    assert clock(10**17) == "100000000000000000 ms"
    assert iso(None) is None
    assert iso(1_750_000_000_999) == "2025-06-15T15:06:40.999+00:00"


def test_text_from_outside_moves_no_cursor_and_breaks_no_line() -> None:
    assert plain("Zoë\x1b[31m\r\n\x9b2J\x00 :smile: [red]") == r"Zoë\x1b[31m\r\n\x9b2J\x00 :smile: [red]"


def test_one_is_not_many() -> None:
    assert [count(n, "fence") for n in (0, 1, 2000)] == ["0 fences", "1 fence", "2,000 fences"]


def errors_to(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> io.StringIO:
    written = io.StringIO()
    monkeypatch.setattr(show, "err", Console(file=written, force_terminal=terminal, width=80))
    return written


def test_a_bar_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    written = errors_to(monkeypatch, terminal=True)
    with progress("sending", 10) as done:
        done(4)
    assert "sending" in written.getvalue()
    assert "/10" in written.getvalue()


def test_where_there_is_no_terminal_not_even_an_empty_line_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = errors_to(monkeypatch, terminal=False)
    with progress("sending", 10) as done:
        done(4)
    assert written.getvalue() == ""
