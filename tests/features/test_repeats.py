"""What was sent again is told by its cause."""

from features.events import Cause
from features.repeats import newest


def test_only_what_is_above_the_last_cause_of_its_kind_and_source_is_new() -> None:
    seen = {"risk:signals:0": Cause("signals", 0, 7, 1)}

    assert newest(seen, "risk", Cause("signals", 0, 7, 1)) is None
    assert newest(seen, "risk", Cause("signals", 0, 6, 9)) is None
    assert newest(seen, "risk", Cause("signals", 0, 7, 2)) == ("risk:signals:0", Cause("signals", 0, 7, 2))


def test_another_kind_and_another_source_have_causes_of_their_own() -> None:
    seen = {"risk:signals:0": Cause("signals", 0, 7, 1)}

    assert newest(seen, "life", Cause("signals", 0, 1, 0)) is not None
    assert newest(seen, "risk", Cause("signals", 1, 1, 0)) is not None
