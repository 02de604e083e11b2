"""What can be set: `configs/*.toml`, then the environment over it, as one frozen `Settings`.

| variable | sets |
|---|---|
| `HEADWAY_KAFKA` | `kafka.bootstrap` |
| `HEADWAY_REDIS` | `redis.url` |
| `HEADWAY_NAMESPACE` | `namespace` |
| `HEADWAY_CONFIG` | the folder to read instead of the one that comes with Headway |
| `HEADWAY_<SECTION>__<KEY>` | any other, e.g. `HEADWAY_TELEMETRY__MOTION__STOPPED_AFTER_S=90` |

An empty variable counts as absent. Another name that begins with `HEADWAY_` is a misspelt one and
refused, unless only tests read it, or Kubernetes invents it for a service (`HEADWAY_SERVICE_HOST`).
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from features.params import TelemetryParams
from models.params import DecisionParams
from streams import config_file
from streams.archive.params import ArchiveParams
from streams.config_file import Keys, Tree
from streams.dashboard.params import BoardParams
from streams.errors import BadSettings
from streams.ingest.params import HttpParams

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
SHORT: Mapping[str, Keys] = {
    "HEADWAY_KAFKA": ("kafka", "bootstrap"),
    "HEADWAY_REDIS": ("redis", "url"),
    "HEADWAY_NAMESPACE": ("namespace",),
}
FOLDER = "HEADWAY_CONFIG"
PREFIX = "HEADWAY_"
TESTS = frozenset(("HEADWAY_REQUIRE_ALL", "HEADWAY_CHAOS_SEED"))
"""What only tests read."""
_INVENTED = re.compile(
    r"\w+_(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP|SCTP)\w*)=.*|\w+_PORT=(tcp|udp|sctp)://.*", re.DOTALL
)
"""What Kubernetes sets for a service, as name=value: of a bare `_PORT` only the value tells that it did."""

Positive = Annotated[float, Meta(gt=0.0)]
Count = Annotated[int, Meta(ge=1)]
Namespace = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?![\s\S])")]
"""The beginning of every topic and Redis key: letters, digits, - and _, so that both take it."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the settings."""


