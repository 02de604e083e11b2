"""The lock files: the same versions for running and for testing, every one with hashes, no address."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(\S+)( ; .*?)?(?: \\)?$", re.MULTILINE)


def pins(lock: str) -> set[tuple[str, str, str]]:
    """(distribution, version, marker) of a lock file."""
    return set(PINNED.findall((ROOT / lock).read_text()))


def names(lock: str) -> set[str]:
    return {name for name, _, _ in pins(lock)}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra.)?index.url|--find.links)\b", text, re.MULTILINE)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_everything_in_a_lock_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]

    assert len(entries) == len(pins(lock)) > 20
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_is_tested_is_what_runs() -> None:
    tested = {(name, version) for name, version, _ in pins("requirements-dev.lock")}

    assert {(name, version) for name, version, _ in pins("requirements.lock")} <= tested


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def asked(requirements: list[str]) -> set[str]:
        return {re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower() for requirement in requirements}

    assert asked(project["dependencies"]) <= names("requirements.lock")
    assert asked(project["optional-dependencies"]["dev"]) <= names("requirements-dev.lock")
