"""What every `KeyedStore` and its reader must do, in memory and in Redis."""

import pytest

from features.events import Cause
from streams.agents.keyed import Meta, StoredMessage
from streams.errors import Fenced
from streams.ports import KeyedStep
from tests.support.keyed import Counted, KeyedStores

ADA, BEN = Counted("ada", 3, "x"), Counted("bén \u2028", 1, "line\nbreak")
REMEMBERED = Meta(
    {"word:x.words:3": Cause("x.words", 3, 17, 2)},
    (StoredMessage("x.told", "ada", '{"a":"\\n"}', None, 5), StoredMessage("x.told", None, None, 2, None)),
    {"events": 4},
)


def step(
    expected: int | None, position: int, *states: Counted, partition: int = 0, meta: Meta | None = None
) -> KeyedStep[Meta, Counted]:
    named = {state.name: state for state in states}
    return KeyedStep(partition, expected, position, meta or Meta(), named)


async def test_nothing_is_stored_at_first(keyed_stores: KeyedStores) -> None:
    loaded = await keyed_stores.worker().load(3)
    assert (loaded.position, loaded.meta, dict(loaded.states)) == (None, Meta(), {})
    assert await keyed_stores.reader().every() == {}


async def test_a_step_is_loaded_as_it_was_committed(keyed_stores: KeyedStores) -> None:
    await keyed_stores.worker().commit(step(None, 10, ADA, BEN, meta=REMEMBERED))
    loaded = await keyed_stores.worker().load(0)
    assert (loaded.position, loaded.meta) == (10, REMEMBERED)
    assert dict(loaded.states) == {ADA.name: ADA, BEN.name: BEN}


async def test_a_step_replaces_only_what_changed(keyed_stores: KeyedStores) -> None:
    worker = keyed_stores.worker()
    await worker.commit(step(None, 10, ADA, BEN))
    await worker.commit(step(10, 11, Counted("ada", 4)))
    assert dict((await worker.load(0)).states) == {"ada": Counted("ada", 4), BEN.name: BEN}


async def test_partitions_have_positions_of_their_own(keyed_stores: KeyedStores) -> None:
    worker = keyed_stores.worker()
    await worker.commit(step(None, 10, ADA, partition=1))
    await worker.commit(step(None, 0, BEN, partition=2))
    assert dict(await worker.positions([0, 1, 2])) == {1: 10, 2: 0}
    assert dict((await worker.load(2)).states) == {BEN.name: BEN}


@pytest.mark.parametrize("expected", [None, 0, 9, 11], ids=str)
async def test_a_worker_that_expects_another_position_is_fenced(
    keyed_stores: KeyedStores, expected: int | None
) -> None:
    await keyed_stores.worker().commit(step(None, 10, ADA, meta=REMEMBERED))
    with pytest.raises(Fenced, match="partition 0"):
        await keyed_stores.worker().commit(step(expected, 12, BEN))
    loaded = await keyed_stores.worker().load(0)
    assert (loaded.position, loaded.meta, dict(loaded.states)) == (10, REMEMBERED, {"ada": ADA})


async def test_who_was_fenced_goes_on_after_loading_again(keyed_stores: KeyedStores) -> None:
    first, second = keyed_stores.worker(), keyed_stores.worker()
    await first.commit(step(None, 10, ADA))
    await second.commit(step(10, 20, BEN))
    with pytest.raises(Fenced):
        await first.commit(step(10, 20, Counted("cyd")))
    assert (await first.load(0)).position == 20
    await first.commit(step(20, 30, Counted("cyd")))
    assert set((await second.load(0)).states) == {"ada", BEN.name, "cyd"}


async def test_a_step_handed_in_again_is_stored_once(keyed_stores: KeyedStores) -> None:
    worker = keyed_stores.worker()
    first = step(None, 10, ADA)
    await worker.commit(first)
    await worker.commit(step(None, 10, ADA))
    await worker.commit(step(10, 20, BEN))
    with pytest.raises(Fenced):
        await worker.commit(first)
    assert (await worker.load(0)).position == 20


async def test_readers_see_every_partition(keyed_stores: KeyedStores) -> None:
    worker, reader = keyed_stores.worker(), keyed_stores.reader()
    await worker.commit(step(None, 1, ADA, partition=0))
    await worker.commit(step(None, 1, BEN, Counted("cyd"), partition=3))
    assert await reader.every() == {"ada": ADA, BEN.name: BEN, "cyd": Counted("cyd")}
    assert await reader.some([BEN.name, "nobody", "ada", "ada"]) == {BEN.name: BEN, "ada": ADA}
    assert await reader.some([]) == {}
    assert await reader.one(BEN.name) == BEN
    assert await reader.one("nobody\ud800") is None


async def test_many_states_fit_in_one_step(keyed_stores: KeyedStores) -> None:
    crowd = [Counted(f"c-{n:05d}", n) for n in range(9_000)]
    await keyed_stores.worker().commit(step(None, 10, *crowd))
    assert await keyed_stores.reader().every() == {one.name: one for one in crowd}
