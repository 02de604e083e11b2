"""Whatever changes a plan, the feed has words for it: without them it would end there."""

from typing import get_args, get_type_hints

from features.plan_events import PlanChanged, Trigger
from streams.dashboard import sentences


def test_every_reason_for_another_version_has_a_sentence() -> None:
    assert set(sentences.BECAUSE) == set(get_args(get_type_hints(PlanChanged)["because"]))


def test_every_trigger_has_words() -> None:
    assert set(sentences.TRIGGERS) == set(get_args(Trigger))