class Kafka(Section, frozen=True):
    """The broker, and the topics as they are created where they are not there yet."""

    bootstrap: Annotated[str, Meta(pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*(?![\s\S])")] = "127.0.0.1:9092"
    """host:port, several separated by commas."""
    embedded: bool = False
    """The broker inside this process, which can do less."""
    partitions: Annotated[int, Meta(ge=1, le=1024)] = 4
    """Of every topic that is keyed by technician."""
    replication: Annotated[int, Meta(ge=1, le=15)] = 1
    retention_h: Positive = 168.0
    """How long the log keeps what came in; fences are kept for ever."""


class Redis(Section, frozen=True):
    url: Annotated[str, Meta(pattern=r"^(redis|rediss|redis\+cluster|unix)://\S+(?![\s\S])")] = (
        "redis://127.0.0.1:6379/0"
    )
    timeout_s: Positive = 5.0


class Worker(Section, frozen=True):
    """How a worker reads."""

    chunk_records: Annotated[int, Meta(ge=1, le=100_000)] = 4_000
    """The most records of one partition that are folded in one step."""
    fetch_wait_ms: Annotated[int, Meta(ge=1, le=10_000)] = 100
    """How long the broker holds a fetch when there is nothing new: less is sooner, and asks more often."""
    tick_every_s: Positive = 5.0
    """How often a worker says the time on the partitions that it owns."""


class Logging(Section, frozen=True):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Shell(Section, frozen=True):
    """What `headway.toml` says: everything but the limits of telemetry and of decisions."""

    namespace: Namespace = "headway"
    kafka: Kafka = Kafka()
    redis: Redis = Redis()
    worker: Worker = Worker()
    http: HttpParams = HttpParams()
    archive: ArchiveParams = ArchiveParams()
    board: BoardParams = BoardParams()
    logging: Logging = Logging()


class Settings(Shell, frozen=True):
    """Everything that can be set."""

    telemetry: TelemetryParams = TelemetryParams()
    decisions: DecisionParams = DecisionParams()


PARTS: Mapping[str, Any] = {"telemetry": TelemetryParams, "decisions": DecisionParams}
"""The sections that have a file of their own."""


def load(environ: Mapping[str, str], folder: Path | None = None) -> Settings:
    """The settings of a folder (by default the environment's, else our own) under an environment.

    Raises `BadSettings`, which names the file or variable, the key, the value and what is allowed.
    """
    folder = folder or Path(environ.get(FOLDER) or CONFIGS)
    said = _environment(environ)
    shell = msgspec.structs.asdict(_part(folder / "headway.toml", Shell, said))
    parts = {name: _part(folder / f"{name}.toml", kind, said, name) for name, kind in PARTS.items()}
    return Settings(**shell, **parts)


def named(environ: Mapping[str, str], server: Literal["kafka", "redis"]) -> bool:
    """Whether the environment names this server, by the short or the long name."""
    keys = ("kafka", "bootstrap") if server == "kafka" else ("redis", "url")
    return any(environ.get(name) for name in environ if (SHORT.get(name) or _keys(name)) == keys)


def without_servers(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what `variables` says: a long name left in it would win over the short one."""
    said = {*SHORT.values(), ("kafka", "embedded")}
    return {name: value for name, value in environ.items() if (SHORT.get(name) or _keys(name)) not in said}


def variables(settings: Settings) -> dict[str, str]:
    """The environment in which another process finds the same servers, names and folders."""
    return {
        "HEADWAY_KAFKA": settings.kafka.bootstrap,
        "HEADWAY_REDIS": settings.redis.url,
        "HEADWAY_NAMESPACE": settings.namespace,
        "HEADWAY_KAFKA__EMBEDDED": str(settings.kafka.embedded).lower(),
        "HEADWAY_WORKER__FETCH_WAIT_MS": str(settings.worker.fetch_wait_ms),
        "HEADWAY_ARCHIVE__FOLDER": settings.archive.folder,
        "HEADWAY_DECISIONS__MODELS__FOLDER": settings.decisions.models.folder,
    }


def _environment(environ: Mapping[str, str]) -> dict[Keys, tuple[str, object]]:
    """For each setting that the environment names: the variable, and the value as TOML would have it."""
    said = {}
    # Sorted, so that the long name of a setting wins over its short one wherever the process got them.
    for name in sorted(environ, key=lambda name: (name not in SHORT, name)):
        keys = SHORT.get(name) or _keys(name)
        if not keys:
            _check_name(name, environ[name])
        if keys and environ[name]:
            kind = config_file.setting_type(Settings, keys, name)
            said[keys] = (name, config_file.parse_text(environ[name], kind, name))
    return said


def _keys(name: str) -> Keys:
    if not name.startswith(PREFIX) or "__" not in name:
        return ()
    return tuple(name.removeprefix(PREFIX).lower().split("__"))


def _check_name(name: str, value: str) -> None:
    """Raises `BadSettings` for a variable that is meant for us and says nothing to us."""
    known = name == FOLDER or name in TESTS
    if known or not value or not name.startswith(PREFIX) or _INVENTED.fullmatch(f"{name}={value}"):
        return
    # Without what all have in common, which would make any two look alike.
    near = get_close_matches(name.removeprefix(PREFIX), [known.removeprefix(PREFIX) for known in _names()], 1)
    any_other = f"{PREFIX}<SECTION>__<KEY>"
    if near:
        raise BadSettings(f"{name} sets nothing; did you mean {PREFIX}{near[0]}? Any other is {any_other}")
    raise BadSettings(
        f"{name} sets nothing; there is {', '.join((*SHORT, FOLDER))}, and any other as {any_other}"
    )


def _names() -> Iterator[str]:
    """All variables that set something."""
    yield from (*SHORT, FOLDER)
    yield from (f"{PREFIX}{'__'.join(keys).upper()}" for keys in config_file.leaves(Settings))


def _part(
    path: Path, kind: type[config_file.T], said: Mapping[Keys, tuple[str, object]], section: str = ""
) -> config_file.T:
    """One file under what the environment says of it."""
    tree: Tree = config_file.read_tree(path)
    origin = str(path)
    for keys, (variable, value) in said.items():
        if (keys[0] if keys[0] in PARTS else "") != section:
            continue
        config_file.put(tree, keys[1:] if section else keys, value)
        origin += f" with {variable}"
    return config_file.convert(tree, kind, origin)
