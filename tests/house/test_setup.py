"""Setting up: mistakes are told before anything is made."""

import os
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / ".ci" / "setup"


def run(*arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(SETUP), *arguments], capture_output=True, text=True, env=environ, check=False, timeout=60
    )


def python_that_says(folder: Path, version: str) -> str:
    """A command that looks like a Python of that version."""
    script = folder / "python"
    script.write_text(f"#!/bin/sh\n[ \"$1\" = -V ] && echo 'Python {version}.1' || echo {version}\n")
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize("version", ["2.7", "3.10", "3.14"])
def test_another_python_is_refused_by_name(version: str, tmp_path: Path) -> None:
    python = python_that_says(tmp_path, version)

    done = run("run", python)

    assert done.returncode == 2
    assert done.stderr == (
        f"setup: PYTHON={python} is Python {version}.1; Headway runs on CPython 3.11, 3.12 and 3.13\n"
    )


def test_a_python_that_is_no_command_is_refused() -> None:
    done = run("dev", "python-of-nowhere")

    assert done.returncode == 2
    assert "PYTHON=python-of-nowhere is no command" in done.stderr


def test_only_two_kinds_can_be_made() -> None:
    done = run("everything")

    assert (done.returncode, done.stderr) == (2, "setup: 'everything' is neither run nor dev\n")


def test_a_finished_setup_does_nothing(tmp_path: Path) -> None:
    """In a copy of the house whose stamp says that all is made, nothing is installed."""
    root = SETUP.parents[1]
    vendor = "streams/dashboard/vendor.py"
    for name in (
        "pyproject.toml", "requirements.lock", "requirements-dev.lock", "package.json", "package-lock.json", vendor
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((root / name).read_bytes())
    script = tmp_path / ".ci" / "setup"
    script.parent.mkdir()
    script.write_bytes(SETUP.read_bytes())
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python_that_says(python.parent, "3.12")
    stamp = subprocess.run(
        ["bash", "-c", "printf 'dev 3.12 '; cat pyproject.toml requirements-dev.lock | cksum; pwd -P"],
        cwd=tmp_path, capture_output=True, check=True,
    ).stdout  # fmt: skip
    (tmp_path / ".venv" / ".made-from").write_bytes(stamp)
    brought = tmp_path / "streams" / "dashboard" / "static" / "vendor" / ".made-from"
    brought.parent.mkdir(parents=True)
    pages = ["bash", "-c", f"cat package.json package-lock.json {vendor} | cksum"]
    brought.write_bytes(subprocess.run(pages, cwd=tmp_path, capture_output=True, check=True).stdout)

    done = subprocess.run(
        ["bash", str(script), "run"], capture_output=True, text=True, env=dict(os.environ), check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
