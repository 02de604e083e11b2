"""`headway plan ...` and `headway risk ...`: the day's plan, what is at risk, and what to do about it."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from streams.commands.queries import JsonOption
from streams.errors import BadInput

if TYPE_CHECKING:
    from features.plan_events import Proposal
    from features.territory import TerritoryState
    from features.territory_events import Command
    from models.forecast import RiskState
    from streams.settings import Settings

plan = typer.Typer(help="The day's plan of a territory, and the open proposal.", no_args_is_help=True)
risk = typer.Typer(help="What is going to be late.", no_args_is_help=True)

TerritoryArgument = Annotated[
    str, typer.Argument(metavar="TERRITORY", help="As `headway risk list` names it.")
]
ProposalArgument = Annotated[
    str,
    typer.Argument(
        metavar="[PROPOSAL]",
        help="As the board or `headway plan explain` names it; its beginning is enough. By default the open one.",
        show_default=False,
    ),
]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; it stands in the history.")]


@plan.command("show")
def show(territory: TerritoryArgument, as_json: JsonOption = False) -> None:
    """Each technician's route from now on, with plan, prediction and risk."""
    from features.endangered import endangered
    from streams.commands.plan_text import ROUTE_COLUMNS, hours, routes, told
    from streams.commands.show import count, out, print_table

    settings, state = _state(territory)
    if as_json:
        _print_json(state)
        return
    hour = hours(settings.decisions.time_zone)
    rows = list(routes(state, _risks(settings, state), hour))
    title = f"{territory}: plan {state.version} at {hour(state.clock_ms)}, {count(len(endangered(state)), 'risk')}"
    print_table(title, ROUTE_COLUMNS, rows)
    if state.proposal is not None:
        out.print(f"proposed: {told(state.proposal)}", soft_wrap=True)
    for day, known in sorted(state.later.items()):
        shifts, asked = len(known.roster), len(known.appointments)
        out.print(f"known of {day}: {count(shifts, 'shift')}, {count(asked, 'appointment')}")


@plan.command("explain")
def explain(territory: TerritoryArgument, as_json: JsonOption = False) -> None:
    """The open proposal in full, or why there is none."""
    settings, state = _state(territory)
    if as_json:
        _print_json(state.proposal)
    elif state.proposal is None:
        _say_why_none(state, settings)
    else:
        _say(state, state.proposal, settings)


@plan.command("accept")
def accept(territory: TerritoryArgument, proposal: ProposalArgument = "", by: ByOption = "") -> None:
    """Accept the open proposal: technicians get the new assignments."""
    from features.territory_events import AcceptProposal
    from streams.commands.plan_text import open_proposal

    settings, state = _state(territory)
    name = open_proposal(state, proposal)
    _command(settings, AcceptProposal(territory=territory, time_ms=state.clock_ms, by=by, proposal=name))
    _done(f"{name} accepted; `headway plan show {territory}` shows the new routes")


@plan.command("reject")
def reject(
    territory: TerritoryArgument,
    proposal: ProposalArgument = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="It stands in the history.")] = "",
    by: ByOption = "",
) -> None:
    """Reject the open proposal."""
    from features.territory_events import RejectProposal
    from streams.commands.plan_text import open_proposal

    settings, state = _state(territory)
    name = open_proposal(state, proposal)
    rejected = RejectProposal(territory=territory, time_ms=state.clock_ms, by=by, proposal=name, why=why)
    _command(settings, rejected)
    _done(f"{name} rejected")


@plan.command("request")
def request(
    territory: TerritoryArgument,
    appointment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="APPOINTMENT",
            help="Release this one from the freeze, by its name or its short one; may be repeated.",
        ),
    ] = None,
    by: ByOption = "",
) -> None:
    """Look for a better plan now."""
    from features.territory_events import RequestRebalance
    from streams.commands.plan_text import appointment_named

    settings, state = _state(territory)
    names = tuple(appointment_named(state, one) for one in appointment or ())
    wanted = RequestRebalance(territory=territory, time_ms=state.clock_ms, by=by, appointments=names)
    _command(settings, wanted)
    _done(f"asked for a better plan; `headway plan explain {territory}` says what came of it")


