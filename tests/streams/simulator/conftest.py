"""One small world and one of its days, made once: nothing changes them."""

from datetime import date

import msgspec
import pytest

from streams.simulator.day import Day
from streams.simulator.world import SimulatorParams, World, sized

SEED = 7
A_TUESDAY = date(2026, 3, 3)


@pytest.fixture(scope="session")
def world() -> World:
    return World(SEED, sized(SimulatorParams(), 12))


@pytest.fixture(scope="session")
def day(world: World) -> Day:
    return Day(world, A_TUESDAY)


@pytest.fixture(scope="session")
def quiet_world() -> World:
    """The same world with devices and apps that never err."""
    params = sized(SimulatorParams(), 12)
    noise = {
        field.name: 0.0
        for field in msgspec.structs.fields(params.noise)
        if field.name.endswith(("_share", "_per_h", "_per_driving_h")) or field.name == "clock_sigma_s"
    }
    taps = {field.name: 0.0 for field in msgspec.structs.fields(params.taps) if field.name.endswith("_share")}
    delivery = {"late_share": 0.0, "offline_per_h": 0.0, "repeat_share": 0.0}
    replace = msgspec.structs.replace
    return World(
        SEED,
        replace(
            params,
            noise=replace(params.noise, **noise),
            taps=replace(params.taps, **taps),
            delivery=replace(params.delivery, **delivery),
        ),
    )
