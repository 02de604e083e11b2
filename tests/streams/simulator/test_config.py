"""`configs/simulator.toml` says everything that can be set."""

from pathlib import Path

import msgspec
import pytest

from streams import config_file
from streams.errors import BadSettings
from streams.simulator.world import SimulatorParams

FILE = Path(__file__).parents[3] / "configs" / "simulator.toml"


def test_the_file_has_every_parameter_with_its_default() -> None:
    assert config_file.read(FILE, SimulatorParams) == SimulatorParams()
    assert config_file.read_tree(FILE) == msgspec.json.decode(msgspec.json.encode(SimulatorParams()))


@pytest.mark.parametrize("line", ["multipath_share = 1.5", "moving_every_s = 0.0", "jitter_sigma_m = -1.0"])
def test_a_number_out_of_range_is_refused(tmp_path: Path, line: str) -> None:
    wrong = tmp_path / "simulator.toml"
    wrong.write_text(f"[noise]\n{line}\n", encoding="utf-8")
    with pytest.raises(BadSettings, match=line.split()[0]):
        config_file.read(wrong, SimulatorParams)


def test_a_parameter_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "simulator.toml"
    wrong.write_text("[noise]\njitter_m = 3.0\n", encoding="utf-8")
    with pytest.raises(BadSettings, match="jitter_m"):
        config_file.read(wrong, SimulatorParams)
