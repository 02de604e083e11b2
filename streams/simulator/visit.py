"""A technician at a customer's: set up, work, paperwork, and what may go wrong with it."""

from math import exp

from streams.simulator.agenda import Planned
from streams.simulator.diary import Diary
from streams.simulator.fleet import Technician
from streams.simulator.today import Today
from streams.simulator.truth import Outcome, TrueJob
from streams.simulator.work import true_duration_s


class Visitor:
    """Serves appointments. `factor` is technician times slow day."""

    def __init__(self, who: Technician, today: Today, diary: Diary, factor: float) -> None:
        self._who, self._today, self._diary, self._factor = who, today, diary, factor
        self._params = today.world.params.shift
        self._draw = today.draw(who.technician, "engine")

    def visit(self, planned: Planned) -> None:
        """From arrival until the paperwork is done; the vehicle still stands there."""
        diary, appointment = self._diary, planned.appointment
        draw = self._today.draw(self._who.technician, "visit", appointment.appointment)
        diary.arrived("ON_SITE", planned.site.fence, appointment.appointment)
        diary.act("on_site", appointment.appointment)
        runs_on = bool(draw.random() < planned.job.engine_on)
        diary.journal.stand(float(draw.uniform(5, self._params.engine_off_max_s)))
        if not runs_on:
            self.engine_off()
        diary.journal.stand(float(draw.uniform(20, self._params.setup_max_s)))
        diary.journal.stand_until(appointment.window_start_ms)
        self._work_on(planned)
        spread = self._params.paperwork_sigma * float(draw.standard_normal())
        diary.journal.stand(self._params.paperwork_median_s * exp(spread))

    def engine_on(self) -> None:
        if not self._diary.journal.ignition_on:
            self._diary.journal.ignition(True)
            self._diary.journal.stand(float(self._draw.uniform(3, 30)))

    def engine_off(self) -> None:
        if self._diary.journal.ignition_on:
            self._diary.journal.ignition(False)

    def _work_on(self, planned: Planned) -> None:
        diary, work, name = self._diary, self._today.world.params.work, planned.appointment.appointment
        draw = self._today.draw("work", name)
        hour = (diary.now_ms - self._today.midnight_ms) / 3_600_000
        factor = self._factor * self._today.disruptions.overruns.get(name, 1.0)
        duration_s = true_duration_s(planned.job, work, draw, factor, hour)
        lot = float(draw.random())
        if lot < work.no_access_share:
            diary.journal.stand(work.no_access_wait_s)
            diary.act("no_access", name)
            self._close(planned, "no_access")
            return
        incomplete = lot < work.no_access_share + work.incomplete_share
        start_ms = diary.now_ms
        diary.act("in_progress", name)
        if planned.job.pto:
            diary.journal.pto(True)
        diary.journal.stand(duration_s / 2 if incomplete else duration_s)
        if planned.job.pto:
            diary.journal.pto(False)
        outcome: Outcome = "incomplete" if incomplete else "completed"
        diary.act(outcome, name)
        self._close(planned, outcome, start_ms)

    def _close(self, planned: Planned, outcome: Outcome, start_ms: int | None = None) -> None:
        appointment = planned.appointment
        job = TrueJob(
            technician=self._who.technician,
            appointment=appointment.appointment,
            fence=appointment.fence,
            job_type=appointment.job_type,
            outcome=outcome,
            expected_s=appointment.expected_s,
            start_ms=start_ms,
            end_ms=None if start_ms is None else self._diary.now_ms,
        )
        self._diary.worked(job)
