"""A live day through all agents, step by step."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from features.plan_events import PlanChanged, ProposalClosed, Proposed
from streams import simulated
from streams.adapters.log import write_all
from streams.day_news import News
from streams.day_system import ROLES
from streams.fence_files import messages as fence_messages
from streams.lockstep import lockstep
from streams.settings import Settings, Worker
from streams.simulator.dispatcher import Dispatcher, DispatcherParams
from streams.simulator.lateness import lateness
from streams.simulator.live import LiveDay
from streams.simulator.unaided import lived
from streams.system import servers, workers

STEP_S = 240.0
TECHNICIANS = 5


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Settings]:
    base = Settings(namespace="lockstep", worker=Worker(fetch_wait_ms=10))
    models = msgspec.structs.replace(base.decisions.models, folder=str(tmp_path / "none"))
    decisions = msgspec.structs.replace(base.decisions, models=models)
    with servers(msgspec.structs.replace(base, decisions=decisions), {}, history=True) as (settings, _):
        yield settings


def through(served: Settings, living: LiveDay, *, accepting: bool) -> News:
    """All that comes back on the whole day."""
    all_of_it = News()

    def hear(news: News) -> None:
        all_of_it.heard += news.heard
        all_of_it.plans += news.plans

    write_all(served, fence_messages(served, living.world.fences))
    with (
        workers(served, ROLES, ticks=False) as system,
        lockstep(
            system, living, Dispatcher(DispatcherParams(), accepting=accepting), step_s=STEP_S
        ) as stepped,
    ):
        stepped.run(lambda _: None, hear)
        assert stepped.left() == 0
        # What simulated devices get wrong, and nothing else.
        assert {letter.reason for letter in stepped.letters()} <= {"malformed", "future"}
    return all_of_it


def test_a_day_on_which_every_proposal_is_ignored_is_the_day_without_a_pipeline(served: Settings) -> None:
    living = simulated.live(4, TECHNICIANS)
    news = through(served, living, accepting=False)
    alone = lived(living.world, living.day, round(STEP_S * 1000))
    assert any(isinstance(one, Proposed) for one in news.plans)
    reasons = {one.because for one in news.plans if isinstance(one, PlanChanged)}
    assert "planned" in reasons <= {"planned", "cancelled", "lost"}
    assert lateness(living.today, living.truth) == lateness(alone.today, alone.truth)
    assert living.truth.visits == alone.truth.visits
    assert living.truth.jobs == alone.truth.jobs


def test_a_day_on_which_every_proposal_is_accepted_follows_the_plans_that_come_back(served: Settings) -> None:
    living = simulated.live(4, TECHNICIANS)
    news = through(served, living, accepting=True)
    accepted = {
        one.proposal for one in news.plans if isinstance(one, ProposalClosed) and one.outcome == "accepted"
    }
    changed = [one for one in news.plans if isinstance(one, PlanChanged) and one.because == "proposal"]
    assert accepted
    assert {one.proposal for one in changed} == accepted
    # Whatever the plan changed has reached its technician, and says which plan that was.
    heard = [msgspec.structs.replace(one, cause=None) for one in news.heard]
    for plan in changed:
        assert all(route in heard for route in plan.routes)
        assert all(assignment in heard for assignment in plan.assignments)
    given = {
        one.appointment: one.technician for plan in changed for one in plan.assignments if not one.withdrawn
    }
    servers_of = {visit.appointment: visit.technician for visit in living.truth.visits}
    followed = [name for name, technician in given.items() if servers_of.get(name) == technician]
    assert followed
