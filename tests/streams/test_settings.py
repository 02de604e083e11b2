"""Settings from files and the environment: what is said counts, what can't be is named."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from features.params import TelemetryParams
from streams import config_file
from streams.errors import BadSettings
from streams.settings import CONFIGS, PARTS, Settings, load, named, variables, without_servers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose files say nothing."""
    for name in ("headway", *PARTS):
        (tmp_path / f"{name}.toml").write_text("")
    return tmp_path


def leaves(struct: msgspec.Struct, *keys: str) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every setting with the keys that lead to it."""
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, msgspec.Struct):
            yield from leaves(value, *keys, name)
        else:
            yield (*keys, name), value


def test_what_comes_along_is_what_the_code_has_by_default() -> None:
    shipped = dict(leaves(load({})))

    for keys, value in leaves(Settings()):
        # 8 km/h is a rounded number in a file, in metres a second.
        expected = pytest.approx(value, rel=1e-4) if isinstance(value, float) else value
        assert shipped[keys] == expected, ".".join(keys)


def test_every_setting_stands_in_a_file_with_its_value() -> None:
    trees = config_file.read_tree(CONFIGS / "headway.toml")
    trees |= {name: config_file.read_tree(CONFIGS / f"{name}.toml") for name in PARTS}

    for keys, _ in leaves(Settings()):
        said: object = trees
        for key in keys:
            assert isinstance(said, dict)
            assert key in said, f"{'.'.join(keys)} is in no file"
            said = said[key]


def test_a_file_says_what_differs_and_the_rest_keeps_its_default(folder: Path) -> None:
    (folder / "headway.toml").write_text('namespace = "east"\n[kafka]\npartitions = 12\n')
    (folder / "telemetry.toml").write_text("[silence]\nno_data_after_s = 90\n")

    settings = load({}, folder)

    assert (settings.namespace, settings.kafka.partitions) == ("east", 12)
    assert settings.telemetry.silence.no_data_after_s == 90
    assert settings.telemetry.stops == TelemetryParams().stops


def test_the_environment_goes_over_the_files(folder: Path) -> None:
    (folder / "headway.toml").write_text('namespace = "east"\n[redis]\nurl = "redis://one:6379/0"\n')
    environ = {
        "HEADWAY_CONFIG": str(folder),
        "HEADWAY_KAFKA": "a:9092,b:9092",
        "HEADWAY_REDIS": "rediss://user:secret@two:6380/1",
        "HEADWAY_NAMESPACE": "west",
        "HEADWAY_KAFKA__EMBEDDED": "true",
        "HEADWAY_WORKER__TICK_EVERY_S": "2.5",
        "HEADWAY_TELEMETRY__FENCES__DEPOT__EXIT_AFTER_S": "60",
        "HEADWAY_TELEMETRY__REQUIRE_ROSTER": "1",
        "HEADWAY_DECISIONS__TIME_ZONE": "Europe/Berlin",
    }

    settings = load(environ)

    assert (settings.kafka.bootstrap, settings.redis.url) == (
        "a:9092,b:9092",
        "rediss://user:secret@two:6380/1",
    )
    assert (settings.namespace, settings.kafka.embedded, settings.worker.tick_every_s) == ("west", True, 2.5)
    assert settings.telemetry.fences.depot.exit_after_s == 60
    assert settings.telemetry.require_roster is True
    assert settings.decisions.time_zone == "Europe/Berlin"


def test_an_empty_variable_and_those_that_others_invent_change_nothing(folder: Path) -> None:
    environ = {
        "HEADWAY_KAFKA": "",
        "HEADWAY_CONFIG": "",
        "HEADWAY_PORT": "tcp://10.0.0.1:8080",
        "HEADWAY_PORT_8080_TCP": "tcp://10.0.0.1:8080",
        "HEADWAY_PORT_8080_TCP_ADDR": "10.0.0.1",
        "HEADWAY_KAFKA_SERVICE_HOST": "10.0.0.2",
        "HEADWAY_SERVICE_PORT_HTTP": "8080",
        "HEADWAY_REQUIRE_ALL": "1",
        "HEADWAY_KAFAK": "",
        "HEADWAYS": "x",
        "PATH": "/bin",
    }

    assert load(environ, folder) == load({}, folder)


def test_the_long_name_of_a_setting_wins_over_its_short_one(folder: Path) -> None:
    environ = {"HEADWAY_KAFKA__BOOTSTRAP": "long:9092", "HEADWAY_KAFKA": "short:9092"}

    assert load(environ, folder).kafka.bootstrap == "long:9092"


def test_another_process_finds_the_same_servers(folder: Path) -> None:
    (folder / "headway.toml").write_text('namespace = "n"\n[kafka]\nbootstrap = "k:1"\nembedded = true\n')
    settings = load({}, folder)
    (folder / "headway.toml").write_text("")

    assert load(variables(settings), folder) == settings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("partitions = 12", ["the file has no 'partitions'", "kafka", "namespace"]),
        ("[kafka]\npartition = 12", ["kafka has no 'partition'", "bootstrap, embedded, partitions"]),
        ("[kafka]\npartitions = '12'", ["kafka.partitions is '12'", "Expected `int`"]),
        ("[kafka]\npartitions = 0", ["kafka.partitions is 0", ">= 1"]),
        ("[kafka]\nbootstrap = 'localhost'", ["kafka.bootstrap is 'localhost'"]),
        ("[redis]\nurl = 'http://redis'", ["redis.url is 'http://redis'"]),
        ("[worker]\ntick_every_s = 0", ["worker.tick_every_s is 0", "> 0"]),
        ("[logging]\nlevel = 'LOUD'", ["logging.level is 'LOUD'"]),
        ("namespace = 'a.b'", ["namespace is 'a.b'"]),
        ("kafka = 5", ["kafka is 5"]),
        ("namespace = \n", ["is not TOML", "line 1"]),
    ],
)
def test_a_mistake_in_a_file_is_named(text: str, says: list[str], folder: Path) -> None:
    (folder / "headway.toml").write_text(text)

    with pytest.raises(BadSettings) as caught:
        load({}, folder)

    for part in [str(folder / "headway.toml"), *says]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time_zone = 'here and now'", ["time_zone is 'here and now'"]),
        ("[models]\nplace = 'x'", ["models has no 'place'; there is folder"]),
    ],
)
def test_a_mistake_in_what_decisions_go_by_is_named(text: str, says: list[str], folder: Path) -> None:
    (folder / "decisions.toml").write_text(text)

    with pytest.raises(BadSettings) as caught:
        load({}, folder)

    for part in [str(folder / "decisions.toml"), *says]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[silence]\nno_data_after_s = -1", ["silence.no_data_after_s is -1", ">= 0"]),
        ("[fences.depot]\nexit_fixes = 1.5", ["fences.depot.exit_fixes is 1.5", "Expected `int`"]),
        ("[fences.castle]\nexit_fixes = 2", ["fences has no 'castle'", "depot"]),
        ("cell_resolution = 16", ["cell_resolution is 16"]),
    ],
)
def test_a_mistake_in_the_limits_is_named(text: str, says: list[str], folder: Path) -> None:
    (folder / "telemetry.toml").write_text(text)

    with pytest.raises(BadSettings) as caught:
        load({}, folder)

    for part in [str(folder / "telemetry.toml"), *says]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("HEADWAY_KAFKA", "localhost", "'localhost'"),
        ("HEADWAY_KAFKA__PARTITIONS", "many", "Expected `int`"),
        ("HEADWAY_KAFKA__PARTITIONS", "0", ">= 1"),
        ("HEADWAY_KAFKA__PARTITONS", "3", "kafka has no 'partitons'; there is bootstrap, embedded"),
        ("HEADWAY_QUEUE__SIZE", "3", "the settings has no 'queue'"),
        ("HEADWAY_TELEMETRY__STOPS", "3", "telemetry.stops is a section"),
        ("HEADWAY_TELEMETRY__STOPS__IDLE_AFTER_S", "soon", "Expected `float`"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    name: str, value: str, says: str, folder: Path
) -> None:
    with pytest.raises(BadSettings) as caught:
        load({name: value}, folder)

    assert name in str(caught.value)
    assert says in str(caught.value)


def test_a_password_is_not_told(folder: Path) -> None:
    with pytest.raises(BadSettings) as caught:
        load({"HEADWAY_REDIS": "http://user:secret@redis:6379"}, folder)

    assert "redis:6379" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"headway\.toml is not there; HEADWAY_CONFIG names the folder"):
        load({"HEADWAY_CONFIG": str(tmp_path / "nowhere")})


class Free(msgspec.Struct, forbid_unknown_fields=True):
    """A table whose keys are free, and a part that may be absent."""

    table: dict[str, TelemetryParams] = {}
    part: TelemetryParams | None = None


def test_a_mistake_within_an_optional_part_is_named_by_its_keys() -> None:
    with pytest.raises(
        BadSettings, match=r"x\.toml: part\.silence has no 'no_data'; there is no_data_after_s"
    ):
        config_file.convert({"part": {"silence": {"no_data": 1}}}, Free, "x.toml")


def test_a_setting_in_a_table_with_free_keys_has_a_type() -> None:
    assert config_file.setting_type(Free, ("table", "any", "require_roster"), "X") is bool


@pytest.mark.parametrize("name", ["HEADWAY_REDIS", "HEADWAY_REDIS__URL"])
def test_a_server_is_named_by_its_short_and_by_its_long_name(name: str) -> None:
    assert named({name: "redis://here:6379/0"}, "redis")
    assert not named({name: ""}, "redis")
    assert not named({name: "redis://here:6379/0"}, "kafka")


def test_no_long_name_wins_over_what_a_process_hands_to_another() -> None:
    mine = {"HEADWAY_KAFKA__BOOTSTRAP": "elsewhere:9092", "HEADWAY_LOGGING__LEVEL": "ERROR", "PATH": "/bin"}

    handed = {**without_servers(mine), **variables(Settings())}

    assert load(handed).kafka.bootstrap == Settings().kafka.bootstrap
    assert load(handed).logging.level == "ERROR"


@pytest.mark.parametrize(
    "variable",
    [
        "HEADWAY_TELEMETRY__FENCES__DEPOT__ENTER_AFTER_S=-1",
        "HEADWAY_TELEMETRY__FENCES__NO_GO__EXIT_FIXES=0",
        "HEADWAY_TELEMETRY__SPEED_UNIT__MIN_FACTOR=0",
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(variable: str) -> None:
    name, _, value = variable.partition("=")
    with pytest.raises(BadSettings, match=name):
        load({name: value})
