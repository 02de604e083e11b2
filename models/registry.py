"""Where what was learned is kept: LightGBM's own text files beside a manifest, no pickle.

    folder/current                  the name of the version that holds
    folder/VERSION/manifest.json    all that belongs to it but the trees
    folder/VERSION/p05.txt ...      a booster for each level

A version is written whole under another name and then renamed; `current` is replaced last. So whoever loads
finds one version or the other, also where a writer was killed, and an earlier one can be had back by its name.
"""

import os
import re
import shutil
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal
from uuid import uuid4

import msgspec
from lightgbm import Booster

from features.duration import FEATURES, Known, Params
from features.travel import HOURS
from models.duration import BaselineDurations, Durations, LightGbmDurations
from models.evaluate import Score
from models.rollforward import LEVELS
from models.train import Trained
from models.travel import CircleTravel, Travel, TravelScore

MANIFEST, CURRENT = "manifest.json", "current"
FILES = tuple(f"p{round(level * 100):02d}.txt" for level in LEVELS)
"""Of the boosters, in the order of `LEVELS`."""
_VERSION = re.compile(r"[0-9]{8}-[0-9a-f]{12}")
_ADVICE = "`headway train` makes it anew"


class NoModels(Exception):
    """Nothing has been trained into this folder yet."""


class BadModels(Exception):
    """What is there can't be used. The message names the file, the value and what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days are local, the first and last of those trained on; the scores were had on those from `judged_from`,
    by models that had not seen them. `files` are the boosters in the order of `levels`, with their hashes."""

    format: Literal[1] = 1
    version: str
    features: tuple[str, ...]
    levels: tuple[float, ...]
    data_hash: str
    jobs: int
    legs: int
    trained_from: str
    trained_to: str
    judged_from: str
    model_score: Score
    baseline_score: Score
    travel_score: TravelScore | None
    files: dict[str, str]
    shifts: tuple[float, ...]
    effects: Params
    known: Known
    baseline: BaselineDurations
    travel: CircleTravel


@dataclass(frozen=True, eq=False)
class Models:
    """What predictions are made with. Without a `manifest` nothing was learned and defaults speak, because
    of `trouble`."""

    durations: Durations
    travel: Travel
    manifest: Manifest | None = None
    trouble: str = ""

    @property
    def version(self) -> str:
        return self.manifest.version if self.manifest else "baseline"


def save(folder: Path, trained: Trained) -> Manifest:
    """Make it the version that holds. The same data and seed give the same name and bytes. Raises OSError."""
    boosters = trained.durations.boosters
    texts = {name: one.model_to_string().encode() for name, one in zip(FILES, boosters, strict=True)}
    manifest = _manifest(trained, {name: _hash(text) for name, text in texts.items()})
    encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    _place(folder, manifest.version, {**texts, MANIFEST: encoded})
    _replace(folder / CURRENT, f"{manifest.version}\n".encode())
    return manifest


def load(folder: Path) -> Models:
    """The version that holds. Raises `NoModels` and `BadModels`."""
    version = _current(folder)
    manifest = _read_manifest(folder / version / MANIFEST)
    boosters = [_read_booster(folder / version / name, known) for name, known in manifest.files.items()]
    durations = LightGbmDurations(boosters, manifest.shifts, manifest.known, manifest.effects)
    return Models(durations, manifest.travel, manifest)


def load_or_baseline(folder: Path) -> Models:
    """The version that holds, or what is reckoned with where nothing was learned; `trouble` says why."""
    try:
        return load(folder)
    except (NoModels, BadModels) as error:
        return Models(BaselineDurations(), CircleTravel(), trouble=str(error))


def _manifest(trained: Trained, files: dict[str, str]) -> Manifest:
    last = trained.days[-1]
    content = _hash(msgspec.json.encode((trained.data_hash, files, trained.durations.shifts)))
    return Manifest(
        version=f"{last:%Y%m%d}-{content[:12]}",
        features=FEATURES,
        levels=LEVELS,
        data_hash=trained.data_hash,
        jobs=trained.jobs,
        legs=trained.legs,
        trained_from=trained.days[0].isoformat(),
        trained_to=last.isoformat(),
        judged_from=trained.judged_from.isoformat(),
        model_score=trained.model_score,
        baseline_score=trained.baseline_score,
        travel_score=trained.travel_score,
        files=files,
        shifts=tuple(trained.durations.shifts),
        effects=trained.durations.params,
        known=trained.durations.known,
        baseline=trained.baseline,
        travel=trained.travel,
    )


def _place(folder: Path, version: str, files: dict[str, bytes]) -> None:
    """A folder with these files. One of that name that is there has the same, unless somebody harmed it."""
    writing, target = folder / f".{uuid4().hex}", folder / version
    writing.mkdir(parents=True)
    try:
        for name, content in files.items():
            (writing / name).write_bytes(content)
        if target.is_dir():
            for name in files:
                os.replace(writing / name, target / name)
        else:
            writing.rename(target)
    finally:
        shutil.rmtree(writing, ignore_errors=True)


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{uuid4().hex}")
    beside.write_bytes(content)
    os.replace(beside, path)


def _current(folder: Path) -> str:
    try:
        version = (folder / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise NoModels(f"no models in {folder}: `headway train` makes them") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadModels(f"{folder / CURRENT} can't be read ({error}): {_ADVICE}") from error
    if not _VERSION.fullmatch(version):
        raise BadModels(f"{folder / CURRENT} names {version[:40]!r}, which is no version: {_ADVICE}")
    return version


def _read_manifest(path: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise BadModels(f"{path} can't be read ({error}): {_ADVICE}") from error
    for name, found, wanted in (
        ("features", manifest.features, FEATURES),
        ("levels", manifest.levels, LEVELS),
        ("files", tuple(manifest.files), FILES),
        ("shifts", len(manifest.shifts), len(LEVELS)),
        ("travel.pace_by_hour", len(manifest.travel.pace_by_hour), HOURS),
    ):
        if found != wanted:
            raise BadModels(f"{path}: {name} is {found}, and this version takes {wanted}: {_ADVICE}")
    return manifest


def _read_booster(path: Path, known_hash: str) -> Booster:
    """Only bytes that were written by `save` go to LightGBM, for others may end the process."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadModels(f"{path} can't be read ({error}): {_ADVICE}") from error
    if _hash(content) != known_hash:
        raise BadModels(f"{path} has hash {_hash(content)}, and its manifest says {known_hash}: {_ADVICE}")
    return Booster(model_str=content.decode())


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()
