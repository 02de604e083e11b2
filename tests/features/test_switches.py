"""Ignition and power take-off, a second a fix."""

from features import switches
from features.fix import Fix
from features.switches import Params, Switches

Said = tuple[bool | None, bool | None]


def fix(second: float, ignition: bool | None, pto: bool | None) -> Fix:
    return Fix(round(second * 1000), 0.0, 0.0, 5.0, True, None, None, ignition, pto)


def flip(*said: Said, every_s: float = 1) -> Switches:
    known, before = Switches(), None
    for n, (ignition, pto) in enumerate(said):
        one = fix(n * every_s, ignition, pto)
        known, before = switches.advance(known, one, before, Params()), one
    return known


def test_each_switch_is_known_since_it_was_flipped() -> None:
    assert flip((True, False), (True, True), (True, True)) == Switches(True, 0, True, 1000)


def test_what_some_fixes_leave_out_stays_as_it_was_said() -> None:
    assert flip(*[(True, None), (None, None)] * 60, (True, None), every_s=100) == Switches(True, 0)


def test_what_is_left_out_for_longer_is_unknown() -> None:
    said = [(True, False), (True, None), (True, None), (True, None), (True, None)]
    assert flip(*said[:4], every_s=40) == Switches(True, 0, False, 0, None, 0)
    assert flip(*said, every_s=40) == Switches(True, 0, None, 160_000)


def test_nothing_changes_while_nothing_is_flipped() -> None:
    known = flip((True, False))
    assert switches.advance(known, fix(9, True, False), fix(0, True, False), Params()) is known
