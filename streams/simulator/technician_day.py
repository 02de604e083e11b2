"""One technician with app, vehicle and device: their day goes on as time does, and makes messages.

What they committed to may reach beyond the present. Its messages wait until they are received, and never change.
"""

from heapq import heappop, heappush

import numpy as np

from features.events import Ping, Status
from streams.simulator.app import App, Heard
from streams.simulator.delivery import offline_spells, received_ms, repeats
from streams.simulator.fleet import Technician
from streams.simulator.noise import Device
from streams.simulator.pings import counts, pings
from streams.simulator.shift import Shift
from streams.simulator.stream import Received
from streams.simulator.taps import Taps
from streams.simulator.today import Today
from streams.simulator.track import Track
from streams.simulator.truth import Act, Truth

LONGEST_S = 4 * 3_600
"""A device is on for no longer than this after the shift."""


class TechnicianDay:
    """`hear` what is sent to them and `advance` the time, in turn."""

    def __init__(self, who: Technician, today: Today) -> None:
        self.who = who
        params = today.world.params
        self._today, self._delivery = today, params.delivery
        begin_ms = today.at_ms(who.shift_start_h) - params.shift.device_on_before_s * 1000
        end_ms = today.at_ms(who.shift_end_h) + LONGEST_S * 1000
        self._on_ms = round(begin_ms)
        self._draw = today.draw(who.technician, "gps")
        self._device = Device(begin_ms, end_ms, self._draw, params.noise)
        self._offline = offline_spells(begin_ms, end_ms, self._draw, params.delivery)
        self._tapping = today.draw(who.technician, "taps")
        self._taps = Taps(self._tapping, params.taps)
        start_ms = today.at_ms(who.shift_start_h)
        self._app = App(
            who.technician,
            start_ms,
            lambda name: today.draw(who.technician, "app", name),
            self._online_ms,
            params.app,
        )
        self.shift = Shift(who, today, self._app)
        self._acts: list[tuple[int, int, Act]] = []
        self._waiting: list[tuple[int, int, Ping | Status]] = []
        self._made = self._acted = self._fixes = self._tapped_ms = 0
        self._measured_ms = begin_ms
        self._counts: dict[str, int] = {}

    def hear(self, event: Heard, now_ms: int) -> None:
        """Something that was sent to them; it is known to the network since `now_ms`."""
        self._app.hear(event, now_ms)

    def advance(self, until_ms: float) -> list[Received]:
        """Live until then. What the log has received of it by then, in order, each once."""
        self.shift.live(until_ms)
        if self.shift.diary.journal.now_ms > self._measured_ms:
            self._measured_ms = self.shift.diary.journal.now_ms
            self._measure(self.shift.diary.piece())
        for act in (*self._app.acts(until_ms), *self.shift.diary.acts()):
            heappush(self._acts, (act.time_ms, self._acted, act))
            self._acted += 1
        self._tap(until_ms)
        received = []
        while self._waiting and self._waiting[0][0] <= until_ms:
            at_ms, _, event = heappop(self._waiting)
            received.append(Received(at_ms, event))
        return received

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.shift.over and not self._waiting and not self._acts

    @property
    def truth(self) -> Truth:
        return self.shift.diary.truth() + Truth(pings=self._counts)

    @property
    def track(self) -> Track:
        return Track.joined(self.shift.diary.pieces)

    def _online_ms(self, ms: int) -> int:
        """The first moment from then on at which the device is on and has a network."""
        at_ms = max(ms, self._on_ms)
        for begin_ms, end_ms in self._offline:
            if begin_ms <= at_ms < end_ms:
                at_ms = round(end_ms)
        return at_ms

    def _measure(self, piece: Track) -> None:
        fixes = self._device.measure(piece)
        arrived_ms = received_ms(fixes.true_ms, self._draw, self._delivery, self._offline)
        again, again_ms = repeats(arrived_ms, self._draw, self._delivery)
        events = pings(self.who, fixes, self._today.world.city.plane, self._fixes)
        self._fixes += len(events)
        for ms, ping in zip(arrived_ms.tolist(), events, strict=True):
            self._wait(ms, ping)
        for n, ms in zip(again.tolist(), again_ms.tolist(), strict=True):
            self._wait(ms, events[n])
        new = counts(fixes, arrived_ms, len(again))
        self._counts = {name: self._counts.get(name, 0) + count for name, count in new.items()}

    def _tap(self, until_ms: float) -> None:
        """Acts whose time has come, as the log will hear of them."""
        while self._acts and self._acts[0][0] < until_ms:
            for status in self._taps.tap(heappop(self._acts)[2]):
                sent = np.array([status.time_ms], dtype=np.int64)
                arrived = int(received_ms(sent, self._tapping, self._delivery, self._offline)[0])
                # An app sends its taps one after another: none overtakes the one before.
                self._tapped_ms = max(self._tapped_ms, arrived)
                self._wait(self._tapped_ms, status)

    def _wait(self, received_ms: int, event: Ping | Status) -> None:
        heappush(self._waiting, (received_ms, self._made, event))
        self._made += 1
