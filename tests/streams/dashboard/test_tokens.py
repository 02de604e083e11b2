"""Whatever is read is dark or light enough, in both sets of colours."""

import re
from pathlib import Path

import pytest

from streams.dashboard.pages import STATIC

SHEET = (STATIC / "css" / "tokens.css").read_text()
LIGHT, DARK = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part)) for part in SHEET.split("@media"))
GROUNDS = ("background", "panel")
INKS = (
    "ink",
    "dim",
    "blue",
    *(f"{level}-ink" for level in ("on-time", "watch", "at-risk", "critical", "late")),
)
FILLS = ("planned", "in-progress", "watch-fill", "at-risk-fill", "critical-fill", "wash", "tint")
READ = [
    *((ink, ground) for ink in INKS for ground in GROUNDS),
    *(("ink", fill) for fill in FILLS),
    ("on-late", "late-fill"),
    ("past-ink", "past"),
    ("on-blue", "blue"),
    ("panel", "critical"),
    ("panel", "route"),
]


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("tokens", [LIGHT, {**LIGHT, **DARK}], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ)
def test_contrast_is_enough(tokens: dict[str, str], ink: str, ground: str) -> None:
    light, dark = sorted((luminance(tokens[ink]), luminance(tokens[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_dark_set_has_every_colour() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_nothing_is_fetched_from_elsewhere() -> None:
    own = [
        *(STATIC / "css").iterdir(),
        *(STATIC / "js").iterdir(),
        *(Path(STATIC).parent / "templates").iterdir(),
    ]
    assert len(own) > 15
    assert [path.name for path in own if re.search(r"(https?:)?//[a-z0-9.-]+\.[a-z]", path.read_text())] == []
