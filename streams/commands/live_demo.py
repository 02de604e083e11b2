"""The live demo: fast to the moment when there is something to decide, then at a speed that people can follow."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.live import Live

from features.plan_events import Proposal
from streams.commands.days import local
from streams.commands.screen import Frame, draw
from streams.commands.show import err, out, progress
from streams.commands.watch import Watch
from streams.day_news import News
from streams.day_report import Collected
from streams.lockstep import Lockstep

BUSY_H, NOON_H, LATEST_H = 7.5, 12.0, 11.0
"""When most are on the road, when the afternoon begins, and when it is shown whatever there is to decide."""
EVERY = 5
"""Of the fast steps, one is drawn."""
Draw = Callable[[Frame], None]
Report = Callable[[Collected], dict[str, Any]]


class Show:
    """One live day on the terminal, with the dispatcher's page at `address`."""

    def __init__(self, stepped: Lockstep, speed: float, address: str) -> None:
        self._stepped, self._speed, self._address = stepped, speed, address
        self._collected = Collected()
        living = stepped.living
        title = f"Headway demo: {living.world.params.city.name}"
        self._watch = Watch(title, living.world.fences, living.opening(), address)

    def run(self, reported: Report) -> dict[str, Any] | None:
        """The report, or None where somebody ended it before the day was over."""
        err.print(f"the dispatcher's page is at {self._address}", soft_wrap=True)
        try:
            with _screen(self._watch) as draw_frame:
                self._forward(draw_frame)
                self._stepped.paced(self._speed, lambda news: self._show(news, draw_frame))
        except KeyboardInterrupt:
            return None
        with progress("folding the rest", None):
            self._hear(self._stepped.finish())
            return reported(self._collected)

    def _forward(self, draw_frame: Draw) -> None:
        """As fast as it goes, until there is something to decide."""
        self._hear(self._stepped.open())
        steps = 0
        while not (self._is_worth_a_look() or self._stepped.living.over):
            self._hear(self._stepped.step())
            steps += 1
            if steps % EVERY == 0:
                self._draw(draw_frame)

    def _show(self, news: News, draw_frame: Draw) -> None:
        self._hear(news)
        self._draw(draw_frame)

    def _is_worth_a_look(self) -> bool:
        """In the morning, with most on the road: a proposal waits that is about the afternoon."""
        today, now_ms = self._stepped.living.today, self._stepped.living.now_ms
        if now_ms < today.at_ms(BUSY_H):
            return False
        waiting = self._stepped.dispatcher.open.values()
        return now_ms >= today.at_ms(LATEST_H) or any(self._is_of_the_afternoon(one) for one in waiting)

    def _is_of_the_afternoon(self, proposal: Proposal) -> bool:
        today = self._stepped.living.today
        about = [today.planned[name].appointment for name in proposal.about if name in today.planned]
        return any(one.window_start_ms >= today.at_ms(NOON_H) for one in about)

    def _hear(self, news: News) -> None:
        self._collected.hear(news)
        told = self._watch.hear(signal.event for signal in news.signals)
        told += self._watch.hear_of_plans(news.plans, news.risks)
        if not out.is_terminal:
            for time_ms, said in sorted(told):
                out.print(f"{self._local(time_ms):%H:%M:%S}  {said}", soft_wrap=True)

    def _draw(self, draw_frame: Draw) -> None:
        now, stepped = self._local(self._stepped.living.now_ms), self._stepped
        draw_frame(Frame(now, self._speed, stepped.technicians(), stepped.counts()))

    def _local(self, time_ms: int) -> datetime:
        return local(self._stepped.living, time_ms)


@contextmanager
def _screen(watch: Watch) -> Iterator[Draw]:
    """Draws frames on the whole terminal, and leaves it as it was."""
    if not out.is_terminal or out.is_dumb_terminal:
        yield lambda frame: None
        return
    with Live(console=out, screen=True, auto_refresh=False, redirect_stderr=False) as live:

        def show(frame: Frame) -> None:
            drawn: RenderableType = draw(watch, frame, out.width, out.height)
            live.update(drawn, refresh=True)

        yield show
