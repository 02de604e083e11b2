"""What every `TechnicianStore` must do, in memory and in Redis."""

import msgspec
import pytest

from features.technician import PartitionState
from streams.errors import Fenced
from streams.ports import TechnicianStore
from tests.support.stores import Stores
from tests.support.technicians import AUSTIN, step, technician

ADA = technician("ada", AUSTIN, territory="north", fences=["site-1"])
BEN = technician("ben", (30.3, -97.7), territory="north")


async def test_nothing_is_stored_at_first(stores: Stores) -> None:
    loaded = await stores.worker().load(3)
    assert loaded.position is None
    assert loaded.partition_state == PartitionState()
    assert dict(loaded.technicians) == {}


async def test_a_step_is_loaded_as_it_was_committed(stores: Stores) -> None:
    counted = PartitionState(clock_ms=5, counts={"kept": 2})
    await stores.worker().commit(step(None, 10, ADA, BEN, partition_state=counted))
    loaded = await stores.worker().load(0)
    assert (loaded.position, loaded.partition_state) == (10, counted)
    assert dict(loaded.technicians) == {"ada": ADA, "ben": BEN}


async def test_a_step_replaces_only_who_changed(stores: Stores) -> None:
    worker = stores.worker()
    await worker.commit(step(None, 10, ADA, BEN))
    moved = msgspec.structs.replace(BEN, territory="south")
    await worker.commit(step(10, 11, moved))
    assert dict((await stores.worker().load(0)).technicians) == {"ada": ADA, "ben": moved}


async def test_a_step_may_change_nobody(stores: Stores) -> None:
    worker = stores.worker()
    await worker.commit(step(None, 10, ADA))
    await worker.commit(step(10, 20))
    loaded = await stores.worker().load(0)
    assert (loaded.position, dict(loaded.technicians)) == (20, {"ada": ADA})


async def test_what_is_loaded_is_the_callers_own(stores: Stores) -> None:
    worker = stores.worker()
    await worker.commit(step(None, 10, ADA))
    dict_of_mine = (await worker.load(0)).technicians
    dict_of_mine.clear()  # type: ignore[attr-defined]
    assert dict((await worker.load(0)).technicians) == {"ada": ADA}


async def test_partitions_do_not_touch_each_other(stores: Stores) -> None:
    worker = stores.worker()
    await worker.commit(step(None, 10, ADA, partition=1))
    await worker.commit(step(None, 7, BEN, partition=2))
    assert dict(await worker.positions([0, 1, 2])) == {1: 10, 2: 7}
    assert dict((await worker.load(2)).technicians) == {"ben": BEN}


async def test_positions_of_no_partitions_are_none(stores: Stores) -> None:
    assert dict(await stores.worker().positions([])) == {}


async def test_position_0_is_a_position(stores: Stores) -> None:
    worker = stores.worker()
    await worker.commit(step(None, 0, ADA))
    assert dict(await worker.positions([0])) == {0: 0}
    await worker.commit(step(0, 1))
    assert dict(await worker.positions([0])) == {0: 1}


@pytest.mark.parametrize("expected", [None, 0, 9, 11], ids=str)
async def test_a_worker_that_expects_another_position_is_fenced(stores: Stores, expected: int | None) -> None:
    await stores.worker().commit(step(None, 10, ADA))
    with pytest.raises(Fenced, match="partition 0"):
        await stores.worker().commit(step(expected, 12, BEN))
    loaded = await stores.worker().load(0)
    assert (loaded.position, dict(loaded.technicians)) == (10, {"ada": ADA})


async def test_the_one_who_comes_second_is_fenced(stores: Stores) -> None:
    first, second = stores.worker(), stores.worker()
    await first.commit(step(None, 10, ADA))
    await first.load(0)
    await second.load(0)
    await second.commit(step(10, 20, BEN))
    with pytest.raises(Fenced):
        await first.commit(step(10, 15, technician("cyd")))
    assert set((await first.load(0)).technicians) == {"ada", "ben"}


async def test_who_was_fenced_goes_on_after_loading_again(stores: Stores) -> None:
    first, second = stores.worker(), stores.worker()
    await first.commit(step(None, 10, ADA))
    await second.commit(step(10, 20, BEN))
    with pytest.raises(Fenced):
        await first.commit(step(10, 20, technician("cyd")))
    assert (await first.load(0)).position == 20
    await first.commit(step(20, 30, technician("cyd")))
    assert set((await second.load(0)).technicians) == {"ada", "ben", "cyd"}


async def test_a_step_handed_in_again_is_stored_once(stores: Stores) -> None:
    """A worker whose answer was lost does not know whether its step was stored, and says it again."""
    worker = stores.worker()
    await worker.commit(step(None, 10, ADA))
    await worker.commit(step(None, 10, ADA))
    await worker.commit(step(10, 20, BEN))
    loaded = await stores.worker().load(0)
    assert (loaded.position, set(loaded.technicians)) == (20, {"ada", "ben"})


async def test_another_step_to_the_same_position_is_fenced(stores: Stores) -> None:
    worker = stores.worker()
    await worker.commit(step(None, 10, ADA))
    with pytest.raises(Fenced):
        await worker.commit(step(None, 10, BEN))


async def test_an_old_step_handed_in_again_is_fenced(stores: Stores) -> None:
    worker = stores.worker()
    first = step(None, 10, ADA)
    await worker.commit(first)
    await worker.commit(step(10, 20))
    with pytest.raises(Fenced):
        await worker.commit(first)


async def test_many_technicians_fit_in_one_step(stores: Stores) -> None:
    worker: TechnicianStore = stores.worker()
    crowd = [
        technician(f"t-{n:05d}", (30 + n / 1e4, -97.7), territory="north", fences=["depot"])
        for n in range(9_000)
    ]
    await worker.commit(step(None, 10, *crowd))
    assert dict((await stores.worker().load(0)).technicians) == {one.technician: one for one in crowd}
    everybody = await stores.queries().in_territory("north")
    assert len(everybody) == len(crowd)
