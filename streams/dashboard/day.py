"""A territory's day as it was read, and the questions that every column asks of it."""

from collections.abc import Mapping
from functools import cached_property

from features.appointment import ENDS
from features.endangered import endangered
from features.fix import Fix
from features.plan import Job
from features.plan_events import Proposal
from features.route import Stop
from features.technician import TechnicianState
from features.territory import Planned, Risk, TerritoryState
from features.territory_events import LEVELS, Level
from features.units import ms
from features.wire import Place
from models.forecast import Expected, RiskState
from models.rebalancing.params import Params
from streams.dashboard.words import Hours, short_id, short_name

STALE_AFTER_MS = 180_000
"""A position older than this is drawn grey."""


class Day:
    """What is known of a territory at the event time `now_ms`. Nothing here changes once it is made.

    `rebalancing` is how plans are made: what they hold fast, and what a late minute counts.
    """

    def __init__(
        self,
        territory: TerritoryState,
        risks: Mapping[str, RiskState],
        technicians: Mapping[str, TechnicianState],
        now_ms: int,
        zone: str,
        rebalancing: Params,
    ) -> None:
        self.territory, self.risks, self.technicians = territory, risks, technicians
        self.now_ms, self.hours, self.rebalancing = now_ms, Hours(zone), rebalancing

    @cached_property
    def names(self) -> dict[str, str]:
        """What technicians are called, by id."""
        return {one: rostered.name or one for one, rostered in self.territory.roster.items()}

    @cached_property
    def family_names(self) -> dict[str, str]:
        """Short names, where no two are alike; else whole ones."""
        short = {one: short_name(name) for one, name in self.names.items()}
        taken = list(short.values())
        return {one: name if taken.count(name) == 1 else self.names[one] for one, name in short.items()}

    @cached_property
    def planned_ms(self) -> dict[str, int | None]:
        """When each appointment is planned to start."""
        return {one: planned.planned_start_ms for one, planned in self.territory.appointments.items()}

    @cached_property
    def proposal(self) -> Proposal | None:
        return self.territory.proposal

    def name(self, technician: str | None) -> str:
        return "nobody" if technician is None else self.names.get(technician, technician)

    def appointment(self, appointment: str) -> Planned | None:
        return self.territory.appointments.get(appointment)

    @cached_property
    def endangered(self) -> dict[str, Risk]:
        """All that is at risk, and what nobody serves."""
        return endangered(self.territory)

    @property
    def frozen_ms(self) -> int:
        """What starts within this keeps its technician and its place in the order, unless it is at risk."""
        return ms(self.rebalancing.order_frozen_s)

    def weight(self, job: Job) -> float:
        """What a late minute counts, as plans reckon it."""
        return self.rebalancing.priority_weights[job.priority - 1] * (
            self.rebalancing.hard_weight if job.hard else 1.0
        )

    def job(self, appointment: str) -> Job:
        """Of one of today's."""
        return self.territory.appointments[appointment].job

    def title(self, appointment: str) -> str:
        planned = self.appointment(appointment)
        return planned.job.title if planned is not None and planned.job.title else short_id(appointment)

    def level(self, appointment: str) -> Level | None:
        risk = self.endangered.get(appointment)
        return None if risk is None else risk.level

    def worst(self, technician: str) -> int:
        """The rank of the worst level on somebody's route, 0 where nothing is at risk."""
        levels = [self.level(one) for one in self.ahead(technician)]
        return max((LEVELS.index(level) + 1 for level in levels if level is not None), default=0)

    def ahead(self, technician: str) -> tuple[str, ...]:
        """What is ahead or at hand, in order."""
        return tuple(
            one for one in self.territory.routes.get(technician, ()) if one in self.territory.appointments
        )

    def expected(self, technician: str, appointment: str) -> Expected | None:
        known = self.risks.get(technician)
        return None if known is None else known.expected.get(appointment)

    def stop(self, technician: str, appointment: str) -> Stop | None:
        known = self.risks.get(technician)
        return None if known is None else known.route.stops.get(appointment)

    def done(self, technician: str) -> list[str]:
        """What has ended today with this technician, in the order of its end."""
        ahead = set(self.ahead(technician))
        known = self.risks.get(technician)
        ended = {
            one: stop.ended_ms or stop.life_ms
            for one, stop in (known.route.stops.items() if known is not None else ())
            if stop.began_ms is not None and stop.life in ENDS and one not in ahead
        }
        for one, planned in self.territory.appointments.items():
            if planned.technician == technician and planned.life in ENDS and one not in ahead:
                ended.setdefault(one, planned.life_ms)
        return sorted(ended, key=lambda one: ended[one])

    def lost(self, technician: str) -> bool:
        rostered = self.territory.roster.get(technician)
        return rostered is not None and rostered.lost_ms is not None

    def offline(self, technician: str) -> bool:
        known = self.technicians.get(technician)
        return known is not None and known.motion.kind == "OFFLINE"

    def fix(self, technician: str) -> Fix | None:
        known = self.technicians.get(technician)
        return None if known is None else known.fix

    def place(self, technician: str) -> Place | None:
        """Where somebody was last seen."""
        fix = self.fix(technician)
        if fix is not None:
            return Place(fix.lat, fix.lon)
        known = self.risks.get(technician)
        return None if known is None else known.route.place

    def stale(self, technician: str) -> bool:
        """Whether where somebody is drawn may be where they are no more."""
        known = self.technicians.get(technician)
        if known is None or known.fix is None or known.motion.kind in ("NO_DATA", "OFFLINE"):
            return True
        return self.now_ms - known.fix.time_ms > STALE_AFTER_MS
