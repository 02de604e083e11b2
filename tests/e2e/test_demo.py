"""`headway demo`, as a newcomer runs it: nothing is installed, and nothing is left behind."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.household import Household, Terminal, headway, until

FIGURES = ("precision", "recall", "true", "found", "right")


def pages(terminal: Terminal) -> list[str]:
    """The dispatcher's page, as soon as the demo has told where it is."""
    return re.findall(r"page is at (http://[\d.]+:\d+)/", terminal.shown)


@pytest.fixture
def house() -> Iterator[Household]:
    with Household() as made:
        yield made


def moving(terminal: Terminal) -> bool:
    """Whether somebody is shown who drives."""
    return re.search(r"[1-9]\d* driving", terminal.shown) is not None


def test_a_headless_day_reports_what_was_found_of_what_was_true_and_what_decisions_saved(
    house: Household, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    words = ("demo", "--headless", "--technicians", "8", "--step", "240", "--report", str(report))
    done = headway(house, *words)
    assert done.returncode == 0, done.stderr
    said = json.loads(report.read_text())
    assert said["technicians"] == 8
    assert said["pings_in"] == said["pings_kept"] + sum(said["pings_dropped"].values())
    assert {"duplicate", "late", "jump", "inaccurate"} <= said["pings_dropped"].keys()
    assert 0 < said["visits_right"] <= min(said["visits_true"], said["visits_found"])
    assert "ON_SITE" in said["stops"]
    for kind in said["stops"].values():
        assert set(FIGURES) <= kind.keys()
        assert kind["right"] <= min(kind["true"], kind["found"])
    assert 0 < said["on_time"] < said["appointments"]
    assert 0 < said["accepted"] <= said["proposals"]
    assert said["late_minutes_accepting"] < said["late_minutes_ignoring"]
    assert said["unserved_accepting"] <= said["unserved_ignoring"]
    assert said["risks"]
    for risk in said["risks"]:
        assert risk["level"] in ("WATCH", "AT_RISK", "CRITICAL", "LATE")
        assert all({"kind", "minutes"} <= reason.keys() for reason in risk["reasons"])
    assert max(risk["lead_min"] for risk in said["risks"]) > 120
    for line in ("visits right", "pings dropped: late", "ON_SITE", "late minutes ignoring"):
        assert line in done.stdout
    assert "ERROR" not in done.stderr
    until(lambda: not house.left(), house.left)


def test_a_mistake_is_told_in_a_line(house: Household, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "report.json"
    done = headway(house, "demo", "--headless", "--report", str(missing))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(missing) in done.stderr
    assert not house.left()


def test_ctrl_c_ends_the_live_demo_in_order(house: Household) -> None:
    with Terminal(house, "demo", "--technicians", "4") as terminal:
        until(lambda: pages(terminal), lambda: terminal.shown[-3000:])
        with urllib.request.urlopen(f"{pages(terminal)[0]}/healthz") as answer:
            assert answer.status == 200, "whoever is told the address finds the page there"
        until(lambda: moving(terminal), lambda: terminal.shown[-3000:])
        assert len(house.processes()) > 2, "a worker and a Redis run beside the demo"
        terminal.press_ctrl_c()
        assert terminal.ended() == 0
        assert "Traceback" not in terminal.shown
        assert not house.left()


def test_ctrl_c_while_it_starts_leaves_nothing_behind(house: Household) -> None:
    with Terminal(house, "demo", "--technicians", "4") as terminal:
        until(lambda: len(house.processes()) > 1, lambda: terminal.shown[-3000:])
        terminal.press_ctrl_c()
        assert terminal.ended() == 0
        assert "Traceback" not in terminal.shown
        until(lambda: not house.left(), house.left)


def test_a_demo_that_is_killed_takes_everything_along(house: Household) -> None:
    with Terminal(house, "demo", "--technicians", "4") as terminal:
        until(lambda: moving(terminal), lambda: terminal.shown[-3000:])
        terminal.sigkill()
        until(lambda: not house.left(), house.left)
