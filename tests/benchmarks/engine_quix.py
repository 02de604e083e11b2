"""Quix Streams doing the same: an application over the topic's raw bytes, one `apply` that decodes.

Its settings are its own defaults (checkpoint every 5 s, at least once), but that it begins at the earliest
message. `apply` asks for the metadata because decoding compares the key; without it the figure is the same.
"""

import sys
import tempfile

from features.events import Ping
from streams.codec import decode
from tests.benchmarks.meter import Meter, Task

NEEDED = 3


def run(task: Task) -> None:
    from quixstreams import Application

    app = Application(
        broker_address=task.bootstrap,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        state_dir=tempfile.mkdtemp(prefix="headway-quix-"),
        auto_create_topics=False,
        loglevel="WARNING",
    )
    topic = app.topic(task.topic, key_deserializer="bytes", value_deserializer="bytes")
    meter, last, count = Meter(), task.messages, 0

    def take(value: bytes, key: bytes, timestamp: int, headers: object) -> None:
        nonlocal count
        event = decode(value, key)
        count += 1
        if count == 1:
            meter.begin(count)
        elif count == last:
            assert type(event) is Ping, event
            meter.end(count)
            app.stop()

    app.dataframe(topic).apply(take, metadata=True)
    app.run()


def main() -> int:
    from importlib.metadata import version

    found = version("quixstreams")
    if int(found.split(".")[0]) < NEEDED:
        sys.stderr.write(
            f"Quix Streams {found} is installed, which is another program; "
            "the comparison needs 3 or later (pip install 'quixstreams>=3')\n"
        )
        return 2
    run(Task.from_argv())
    return 0


if __name__ == "__main__":
    sys.exit(main())
