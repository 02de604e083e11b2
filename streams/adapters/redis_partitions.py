"""What one partition folds into, in Redis: three keys, moved together by one script.

`<namespace>:{<name>:<partition>}:position` is a hash of position, writer and partition state; `...:state` a
hash from key to state, as JSON; `...:index` a sorted set of members, empty where nobody searches by more
than the key. All keys of a partition share a hash tag, so they share a slot of a Redis Cluster.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from streams.adapters.redis_link import RedisLink, script
from streams.errors import BadSettings, Fenced

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


class Keys(msgspec.Struct, frozen=True):
    position: str
    state: str
    index: str


def keys_of(namespace: str, name: str, partition: int) -> Keys:
    tagged = f"{namespace}:{{{name}:{partition}}}"
    return Keys(f"{tagged}:position", f"{tagged}:state", f"{tagged}:index")


class Moved(Protocol):
    """A step, as far as its place is concerned. Steps of the same content are equal."""

    @property
    def partition(self) -> int: ...
    @property
    def expected(self) -> int | None: ...
    @property
    def position(self) -> int: ...


class Content(msgspec.Struct, frozen=True):
    """What a step stores: the partition state, the states that changed, and the index members that move."""

    partition_state: msgspec.Struct
    states: Mapping[str, msgspec.Struct]
    gone: Iterable[str] = ()
    come: Iterable[str] = ()


class _Attempt(msgspec.Struct):
    """The last step that was sent, and the name it was sent under."""

    step: Moved
    writer: str


class RedisPartitions:
    """The partitions of one worker under one name."""

    def __init__(self, link: RedisLink, namespace: str, name: str, *, worker: str | None = None) -> None:
        self._link, self._namespace, self._name = link, namespace, name
        self._worker = worker or uuid.uuid4().hex
        self._sent = 0
        self._attempts: dict[int, _Attempt] = {}

    def keys(self, partition: int) -> Keys:
        return keys_of(self._namespace, self._name, partition)

    async def load(self, partition: int, how: str) -> Any:
        """Position, partition state and states, as the script of that name answers."""
        keys = self.keys(partition)
        return await self._link.ask("EVAL", script(how), 2, keys.position, keys.state)

    async def positions(self, partitions: Iterable[int]) -> Mapping[int, int]:
        wanted = list(partitions)
        keys = [self.keys(partition).position for partition in wanted]
        answers = await self._link.ask_each([("HGET", key, "position") for key in keys])
        return {
            partition: int(answer)
            for partition, answer in zip(wanted, answers, strict=True)
            if answer is not None
        }

    async def commit(self, step: Moved, content: Content) -> None:
        """Store a step. The same step may be handed in again after `StoreUnavailable`: it is stored once."""
        keys = self.keys(step.partition)
        stored = await self._link.ask(
            "EVAL",
            script("commit_step"),
            3,
            keys.position,
            keys.state,
            keys.index,
            "" if step.expected is None else str(step.expected),
            str(step.position),
            self._writer(step),
            _encoder.encode(content.partition_state),
            _lines(content.states),
            _encoder.encode_lines(content.states.values()),
            _lines(content.gone),
            _lines(content.come),
        )
        if not stored:
            self.forget(step.partition)
            raise Fenced(
                f"partition {step.partition}: its stored position is no longer {step.expected}; "
                "another worker owns it"
            )

    def forget(self, partition: int) -> None:
        self._attempts.pop(partition, None)

    async def close(self) -> None:
        await self._link.close()

    def _writer(self, step: Moved) -> str:
        """A name for this step: after a lost answer it tells that this very step moved the position."""
        attempt = self._attempts.get(step.partition)
        if attempt is None or not same(attempt.step, step):
            self._sent += 1
            attempt = _Attempt(step, f"{self._worker}:{self._sent}")
            self._attempts[step.partition] = attempt
        return attempt.writer


def decoded(decoder: msgspec.json.Decoder[T], text: bytes, key: str) -> T:
    """What is stored under a key. Raises `BadSettings` where another version or program has written it."""
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadSettings(
            f"what Redis holds under {key} is not a state of this version of Headway ({error}); "
            "choose another namespace, or remove the key and fold the log again"
        ) from error


def same(step: Moved, other: Moved) -> bool:
    """Positions first: they differ from step to step, so whole steps are compared at a retry only."""
    return step is other or (step.position == other.position and step == other)


def _lines(texts: Iterable[str]) -> str:
    """No name has a control character, so a line holds any of them."""
    return "".join([f"{text}\n" for text in texts])
