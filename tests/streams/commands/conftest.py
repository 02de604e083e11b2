"""Embedded servers for all commands, a namespace for each test, and commands that find them."""

from collections.abc import Iterator

import msgspec
import pytest

from streams import topics
from streams.settings import Settings, variables
from streams.system import servers
from tests.support.cli import Headway, Said, run


@pytest.fixture(scope="session")
def served() -> Iterator[Settings]:
    with servers(Settings(namespace="commands"), {}) as (settings, _):
        yield settings


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server is named."""
    for name in ("HEADWAY_KAFKA", "HEADWAY_REDIS", "HEADWAY_NAMESPACE", "HEADWAY_KAFKA__EMBEDDED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(served: Settings, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A system of the test's own, with topics and without workers; commands find it."""
    made = msgspec.structs.replace(served, namespace=namespace)
    topics.ensure(made)
    for name, value in variables(made).items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def headway(capsys: pytest.CaptureFixture[str]) -> Headway:
    """Runs a command."""

    def headway(*words: str) -> Said:
        capsys.readouterr()
        code = run(*words)
        written = capsys.readouterr()
        return Said(code, written.out, written.err)

    return headway
