"""`headway plan` and `headway risk`."""

import asyncio
import json

import msgspec
import pytest

from features.territory import TerritoryState
from features.territory_events import AcceptProposal, RejectProposal, RequestRebalance, TerritoryInbound
from models.forecast import RiskState
from streams.adapters.keyed_state import RedisKeyedStore
from streams.adapters.log import LogReader
from streams.adapters.redis_link import RedisLink
from streams.agents.keyed import Meta
from streams.ports import KeyedStep
from streams.settings import Settings
from streams.topics import Topics
from tests.support.cli import Headway, mistake
from tests.support.day_plans import at, proposal, territory, watched


def store(settings: Settings, *territories: TerritoryState) -> None:
    async def storing() -> None:
        link = RedisLink(settings.redis.url)
        days = RedisKeyedStore(link, settings.namespace, "territories", TerritoryState, Meta)
        risks = RedisKeyedStore(link, settings.namespace, "risk", RiskState, Meta)
        await days.commit(KeyedStep(0, None, 1, Meta(), {one.territory: one for one in territories}))
        await risks.commit(KeyedStep(2, None, 1, Meta(), {"ana": watched(a_2=14.25)}))
        await days.close()

    asyncio.run(storing())


def commands(settings: Settings) -> list[object]:
    decoder = msgspec.json.Decoder(TerritoryInbound)
    with LogReader(settings, Topics.of(settings).territories) as reader:
        return [decoder.decode(record.value) for record in reader.to_end()]


def test_show_has_each_route_with_plan_prediction_and_risk(headway: Headway, settings: Settings) -> None:
    store(settings, territory())

    said = headway("plan", "show", "north").lines

    assert said[0] == "north: plan 3 at 10:15, 2 risks"
    assert [line.split() for line in said[2:5]] == [
        ["Ana", "Lund", "a-1", "Repair", "·", "a-1", "09:00-11:00", "09:30", "-", "in", "progress", "-"],
        ["a-2", "Repair", "·", "a-2", "13:00-14:00", "13:00", "14:15", "acknowledged", "at", "risk"],
        ["Bo", "Mäki", "-", "-", "-", "-", "-", "-", "-"],
    ]
    assert said[5].split()[:4] == ["nobody", "a-3", "Leak", "<b>here</b>"]
    assert said[5].split()[-1] == "critical"


def test_show_says_what_is_known_of_days_to_come(headway: Headway, settings: Settings) -> None:
    store(settings, territory(later={"2026-03-18": territory()}))
    assert headway("plan", "show", "north").lines[-1] == "known of 2026-03-18: 2 shifts, 3 appointments"


def test_explain_tells_the_proposal_in_full(headway: Headway, settings: Settings) -> None:
    store(settings, territory(proposal=proposal(unhelped={"a-3": "nobody has the skill gas then"})))

    said = headway("plan", "explain", "north").out

    assert "Give a-2 to Bo Mäki, who is 9 minutes away and free at 12:50" in said
    assert "saves 31 late minutes; price 10; 1 of 1 appointments change technician" in said
    assert "Ana Lund 14:15" in said
    assert "Bo Mäki 13:06" in said
    assert "a-3 can't be helped: nobody has the skill gas then" in said


def test_explain_says_why_there_is_no_proposal(headway: Headway, settings: Settings) -> None:
    store(settings, territory(looked_ms=at(10.1), last_answer={"a-2": "the gain is below its price"}))

    said = headway("plan", "explain", "north").out

    assert "no open proposal; a better plan was last looked for at 10:06" in said
    assert "a-2 can't be helped: the gain is below its price" in said


def test_risks_are_listed_worst_first_over_all_territories(headway: Headway, settings: Settings) -> None:
    worse = msgspec.structs.replace(territory().risks["a-2"], level="CRITICAL", probability=0.9)
    store(settings, territory("north"), territory("south", risks={"a-1": worse}))

    said = headway("risk", "list").lines

    assert said[0] == "4 appointments at risk"
    assert [line.split()[0] for line in said[2:]] == ["critical", "critical", "critical", "at"]
    # Of those nobody serves it is the surest.
    assert all("nobody" in line and "a-3" in line for line in said[2:4])
    assert "overrun at a-1 +22, travel +6" in said[5]
    assert headway("risk", "list", "--territory", "south").lines[0] == "2 appointments at risk"


def test_programs_get_json(headway: Headway, settings: Settings) -> None:
    store(settings, territory(proposal=proposal()))

    assert json.loads(headway("plan", "show", "north", "--json").out)["version"] == 3
    assert json.loads(headway("plan", "explain", "north", "--json").out)["proposal"] == "p-1"
    assert json.loads(headway("risk", "list", "--json").out)["north"]["a-2"]["level"] == "AT_RISK"


def test_decisions_go_to_the_log_of_the_territory(headway: Headway, settings: Settings) -> None:
    store(settings, territory(proposal=proposal()))

    assert "p-1 accepted" in headway("plan", "accept", "north", "--by", "eva").out
    headway("plan", "reject", "north", "--why", "too far")
    headway("plan", "request", "north", "--appointment", "a-3")

    assert commands(settings) == [
        AcceptProposal(territory="north", time_ms=at(10.25), by="eva", proposal="p-1"),
        RejectProposal(territory="north", time_ms=at(10.25), proposal="p-1", why="too far"),
        RequestRebalance(territory="north", time_ms=at(10.25), appointments=("a-3",)),
    ]


def test_what_is_not_there_is_named_with_what_to_do(headway: Headway, settings: Settings) -> None:
    store(settings, territory())

    assert "territory 'west' has no plan today; there is north" in mistake(headway("plan", "show", "west"))
    assert "north has no open proposal; `headway plan explain north`" in mistake(
        headway("plan", "accept", "north")
    )
    assert "appointment 'zz' is not one of north's" in mistake(
        headway("plan", "request", "north", "--appointment", "zz")
    )


@pytest.mark.usefixtures("settings")
def test_where_no_territory_is_known_it_says_how_one_comes_in(headway: Headway) -> None:
    assert "none yet: `headway simulate --live`" in mistake(headway("plan", "show", "west"))
    assert headway("risk", "list").lines == ["nothing is at risk in 0 territories"]
