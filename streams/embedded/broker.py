"""A broker in this process, for trying out: librdkafka's mock cluster. It keeps nothing, and little of it.

It holds 5 MiB a partition in memory and makes a topic, of 4 partitions, when somebody first asks for it.
It ends with this process, in whatever way that ends.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from streams.errors import HeadwayError

PARTITIONS = 4
"""Of every topic; it can't be told otherwise."""
READY_WITHIN_S = 10.0


@contextmanager
def embedded_broker() -> Iterator[str]:
    """A running broker as `host:port`. Raises `HeadwayError` where none comes up."""
    from confluent_kafka import KafkaException, Producer

    # The cluster lives in the handle that asks for it, for as long as the handle does.
    handle = Producer({"test.mock.num.brokers": 1}, logger=_silent())
    try:
        (node, *_) = handle.list_topics(timeout=READY_WITHIN_S).brokers.values()
    except (KafkaException, ValueError) as error:
        raise HeadwayError(
            f"the embedded broker didn't come up ({error}); name one in HEADWAY_KAFKA"
        ) from error
    yield f"{node.host}:{node.port}"
    del handle


def _silent() -> logging.Logger:
    logger = logging.Logger("librdkafka")
    logger.addHandler(logging.NullHandler())
    return logger
