"""What the README names exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from features.events import Cause
from features.rejection import Rejection
from features.territory import TerritoryState
from features.territory_events import AppointmentRequested, ShiftPlanned
from models.planning.day import advance
from streams import cli
from streams.day_codec import decode_territory
from streams.ingest.admission import Admitted, admit
from streams.settings import FOLDER, SHORT
from tests.support.territories import planning

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_every_make_target_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b", README))

    assert {"demo", "test", "bench"} <= named <= targets


def test_every_command_is_one_that_headway_has_and_none_is_left_out() -> None:
    group = typer.main.get_command(cli.app)
    commands = set(group.list_commands(group.context_class(group)))
    named = set(re.findall(r"`headway ([a-z][a-z-]+)", README))

    assert named == commands


def test_every_variable_sets_something() -> None:
    named = set(re.findall(r"\bHEADWAY_[A-Z]+\b(?!__)", README))

    assert named == {*SHORT, FOLDER}


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_leads_somewhere(path: str) -> None:
    assert (ROOT / path).exists()


def sent_by(script: str) -> list[bytes]:
    """The lines that a block of the README would send, now."""
    told = f'headway() {{ test "$*" = "send -" && cat; }}\n{script}'
    done = subprocess.run(["bash", "-euc", told], capture_output=True, check=True)
    return done.stdout.splitlines()


def test_the_day_that_it_sends_is_one_that_can_be_planned() -> None:
    (block,) = [
        found for found in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "headway send" in found
    ]
    state = TerritoryState("north")
    for offset, line in enumerate(sent_by(block)):
        admitted = admit(line)
        assert isinstance(admitted, Admitted), admitted
        event = decode_territory(line, admitted.key)
        assert isinstance(event, ShiftPlanned | AppointmentRequested)
        state, made = advance(state, event, Cause("territories", 0, offset, 0), planning())
        assert not any(isinstance(one, Rejection) for one in made), made

    assert (list(state.roster), list(state.appointments)) == (["ana"], ["a-1"])


def test_the_ping_that_it_posts_is_taken() -> None:
    (command,) = re.findall(r"```sh\n(curl .*?)```", README, re.DOTALL)
    told = f'curl() {{ printf %s "${{@: -1}}"; }}\n{command}'
    posted = subprocess.run(["bash", "-euc", told], capture_output=True, check=True).stdout

    assert admit(posted) == Admitted("technicians", b"ana")


def test_the_map_shows_every_room() -> None:
    rooms = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith((".", "build", "dist"))
    }
    shown = set(re.findall(r"^([a-z]+)/ ", README, re.MULTILINE))

    assert shown == rooms


def test_help_waits_for_nothing_heavy() -> None:
    heavy = {"pandas", "faust", "kafka", "aiokafka", "confluent_kafka", "uvloop", "aiohttp"}
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, streams.cli; print(*sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip

    assert heavy.isdisjoint(loaded)
