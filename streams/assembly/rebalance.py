"""The rebalance role: territories to the day's plan and to better ones on `plans`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from features.plan_events import Proposal
from features.territory import TerritoryState
from features.territory_events import TerritoryInbound
from models.forecast import RiskState
from models.params import DecisionParams
from models.planning.change import Planning
from models.planning.times import Ways
from models.rebalancing.frozen import freeze
from models.rebalancing.ladder import looked
from models.rebalancing.params import Params
from models.rebalancing.policy import Look
from models.rebalancing.problem import Problem
from models.registry import Models
from streams.adapters.solver_process import SolverProcess
from streams.agents.keyed import KeyedAgent
from streams.agents.rebalance import Rebalance, Search
from streams.assembly.risk import learned
from streams.bootstrap import keyed_agent, open_risks, options
from streams.chunks import Log
from streams.settings import Settings
from streams.topics import Topics


def logs(settings: Settings, *, ticks: bool) -> list[Log]:
    topic = Topics.of(settings).territories
    return [(options(settings, "rebalance", topic, ticks=ticks), lambda: rebalance(settings))]


@asynccontextmanager
async def rebalance(settings: Settings) -> AsyncIterator[KeyedAgent[TerritoryState, TerritoryInbound]]:
    names, decisions = Topics.of(settings), settings.decisions
    models = await learned(settings)
    risks, solver = open_risks(settings), SolverProcess(decisions.planning.solver_limit_s)
    role = Rebalance(
        territories=names.territories,
        plans=names.plans,
        risks=risks,
        search=search(models, solver, decisions),
        planning=Planning(decisions.planning, Ways(models.travel, decisions.time_zone)),
    )
    try:
        await asyncio.to_thread(solver.start)
        async with keyed_agent(
            settings, "territories", role, topic=names.territories, state_type=TerritoryState
        ) as agent:
            yield agent
    finally:
        await risks.close()
        await asyncio.to_thread(solver.close)


def search(models: Models, solver: SolverProcess, decisions: DecisionParams) -> Search:
    """How a better plan is looked for: all questions to VROOM together have the solver's limit."""

    def searched(
        state: TerritoryState, risks: Mapping[str, RiskState], look: Look
    ) -> Proposal | Mapping[str, str]:
        def frozen(params: Params) -> Problem:
            return freeze(
                state,
                risks,
                trigger=look.trigger,
                about=look.about,
                now_ms=state.clock_ms,
                durations=models.durations,
                travel=models.travel,
                zone=decisions.time_zone,
                params=params,
                risk=decisions.risk,
            )

        solve = solver.within(decisions.planning.solver_limit_s)
        answer = looked(frozen, solve, decisions.rebalancing)
        return answer if isinstance(answer, Proposal) else answer.reasons

    return searched
