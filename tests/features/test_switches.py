"""Ignition and power take-off, a second a fix."""

from features import switches
from features.fix import Fix
from features.switches import Switches


def flip(*said: tuple[bool | None, bool | None]) -> Switches:
    known = Switches()
    for n, (ignition, pto) in enumerate(said):
        known = switches.advance(known, Fix(n * 1000, 0.0, 0.0, 5.0, True, None, None, ignition, pto))
    return known


def test_each_switch_is_known_since_it_was_flipped() -> None:
    assert flip((True, False), (True, True), (True, True)) == Switches(True, 0, True, 1000)


def test_a_fix_that_says_nothing_makes_it_unknown() -> None:
    assert flip((True, None), (None, None)) == Switches(None, 1000, None, 0)


def test_nothing_changes_while_nothing_is_flipped() -> None:
    known = flip((True, False))
    assert switches.advance(known, Fix(9, 0.0, 0.0, 5.0, True, None, None, True, False)) is known