@risk.command("list")
def list_risks(
    territory: Annotated[
        str | None, typer.Option(metavar="TERRITORY", help="Only those of this one.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Every appointment at risk, the worst first."""
    from features.endangered import endangered
    from streams.commands.plan_text import RISK_COLUMNS, hours, risks
    from streams.commands.show import count, out, print_table

    settings, states = _states()
    shown = [_of(states, territory)] if territory else [states[one] for one in sorted(states)]
    if as_json:
        _print_json({state.territory: endangered(state) for state in shown})
        return
    hour = hours(settings.decisions.time_zone)
    rows = sorted((row for state in shown for row in risks(state, hour)), key=lambda ranked: ranked[0])
    if rows:
        print_table(
            count(len(rows), "appointment at risk", "appointments at risk"),
            RISK_COLUMNS,
            [row for _, row in rows],
        )
    else:
        out.print(f"nothing is at risk in {count(len(shown), 'territory', 'territories')}")


def _say(state: "TerritoryState", proposal: "Proposal", settings: "Settings") -> None:
    from streams.commands.plan_text import MOVE_COLUMNS, figures, hours, moves, told
    from streams.commands.show import out, print_table

    hour = hours(settings.decisions.time_zone)
    out.print(f"{proposal.proposal}: {told(proposal)}", soft_wrap=True)
    out.print(f"{figures(proposal)}; expires {hour(proposal.expires_ms)}", soft_wrap=True)
    print_table("", MOVE_COLUMNS, list(moves(state, proposal, hour)))
    for other in proposal.alternatives:
        out.print(f"not {other.source} (saves {other.saves_min:.0f} min): {other.why}", soft_wrap=True)
    _say_unhelped(proposal.unhelped)


def _say_why_none(state: "TerritoryState", settings: "Settings") -> None:
    from streams.commands.plan_text import hours
    from streams.commands.show import out

    hour = hours(settings.decisions.time_zone)
    looked = (
        f"a better plan was last looked for at {hour(state.looked_ms)}"
        if state.looked_ms
        else "no need so far"
    )
    out.print(f"{state.territory} has no open proposal; {looked}", soft_wrap=True)
    _say_unhelped(state.last_answer)


def _say_unhelped(reasons: dict[str, str]) -> None:
    from streams.commands.show import out, plain

    for appointment, why in reasons.items():
        out.print(f"{appointment} can't be helped: {plain(why)}", soft_wrap=True)


def _states() -> "tuple[Settings, dict[str, TerritoryState]]":
    from streams.bootstrap import open_territories
    from streams.commands.settings import running_system

    settings = running_system()

    async def asking() -> "dict[str, TerritoryState]":
        reader = open_territories(settings)
        try:
            return await reader.every()
        finally:
            await reader.close()

    return settings, asyncio.run(asking())


def _state(territory: str) -> "tuple[Settings, TerritoryState]":
    settings, states = _states()
    return settings, _of(states, territory)


def _of(states: "dict[str, TerritoryState]", territory: str) -> "TerritoryState":
    if territory in states:
        return states[territory]
    known = ", ".join(sorted(states)) or "none yet: `headway simulate --live` brings some"
    raise BadInput(f"territory {territory!r} has no plan today; there is {known}")


def _risks(settings: "Settings", state: "TerritoryState") -> "dict[str, RiskState]":
    from streams.bootstrap import open_risks

    async def asking() -> "dict[str, RiskState]":
        reader = open_risks(settings)
        try:
            return await reader.some(state.roster)
        finally:
            await reader.close()

    return asyncio.run(asking())


def _command(settings: "Settings", command: "Command") -> None:
    from streams.adapters.log import write_all
    from streams.codec import encode
    from streams.ports import Message
    from streams.topics import Topics

    topic = Topics.of(settings).territories
    key = command.territory.encode()
    write_all(settings, [Message(topic, key, encode(command), timestamp_ms=command.time_ms)])


def _done(said: str) -> None:
    from streams.commands.show import out

    out.print(said, soft_wrap=True)


def _print_json(what: object) -> None:
    import msgspec

    from streams.commands.show import out

    out.print_json(msgspec.json.encode(what).decode())
