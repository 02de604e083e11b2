"""Servers for the whole run, and a namespace for each test so that tests don't meet on them."""

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from streams.errors import HeadwayError
from tests.support.browser import CHROMIUM, chromium
from tests.support.servers import KafkaServer, Missing, RedisServer

# How long an example takes says how busy the machine is, with several workers on it.
settings.register_profile("headway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("headway")


def pytest_configure() -> None:
    """What started us (nohup, a shell's background) may ignore signals, and whoever we start would as well."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Kafka as host:port. Tests that stop or kill one start their own."""
    try:
        server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    except Missing as missing:
        without(str(missing))
    server.start()
    yield server.bootstrap
    server.stop()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis as URL. Tests that stop or kill one start their own."""
    try:
        server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    except HeadwayError as missing:
        without(str(missing))
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium. Tests beside it can't be coroutines: what drives it has a loop of its own."""
    if not Path(CHROMIUM).exists():
        without("there is no chromium; on Debian: apt-get install chromium")
    with chromium() as running:
        yield running


@pytest.fixture
def namespace() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


def without(what: str) -> NoReturn:
    """Skip for what this machine lacks; fail on one that has to have it."""
    if os.environ.get("CI") == "true" or os.environ.get("HEADWAY_REQUIRE_ALL") == "1":
        pytest.fail(f"this machine has to run every test, but {what}")
    pytest.skip(what)
