"""The settings of a command, and the servers that it asks for."""

import os
import re
from typing import Literal

from streams.errors import BadSettings
from streams.settings import Settings, load, named

FORMS = {
    "KAFKA": "host:port, several with commas",
    "BOOTSTRAP": "host:port, several with commas",
    "REDIS": "redis://host:port/0, rediss://, redis+cluster:// or unix:///path",
    "URL": "redis://host:port/0, rediss://, redis+cluster:// or unix:///path",
    "NAMESPACE": "letters, digits, - and _, beginning with a letter or digit",
}
"""What people read in place of a regular expression, by the end of the variable's name."""

_BY_PATTERN = re.compile(
    r"(?P<said>HEADWAY_(?:\w+__)?(?P<name>[A-Z]+) is .*): Expected `str` matching regex .*"
)


def settings() -> Settings:
    try:
        return load(os.environ)
    except BadSettings as error:
        raise BadSettings(_explained(str(error))) from error


def running_system() -> Settings:
    """Settings of a system that runs somewhere: `HEADWAY_KAFKA` and `HEADWAY_REDIS` must say where."""
    # First: a misspelt name explains better than its absence what is wrong.
    made = settings()
    servers: tuple[Literal["kafka", "redis"], ...] = ("kafka", "redis")
    missing = [f"HEADWAY_{server.upper()}" for server in servers if not named(os.environ, server)]
    if missing:
        raise BadSettings(
            f"{' and '.join(missing)} not set, so there is no running system to talk to; "
            "`headway up` prints the line to set, or name your own servers, "
            "e.g. HEADWAY_KAFKA=127.0.0.1:9092 HEADWAY_REDIS=redis://127.0.0.1:6379/0"
        )
    return made


def _explained(said: str) -> str:
    found = _BY_PATTERN.fullmatch(said)
    if found is None or found["name"] not in FORMS:
        return said
    return f"{found['said']}; write it as {FORMS[found['name']]}"
