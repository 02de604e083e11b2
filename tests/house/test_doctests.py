"""What docstrings show is what happens."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SHOWN = [
    ".".join(path.relative_to(HOUSE).with_suffix("").parts)
    for room in ("features", "models")
    for path in sorted((HOUSE / room).rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", SHOWN)
def test_examples_in_docstrings_hold(module: str) -> None:
    assert doctest.testmod(import_module(module)).failed == 0
