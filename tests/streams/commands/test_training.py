"""`headway train`."""

from pathlib import Path

import pytest

from models import registry
from tests.support.cli import Headway, mistake

pytestmark = pytest.mark.usefixtures("alone")
QUICK = ("--days", "12", "--technicians", "4")


def test_it_says_how_good_both_are_and_where_it_saved(headway: Headway, tmp_path: Path) -> None:
    said = headway("train", *QUICK, "--folder", str(tmp_path / "here"))
    assert said.code == 0, said
    lines = {line.split("  ")[0]: line.split() for line in said.lines if line}
    manifest = registry.load(tmp_path / "here").manifest
    assert manifest is not None
    assert f"{manifest.model_score.pinball_s:.1f}" in lines["LightGBM"]
    assert f"{manifest.baseline_score.pinball_s:.1f}" in lines["group medians"]
    assert said.lines[-1] == f"saved as {tmp_path / 'here' / manifest.version}"


def test_it_saves_where_the_agents_look(
    headway: Headway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_DECISIONS__MODELS__FOLDER", str(tmp_path / "models"))
    assert headway("train", *QUICK).code == 0
    assert registry.load(tmp_path / "models").manifest is not None


def test_another_seed_teaches_something_else(headway: Headway, tmp_path: Path) -> None:
    saved = [headway("train", *QUICK, "--seed", seed, "--folder", str(tmp_path)).lines[-1] for seed in "778"]
    assert saved[0] == saved[1] != saved[2]


def test_too_few_days_are_a_mistake(headway: Headway, tmp_path: Path) -> None:
    said = headway("train", "--days", "5", "--technicians", "2", "--folder", str(tmp_path))
    assert mistake(said) == (
        "5 past days with completed work: learning needs 10 or more; ask for more with --days"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_a_mistake(headway: Headway, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = headway("train", *QUICK, "--folder", str(tmp_path / "file" / "models"))
    assert mistake(said).endswith("name another with --folder")
