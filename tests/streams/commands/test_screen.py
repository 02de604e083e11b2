"""The demo's screen on terminals of any size."""

import io
from datetime import UTC, datetime

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

from features.appointment import Appointment
from features.events import FenceEvent, Ping, Profile, StatusChanged
from features.geofence import Phase, Visit
from features.motion import Motion
from features.stops import Stop
from features.technician import TechnicianState
from features.territory_events import RoutesPlanned
from streams.commands.screen import Frame, draw
from streams.commands.watch import Watch
from streams.simulator.stream import Delivery
from tests.support.fences import circle
from tests.support.technicians import AUSTIN, TIME_MS, technician

NOW = datetime.fromtimestamp(TIME_MS / 1000, UTC)


def delivery(value: object) -> Delivery:
    return Delivery(TIME_MS, "technicians", None, value)


def named(n: int) -> str:
    return f"tech-{n:02}"


def plan(technicians: int) -> list[Delivery]:
    """Everybody has a name and two appointments."""
    people = [
        Profile(technician=named(n), time_ms=TIME_MS, name=f"Somebody Längström {n}")
        for n in range(technicians)
    ]
    routes = {named(n): (f"job-{n}-1", f"job-{n}-2") for n in range(technicians)}
    planned = RoutesPlanned(territory="north", time_ms=TIME_MS, routes=routes)
    ping = Ping(technician=named(0), time_ms=TIME_MS, lat=0, lon=0)
    return [delivery(one) for one in (*people, planned, ping)]


def on_site(n: int) -> TechnicianState:
    return msgspec.structs.replace(
        technician(named(n), AUSTIN),
        name=f"Somebody Längström {n}",
        motion=Motion("STOPPED"),
        stop=Stop("ON_SITE", TIME_MS, TIME_MS, TIME_MS, *AUSTIN),
        visits={"yard": Visit(Phase.INSIDE)},
        agenda={"job-1": Appointment("in_progress", window_start_ms=TIME_MS - 3_600_000)},
        duty="on_shift",
    )


def watch(technicians: int = 24, told: int = 40) -> Watch:
    made = Watch("Headway demo: Ocotillo", [circle("yard")], plan(technicians))
    made.names["yard"] = "The yard at the very end of a road that nobody ever leaves"
    made.hear(entered(n) for n in range(told))
    return made


def entered(n: int) -> FenceEvent:
    return FenceEvent(
        named(n % 24), TIME_MS + n * 1000, TIME_MS, "yard", 1, "customer_site", "entered", 30.2, -97.7
    )


def lines(watch: Watch, technicians: int, width: int, height: int) -> list[str]:
    counts = {"kept": 12_345, "dropped.late": 3, "rejected.future": 1}
    frame = Frame(NOW, 60.0, [on_site(n) for n in range(technicians)], counts)
    written = io.StringIO()
    Console(file=written, width=width, height=height, highlight=False).print(
        draw(watch, frame, width, height)
    )
    return written.getvalue().rstrip("\n").split("\n")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 60), (60, 15), (300, 100)])
@pytest.mark.parametrize("technicians", [1, 24, 300])
def test_it_fits_the_terminal_and_loses_nobody_silently(width: int, height: int, technicians: int) -> None:
    shown = lines(watch(technicians), technicians, width, height)
    assert len(shown) <= height
    assert max(cell_len(line) for line in shown) <= width
    people = sum(line.startswith("Somebody") for line in shown)
    hidden = [line for line in shown if line.startswith("and ")]
    assert people >= 1
    if people < technicians:
        assert hidden == [f"and {technicians - people} more, for whom this terminal has no room"]
    else:
        assert hidden == []
    assert any("arrived at" in line for line in shown)
    assert shown[-1].startswith("Ctrl-C ends it")


def test_its_height_stays_the_same_whatever_happens() -> None:
    heights = {len(lines(watch(told=told), 24, 120, 40)) for told in (0, 3, 150)}
    assert len(heights) == 1


def test_it_tells_the_local_time_who_does_what_where_and_how_far_the_day_is() -> None:
    seen = watch(2)
    seen.hear([StatusChanged(named(1), TIME_MS, "in_progress", "completed", "job-1")])
    shown = lines(seen, 2, 200, 40)
    assert shown[0].strip() == "Headway demo: Ocotillo, Tuesday 14 November 2023, 22:13, 60x"
    assert shown[2].strip() == "0 at risk, 0 proposed, 0 accepted"
    assert shown[1].strip() == ("0 driving, 2 on site of 2; 1 of 4 appointments; 12,345 pings, 4 dropped")
    row = next(line for line in shown if line.startswith("Somebody Längström 1"))
    assert "on site" in row
    assert "The yard at" in row
    assert "21:13 in progress" in row
    assert row.split()[-2:] == ["1/2", "22:13:20"]


def test_events_are_in_the_order_in_which_they_happened_the_last_at_the_end() -> None:
    seen = watch(told=0)
    seen.hear(entered(n) for n in (9, 3, 5))
    told = [line[:8] for line in lines(seen, 24, 80, 40) if "arrived" in line]
    assert told == ["22:13:23", "22:13:25", "22:13:29"]


def test_somebody_off_shift_is_not_told_to_be_silent() -> None:
    quiet = msgspec.structs.replace(
        technician("ada", AUSTIN), duty="off_shift", motion=Motion("OFFLINE"), name="Ada"
    )
    written = io.StringIO()
    frame = Frame(NOW, 1.0, [quiet], {})
    Console(file=written, width=100, height=24).print(draw(watch(), frame, 100, 24))
    row = next(line for line in written.getvalue().split("\n") if line.startswith("Ada"))
    assert "off shift" in row
    assert "offline" not in row
