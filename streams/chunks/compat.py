"""Whether the installed Faust is the one whose private parts we replace."""

import inspect
from collections.abc import Mapping

import faust
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchPy
from faust import App
from faust.transport.consumer import Consumer as BaseConsumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer

from streams.errors import IncompatibleFaust

VERSION = "0.15.3"
METHODS: Mapping[type, Mapping[str, tuple[str, ...]]] = {
    Consumer: {
        "_new_consumer_thread": (),
        "_drain_messages": ("fetcher",),
        "_getmany": ("active_partitions", "timeout"),
        "_get_active_partitions": (),
        "_new_offset": ("tp",),
        "_to_message": ("tp", "record"),
        "getmany": ("timeout",),
        "on_buffer_full": ("tp",),
        "perform_seek": (),
        "wait_empty": (),
        "verify_all_partitions_active": (),
        "seek_wait": ("partitions",),
        "pause_partitions": ("tps",),
        "resume_partitions": ("tps",),
        "earliest_offsets": ("partitions",),
        "highwaters": ("partitions",),
    },
    AIOKafkaConsumerThread: {"_create_worker_consumer": ("transport",), "_ensure_consumer": ()},
    App: {"_create_directories": ()},
    PartitionRecords: {"_consumer_record": ("tp", "record"), "_unpack_records": ()},
    _DefaultRecordBatchPy: {"_maybe_uncompress": (), "_read_msg": ("decode_varint",)},
}
"""What we override or call, with the names of its parameters."""
ATTRIBUTES = (
    "_acked",
    "_acked_index",
    "_committed_offset",
    "_unacked_messages",
    "flow_active",
    "suspend_flow",
)


def check(version: str = faust.__version__) -> None:
    """Raises `IncompatibleFaust`, which names all that is missing or different."""
    wrong = [*_other_version(version), *_other_methods(), *_missing_attributes()]
    if wrong:
        raise IncompatibleFaust(
            f"Headway replaces parts of faust-streaming {VERSION}, and here {'; '.join(wrong)}. "
            f"Install that version (pip install faust-streaming=={VERSION})"
        )


def _other_version(version: str) -> list[str]:
    return [] if version == VERSION else [f"version {version} is installed"]


def _other_methods() -> list[str]:
    return [
        f"{kind.__name__}.{name} {fault}"
        for kind, methods in METHODS.items()
        for name, expected in methods.items()
        if (fault := _fault(kind, name, expected))
    ]


def _fault(kind: type, name: str, expected: tuple[str, ...]) -> str | None:
    method = getattr(kind, name, None)
    if method is None:
        return "is missing"
    _, *found = inspect.signature(method).parameters
    return (
        None if tuple(found) == expected else f"takes ({', '.join(found)}) instead of ({', '.join(expected)})"
    )


def _missing_attributes() -> list[str]:
    known = BaseConsumer.__annotations__
    return [f"Consumer.{name} is missing" for name in ATTRIBUTES if name not in known]
