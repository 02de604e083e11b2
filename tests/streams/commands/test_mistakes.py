"""What a newcomer gets wrong: one line that says what it is and what to do, and no traceback."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.adapters import kafka, log
from streams.embedded.guarded import free_port
from streams.settings import Settings
from tests.support.cli import Headway, mistake

ASK = [
    ("who",),
    ("topics",),
    ("fences", "list"),
    ("dead-letters", "list"),
    ("simulate",),
    ("worker", "telemetry"),
    ("send", "-"),
]


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("words", ASK)
def test_a_command_that_needs_a_system_says_which_variables_name_it(
    headway: Headway, words: tuple[str, ...]
) -> None:
    said = mistake(headway(*words))
    assert said.startswith("HEADWAY_KAFKA and HEADWAY_REDIS not set")
    assert "`headway up` prints" in said


@pytest.mark.usefixtures("alone")
def test_a_misspelt_server_is_named_before_it_is_missed(
    headway: Headway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_KAFAK", "127.0.0.1:9092")
    assert mistake(headway("who")).startswith("HEADWAY_KAFAK sets nothing; did you mean HEADWAY_KAFKA?")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("HEADWAY_KAFKA", "nonsense", "HEADWAY_KAFKA is 'nonsense'; write it as host:port"),
        ("HEADWAY_KAFKA__BOOTSTRAP", "x", "HEADWAY_KAFKA__BOOTSTRAP is 'x'; write it as host:port"),
        ("HEADWAY_REDIS", "127.0.0.1", "HEADWAY_REDIS is '127.0.0.1'; write it as redis://host:port/0"),
        ("HEADWAY_NAMESPACE", "a b", "HEADWAY_NAMESPACE is 'a b'; write it as letters, digits, - and _"),
        ("HEADWAY_KAFKA__PARTITIONS", "many", "HEADWAY_KAFKA__PARTITIONS is 'many'"),
        ("HEADWAY_KAFKA__PARTISIONS", "4", "kafka has no 'partisions'; there is"),
        ("HEADWAY_CONFIG", "/nowhere", "/nowhere"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value(
    headway: Headway,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    says: str,
) -> None:
    monkeypatch.setenv(name, value)
    said = mistake(headway("who"))
    assert says in said
    assert "regex" not in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("demoo",), "No such command 'demoo'. Did you mean 'demo'? `headway --help` says what there is"),
        (("up", "--fast"), "No such option: --fast; `headway up --help` says what there is"),
        (("up", "--workers", "0"), "'--workers': Input should be greater than or equal to 1, and not '0'"),
        (("simulate", "--speed=fast"), "and not 'fast'; `headway simulate --help`"),
        (("demo", "--technicians", "301"), "less than or equal to 300, and not '301'"),
        (
            ("worker", "telemetri"),
            "no worker role 'telemetri'; the roles are telemetry, risk, rebalance, dispatch, archive, http",
        ),
        (("state",), "Missing argument 'TECHNICIAN'; `headway state --help` says what there is"),
        (("replay", "day.csv"), "Missing option '--source'"),
        (("replay", "none.csv", "--source", "capmetro_2015"), "none.csv can't be read: No such file"),
        (("replay", "none.csv", "--source", "nix"), "there is no source 'nix'"),
        (
            ("replay", "x", "--source", "x", "--report", "/nowhere/r"),
            "cannot write /nowhere/r: there is no folder",
        ),
        (("replay", "x", "--source", "x", "--events", "/tmp"), "cannot write /tmp: it is a folder"),
        (("replay", "x", "--source", "x", "--fences", "none"), "cannot read none: No such file"),
        (("demo", "--report", "/nowhere/r"), "cannot write /nowhere/r: there is no folder /nowhere"),
    ],
)
def test_a_wrong_word_is_named_with_what_there_is(
    headway: Headway, alone: None, words: tuple[str, ...], says: str
) -> None:
    assert says in mistake(headway(*words))


@pytest.mark.parametrize("words", [(), ("fences",), ("dead-letters",)])
def test_without_a_word_there_is_help_and_no_complaint(headway: Headway, words: tuple[str, ...]) -> None:
    said = headway(*words)
    assert said.code == 2
    assert "Usage: headway" in said.out
    assert said.err == ""


@pytest.fixture
def mute() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands wait for one second, and not for five."""
    for module in (kafka, log):
        monkeypatch.setattr(module, "READY_WITHIN_MS", 1000)


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("embedded", ["true", "false"])
@pytest.mark.parametrize("silent", [True, False])
def test_an_absent_kafka_is_said_and_not_waited_for(
    headway: Headway,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    mute: str,
    embedded: str,
    silent: bool,
) -> None:
    address = mute if silent else f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("HEADWAY_KAFKA", address)
    monkeypatch.setenv("HEADWAY_KAFKA__EMBEDDED", embedded)
    said = headway("fences", "list")
    assert said.code == 1
    assert said.err.startswith(f"headway: Kafka at {address} does not answer (")
    assert "is it running, and is HEADWAY_KAFKA right?" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("impatient")
def test_the_embedded_broker_is_not_understood_without_saying_that_it_is_one(
    headway: Headway, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_KAFKA__EMBEDDED", "false")
    said = headway("fences", "list")
    assert said.code == 1
    assert "HEADWAY_KAFKA__EMBEDDED=true must be set as well" in said.err


def test_an_absent_redis_is_said(
    headway: Headway, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_REDIS", f"redis://127.0.0.1:{free_port()}/0")
    for words in (("who",), ("state", "ada"), ("nearest", "0", "0"), ("simulate", "--technicians", "1")):
        said = headway(*words)
        assert said.code == 1
        assert "is not available" in said.err
        assert said.err.rstrip().endswith("is it running, and is HEADWAY_REDIS right?")


def test_a_missing_topic_is_said_with_the_command_that_makes_it(
    headway: Headway, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEADWAY_NAMESPACE", "nowhere")
    file = tmp_path / "e"
    file.write_bytes(b"{}")
    for words in (("fences", "list"), ("dead-letters", "list"), ("simulate",), ("send", str(file))):
        said = mistake(headway(*words))
        assert said.startswith("there is no topic nowhere.")
        assert said.endswith("`headway topics --create` makes it")


def test_a_reader_that_leaves_early_ends_it_quietly(settings: Settings) -> None:
    command = f"{sys.executable} -m streams.cli topics | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("topics at ")
    assert done.stderr == ""


def test_help_is_fast_because_it_loads_nothing_heavy() -> None:
    code = "import sys, streams.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {"numpy", "h3", "shapely", "redis", "pandas", "faust", "kafka", "confluent_kafka", "aiohttp"}
    assert heavy.isdisjoint(loaded.split())
