"""What was learned, saved and loaded again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from models import registry
from models.dataset import History
from models.duration import BaselineDurations
from models.registry import BadModels, NoModels
from models.train import train
from models.travel import CircleTravel
from tests.support.past_days import ZONE, asked, history, trained

ASKED = [asked("repair", f"tech-{n:02d}", hour=7 + n / 3) for n in range(30)] + [asked("new", "new")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    registry.save(tmp_path / "models", trained())
    return tmp_path / "models"


def version(folder: Path) -> Path:
    return folder / (folder / registry.CURRENT).read_text().strip()


def change(folder: Path, how: Callable[[dict[str, Any]], object]) -> None:
    path = version(folder) / registry.MANIFEST
    tree = msgspec.json.decode(path.read_bytes())
    how(tree)
    path.write_bytes(msgspec.json.encode(tree))


def test_what_is_loaded_says_what_was_saved(folder: Path) -> None:
    models, told = registry.load(folder), trained()
    assert np.array_equal(models.durations.quantiles(ASKED), told.durations.quantiles(ASKED))
    assert models.travel == told.travel
    assert models.manifest is not None
    assert models.manifest.baseline == told.baseline
    assert models.manifest.model_score == told.model_score
    assert models.version == version(folder).name
    assert models.trouble == ""


def test_a_history_without_ways_can_be_saved(tmp_path: Path) -> None:
    told = train(History(history().jobs, (), ZONE))
    registry.save(tmp_path, told)
    assert told.travel_score is None
    assert registry.load(tmp_path).travel == CircleTravel()


def test_saving_the_same_again_changes_no_byte(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in version(folder).iterdir()}
    registry.save(folder, trained())
    assert {path.name: path.read_bytes() for path in version(folder).iterdir()} == before
    assert sorted(path.name for path in folder.iterdir()) == sorted([registry.CURRENT, version(folder).name])


def test_everything_saved_is_text(folder: Path) -> None:
    for path in version(folder).iterdir():
        assert path.suffix in (".json", ".txt")
        path.read_text(encoding="utf-8")


def test_another_training_leaves_the_earlier_version_to_be_had_back(folder: Path) -> None:
    earlier = version(folder).name
    registry.save(folder, trained(4))
    assert registry.load(folder).version != earlier
    (folder / registry.CURRENT).write_text(earlier)
    assert np.array_equal(
        registry.load(folder).durations.quantiles(ASKED), trained().durations.quantiles(ASKED)
    )


def test_a_writer_that_died_halfway_is_not_noticed(folder: Path) -> None:
    (folder / ".0123456789").mkdir()
    (folder / ".0123456789" / "p05.txt").write_text("tree")
    assert registry.load(folder).version == version(folder).name


def test_a_harmed_version_is_made_whole_by_training_again(folder: Path) -> None:
    (version(folder) / "p50.txt").write_text("")
    registry.save(folder, trained())
    assert registry.load(folder).manifest is not None


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(NoModels, match=r"no models in .*headway train"):
        registry.load(tmp_path)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (lambda tree: tree["features"].reverse(), r"features is \('priority'.*takes \('log_expected_s'"),
        (lambda tree: tree["features"].pop(), "features is"),
        (lambda tree: tree.update(levels=[0.1, 0.5, 0.9]), r"levels is \(0.1, 0.5, 0.9\)"),
        (lambda tree: tree["shifts"].pop(), "shifts is 10, and this version takes 11"),
        (lambda tree: tree["files"].pop("p05.txt"), "files is"),
        (lambda tree: tree["travel"]["pace_by_hour"].pop(), "pace_by_hour is 23, and this version takes 24"),
        (lambda tree: tree.update(format=2), r"Invalid enum value 2"),
        (lambda tree: tree.pop("known"), "missing required field `known`"),
        (lambda tree: tree.update(surprise=1), "unknown field `surprise`"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_with_what_and_why(
    folder: Path, how: Callable[[dict[str, Any]], object], said: str
) -> None:
    change(folder, how)
    with pytest.raises(BadModels, match=said) as error:
        registry.load(folder)
    assert "manifest.json" in str(error.value)
    assert "`headway train`" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"tree\nnum_class=1\n", bytes(range(256))])
def test_a_harmed_booster_is_refused_before_it_is_read(folder: Path, content: bytes) -> None:
    (version(folder) / "p90.txt").write_bytes(content)
    with pytest.raises(BadModels, match=r"p90\.txt has hash"):
        registry.load(folder)


def test_a_missing_booster_is_named(folder: Path) -> None:
    (version(folder) / "p10.txt").unlink()
    with pytest.raises(BadModels, match=r"p10\.txt can't be read"):
        registry.load(folder)


@pytest.mark.parametrize("content", [b"", b"../../etc", b"\xff\xfe", b"20260316-0123456789ab"])
def test_a_pointer_that_leads_nowhere_is_refused(folder: Path, content: bytes) -> None:
    (folder / registry.CURRENT).write_bytes(content)
    with pytest.raises(BadModels, match="`headway train`"):
        registry.load(folder)


def test_without_models_defaults_speak_and_say_so(tmp_path: Path) -> None:
    models = registry.load_or_baseline(tmp_path / "nothing")
    assert isinstance(models.durations, BaselineDurations)
    assert models.travel == CircleTravel()
    assert models.version == "baseline"
    assert "headway train" in models.trouble


def test_harmed_models_do_not_stop_anybody(folder: Path) -> None:
    change(folder, lambda tree: tree["features"].pop())
    models = registry.load_or_baseline(folder)
    assert models.manifest is None
    assert "features" in models.trouble
