"""What happened, in a person's words."""

from features.events import Cause, FenceEvent, MotionChanged, Signal, StatusChanged
from features.plan_events import PlanChanged, ProposalClosed
from features.territory_events import AcknowledgementChanged, RejectProposal, RiskChanged, TerritoryInbound
from streams.dashboard.sentences import Sentence, sentence
from tests.support.board_day import at

CAUSE = Cause("t", 0, 0, 0)
NAMES = {"jansen": "Jansen", "garcia": "Garcia", "old-mill": "Old Mill"}
PLANNED = {"A-92": at(10)}


def told(event: object) -> Sentence | None:
    said = event if isinstance(event, TerritoryInbound | ProposalClosed | PlanChanged) else signal(event)
    return sentence(said, NAMES, PLANNED)


def signal(event: object) -> Signal:
    return Signal(id="s", cause=CAUSE, event=event)  # type: ignore[arg-type]


def text(event: object) -> str | None:
    said = told(event)
    return None if said is None else said.text


def risk(level: str | None, before: str | None = None) -> RiskChanged:
    return RiskChanged(
        territory="t", time_ms=0, cause=CAUSE, technician="garcia", appointment="A-1",
        level=level, before=before, probability=0.6,  # type: ignore[arg-type]
    )  # fmt: skip


def test_an_arrival_says_whether_it_was_planned_so() -> None:
    early = StatusChanged("jansen", at(9.95), "en_route", "on_site", "A-92")
    assert text(early) == "Jansen arrived at A-92, 3 min early"
    assert (
        text(StatusChanged("jansen", at(10.5), "en_route", "on_site", "A-92"))
        == "Jansen arrived at A-92, 30 min late"
    )


def test_fences_of_customers_are_left_to_the_appointment() -> None:
    site = FenceEvent("jansen", 0, 0, "s", 1, "customer_site", "entered", 0.0, 0.0)
    breach = FenceEvent("jansen", 0, 0, "old-mill", 1, "no_go", "breached", 0.0, 0.0, "no_go")
    assert text(site) is None
    assert text(breach) == "Jansen entered the no-go area Old Mill"


def test_only_the_longer_silence_is_told() -> None:
    assert text(MotionChanged("jansen", 0, 0, "NO_DATA", 0.0, 0.0)) is None
    assert text(MotionChanged("jansen", 0, 0, "OFFLINE", 0.0, 0.0)) == "Jansen is offline"


def test_what_is_only_watched_is_left_to_the_list() -> None:
    assert text(risk("WATCH")) is None
    assert text(risk("AT_RISK", "WATCH")) == "A-1 with Garcia is at risk, 60\u00a0%, median 0 min"
    assert text(risk("WATCH", "AT_RISK")) == "A-1 with Garcia is only watch now, 60\u00a0%"
    assert text(risk(None, "CRITICAL")) == "A-1 with Garcia is on time again"


def test_a_sentence_links_to_what_it_is_about() -> None:
    late = AcknowledgementChanged(
        territory="t", time_ms=0, cause=CAUSE, technician="garcia", appointment="A-1", stage="reminded"
    )
    said = told(late)
    assert said is not None
    assert said.text == "Garcia has not acknowledged A-1; reminder sent"
    assert (said.technician, said.appointment) == ("garcia", "A-1")


def test_decisions_say_who_and_why() -> None:
    rejected = RejectProposal(territory="t", time_ms=0, by="Kim", proposal="p", why="too many changes")
    assert text(rejected) == "Kim rejected the proposal: too many changes"
    closed = ProposalClosed(id="c", territory="t", time_ms=0, cause=CAUSE, proposal="p", outcome="expired")
    assert text(closed) == "The proposal expired"


def test_what_was_retracted_is_not_told() -> None:
    event = MotionChanged("jansen", 0, 0, "OFFLINE", 0.0, 0.0)
    assert sentence(Signal(id="s", cause=CAUSE, event=event, retracts="other"), NAMES, PLANNED) is None
