"""The settings of a command, and the servers that it asks for."""

import os

from streams.errors import BadSettings
from streams.settings import Settings, load


def settings() -> Settings:
    return load(os.environ)


def running_system() -> Settings:
    """Settings of a system that runs somewhere: `HEADWAY_KAFKA` and `HEADWAY_REDIS` must say where."""
    missing = [name for name in ("HEADWAY_KAFKA", "HEADWAY_REDIS") if not os.environ.get(name)]
    if missing:
        raise BadSettings(
            f"{' and '.join(missing)} not set, so there is no running system to talk to; "
            "`headway up` prints the two lines to set, or name your own servers, "
            "e.g. HEADWAY_KAFKA=127.0.0.1:9092 HEADWAY_REDIS=redis://127.0.0.1:6379/0"
        )
    return settings()
