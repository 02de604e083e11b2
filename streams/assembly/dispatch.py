"""The dispatch role: plans to assignments, and signals to what becomes of them. Two logs in one worker."""

from contextlib import AbstractAsyncContextManager

from features.acknowledgement import AcknowledgementState
from features.dispatching import DispatchState
from features.events import Signal
from features.plan_events import PlanOutbound
from streams.agents.acknowledge import Acknowledge
from streams.agents.dispatch import Dispatch
from streams.agents.keyed import KeyedAgent
from streams.bootstrap import keyed_agent, options
from streams.chunks import Log
from streams.settings import Settings
from streams.topics import Topics


def logs(settings: Settings) -> list[Log]:
    names = Topics.of(settings)
    return [
        (options(settings, "dispatch", names.plans), lambda: dispatch(settings)),
        (options(settings, "acknowledgements", names.signals), lambda: acknowledgements(settings)),
    ]


def dispatch(
    settings: Settings,
) -> AbstractAsyncContextManager[KeyedAgent[DispatchState, PlanOutbound]]:
    names = Topics.of(settings)
    role = Dispatch(plans=names.plans, technicians=names.technicians)
    return keyed_agent(settings, "dispatch", role, topic=names.plans, state_type=DispatchState)


def acknowledgements(
    settings: Settings,
) -> AbstractAsyncContextManager[KeyedAgent[AcknowledgementState, Signal]]:
    names = Topics.of(settings)
    role = Acknowledge(
        signals=names.signals,
        technicians=names.technicians,
        territories=names.territories,
        params=settings.decisions.acknowledgement,
    )
    return keyed_agent(
        settings, "acknowledgements", role, topic=names.signals, state_type=AcknowledgementState
    )
