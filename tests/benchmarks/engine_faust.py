"""A stock Faust agent doing the same: raw bytes, decoded one message at a time.

Faust as it comes: all settings are default, but those that keep it from a web server and from a data folder
in the working directory.
"""

import os
import sys
import tempfile

import faust
from faust.types import StreamT

from features.events import Ping
from streams.codec import decode
from tests.benchmarks.meter import Meter, Task


def application(task: Task) -> faust.App:
    """An app with one agent."""
    app = faust.App(
        task.group,
        broker=f"kafka://{task.bootstrap}",
        datadir=tempfile.mkdtemp(prefix="headway-faust-"),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        value_serializer="raw",
        key_serializer="raw",
    )
    topic = app.topic(
        task.topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    async def decoding(stream: StreamT[bytes]) -> None:
        meter, last, count = Meter(), task.messages, 0
        async for key, value in stream.items():
            event = decode(value, key)
            count += 1
            if count == 1:
                meter.begin(count)
            elif count == last:
                assert type(event) is Ping, event
                meter.end(count)
                # Nothing is left to say, and leaving in order takes Faust many seconds.
                os._exit(0)

    app.agent(topic)(decoding)
    return app


def main() -> None:
    faust.Worker(
        application(Task.from_argv()), loglevel="WARNING", redirect_stdouts=False
    ).execute_from_commandline()


if __name__ == "__main__":
    sys.exit(main())
