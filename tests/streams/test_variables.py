"""The names of variables: a misspelt one is told, and those that others set are let be."""

import re
from pathlib import Path

import pytest

from streams.errors import BadSettings
from streams.settings import FOLDER, SHORT, load

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("HEADWAY_KAFAK", "k:9092", "did you mean HEADWAY_KAFKA?"),
        ("HEADWAY_NAMESPACES", "x", "did you mean HEADWAY_NAMESPACE?"),
        ("HEADWAY_CONFIGS", "x", "did you mean HEADWAY_CONFIG?"),
        ("HEADWAY_KAFKA_BOOTSTRAP", "k:9092", "did you mean HEADWAY_KAFKA__BOOTSTRAP?"),
        ("HEADWAY_HTTP_PORT", "8008", "did you mean HEADWAY_HTTP__PORT?"),
        ("HEADWAY_PORT", "8008", "there is HEADWAY_KAFKA, "),
        (
            "HEADWAY_TELEMETRY_STOPS_IDLE_AFTER_S",
            "5",
            "did you mean HEADWAY_TELEMETRY__STOPS__IDLE_AFTER_S?",
        ),
        ("HEADWAY_XYZ", "1", "there is HEADWAY_KAFKA, HEADWAY_REDIS, HEADWAY_NAMESPACE, HEADWAY_CONFIG, and"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_name_that_may_be_meant(
    name: str, value: str, meant: str
) -> None:
    with pytest.raises(BadSettings) as caught:
        load({name: value})

    assert f"{name} sets nothing; {meant}" in str(caught.value)
    assert "HEADWAY_<SECTION>__<KEY>" in str(caught.value)


def test_every_variable_that_the_project_names_is_known() -> None:
    """What tests, tools and servers set must not stop what they start."""
    places = ("Makefile", "docker-compose.yml", ".ci/*", "tests/conftest.py", "tests/e2e/*.py")
    texts = [path.read_text() for place in places for path in ROOT.glob(place) if path.is_file()]
    named = {name for text in texts for name in re.findall(r"\bHEADWAY_[A-Z]+(?:_[A-Z]+)*\b(?!_)", text)}

    assert {"HEADWAY_REQUIRE_ALL", "HEADWAY_CHAOS_SEED", "HEADWAY_KAFKA"} <= named
    load(dict.fromkeys(named - SHORT.keys() - {FOLDER}, "1"))
