"""What is heard and when: by ticks and by the gap before the next fix."""

import pytest

from features import silence
from features.silence import Hearing, Params, Silent

PARAMS = Params()


@pytest.mark.parametrize(
    ("gap_s", "kinds"),
    [(200, []), (200.001, ["NO_DATA"]), (600, ["NO_DATA"]), (600.001, ["NO_DATA", "OFFLINE"])],
)
def test_a_gap_is_silence_when_it_is_over_the_limit(gap_s: float, kinds: list[str]) -> None:
    hearing, silences = silence.hear(Hearing(1_000), 1_000 + round(gap_s * 1000), 7, PARAMS)
    assert [one.kind for one in silences] == kinds
    assert hearing == Hearing(1_000 + round(gap_s * 1000), 0, 7)


def test_by_tick_and_by_gap_silence_begins_at_the_same_time() -> None:
    _, by_gap = silence.hear(Hearing(0), 900_000, 900_000, PARAMS)
    hearing, first = silence.listen(Hearing(0), 250_000, 255_000, PARAMS)
    hearing, second = silence.listen(hearing, 650_000, 655_000, PARAMS)
    assert [(one.kind, one.time_ms) for one in (*first, *second)] == [
        (one.kind, one.time_ms) for one in by_gap
    ]
    assert first == (Silent("NO_DATA", 200_000, 255_000),)
    assert silence.hear(hearing, 900_000, 900_000, PARAMS)[1] == ()


def test_each_silence_is_said_once() -> None:
    hearing, _ = silence.listen(Hearing(0), 250_000, 255_000, PARAMS)
    assert silence.listen(hearing, 300_000, 305_000, PARAMS) == (hearing, ())


def test_before_the_first_ping_there_is_no_silence() -> None:
    assert silence.listen(Hearing(), 10**9, 10**9, PARAMS) == (Hearing(), ())
    assert silence.hear(Hearing(), 10**9, 10**9, PARAMS) == (Hearing(10**9, 0, 10**9), ())


def test_what_is_due_is_the_next_limit() -> None:
    assert silence.due_ms(Hearing(), 0, PARAMS) is None
    assert silence.due_ms(Hearing(0), 0, PARAMS) == 200_000
    assert silence.due_ms(Hearing(0), 5_000, PARAMS) == 205_000
    assert silence.due_ms(Hearing(0, 1), 0, PARAMS) == 600_000
    assert silence.due_ms(Hearing(0, 2), 0, PARAMS) is None


def test_of_a_slow_clock_silence_is_due_when_nothing_was_received_for_so_long() -> None:
    slow = Hearing(0, 0, 600_000)
    assert silence.due_ms(slow, 5_000, PARAMS) == 800_000
    assert silence.listen(slow, 795_000, 800_000, PARAMS) == (slow, ())
    heard, silences = silence.listen(slow, 795_001, 800_001, PARAMS)
    assert silences == (Silent("NO_DATA", 200_000, 800_001),)
    assert heard == Hearing(0, 1, 600_000)


def test_all_silence_said_the_time_of_receipt_is_forgotten() -> None:
    assert silence.listen(Hearing(0, 1, 600_000), 10**7, 10**7, PARAMS)[0] == Hearing(0, 2)
