"""`docker-compose.yml` is a Compose file, and everything that it names is there."""

import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml

from streams import cli
from streams.commands.running import ROLES
from streams.settings import FOLDER, SHORT, load

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def test_it_keeps_to_the_compose_specification() -> None:
    specification().validate(COMPOSE)


def test_the_schema_would_find_a_mistake() -> None:
    wrong = COMPOSE | {"services": {"redis": SERVICES["redis"] | {"restarts": "always"}}}

    with pytest.raises(jsonschema.ValidationError, match="restarts"):
        specification().validate(wrong)


def specification() -> jsonschema.protocols.Validator:
    """The Compose specification's schema, as check-jsonschema brings it along."""
    brought = metadata.distribution("check-jsonschema")
    path = brought.locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json")
    schema = json.loads(Path(str(path)).read_text())
    return jsonschema.validators.validator_for(schema)(schema)


def test_what_a_service_depends_on_and_mounts_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        assert {mount.partition(":")[0] for mount in service.get("volumes", ())} <= set(COMPOSE["volumes"])


def test_each_worker_role_is_one_service() -> None:
    roles = [service["command"][1] for service in OURS.values() if service["command"][0] == "worker"]

    assert sorted(roles) == sorted(ROLES)


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_command_is_one_that_headway_has(name: str) -> None:
    parse(OURS[name]["command"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["work", "telemetry"], "No such command 'work'"),
        (["worker", "telemetry", "--fast"], "No such option: --fast"),
        (["worker"], "Missing parameter: role"),
        (["fences", "burn"], "No such command 'burn'"),
    ],
)
def test_a_command_that_headway_has_not_would_be_found(words: list[str], says: str) -> None:
    with pytest.raises(Exception, match=says):
        parse(words)


def parse(words: list[str]) -> None:
    """Read a command line as Headway does, without running it. Raises whatever Typer says of a wrong one."""
    command = typer.main.get_command(cli.app)
    context = command.context_class(command, info_name="headway")
    while hasattr(command, "resolve_command"):
        name, command, words = command.resolve_command(context, words)
        context = command.context_class(command, info_name=name, parent=context)
    command.parse_args(context, list(words))


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_setting_exists_and_counts(name: str) -> None:
    environment = OURS[name]["environment"]
    settings = load(environment)

    for variable in environment:
        assert variable in SHORT or variable == FOLDER or "__" in variable, f"{variable} sets nothing"
    assert settings.kafka.bootstrap == "kafka:19092"
    assert "INSIDE://kafka:19092" in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]


@pytest.mark.parametrize(("name", "port"), [("http", 8008), ("board", 8010)])
def test_what_listens_does_so_where_its_port_is_published(name: str, port: int) -> None:
    service = SERVICES[name]
    listens = getattr(load(service["environment"]), name)

    assert listens.host == "0.0.0.0"
    assert service["ports"] == [f"127.0.0.1:{port}:{listens.port}"]


def test_redis_writes_an_append_only_file_that_outlives_the_container() -> None:
    command = SERVICES["redis"]["command"]

    assert command[command.index("--appendonly") + 1] == "yes"
    assert any(mount.endswith(":/data") for mount in SERVICES["redis"]["volumes"])


def test_servers_answer_to_this_machine_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]

    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_image_is_made_from_what_is_there() -> None:
    recipe = COMPOSE["x-headway"]["build"]["dockerfile_inline"]
    copied = [name for line in re.findall(r"^COPY (.*) \S+$", recipe, re.MULTILINE) for name in line.split()]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert set(copied) == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_kafka_is_the_one_that_the_tests_run_on() -> None:
    pom = (ROOT / "tests" / "support" / "kafka" / "pom.xml").read_text()
    tested = re.search(r"<artifactId>kafka_2\.13</artifactId>\s*<version>([\d.]+)</version>", pom)

    assert tested is not None
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{tested[1]}"
