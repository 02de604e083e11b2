"""What a word about a status means, given what is known already."""

from collections.abc import Collection
from typing import Literal, final

import msgspec

Verdict = Literal["goes", "same", "outdated", "impossible"]


@final
class Outdated(msgspec.Struct, frozen=True):
    """A word about a time before what is known. It changes nothing and is counted."""


OUTDATED = Outdated()


def judge(
    before: str | None,
    since_ms: int,
    after: str,
    time_ms: int,
    possible: Collection[str],
    following: Collection[str],
) -> Verdict:
    """`possible` may follow `before`, which is known since `since_ms`; `following` may follow `after`.

    A word that repeats what is known says nothing new, one from before it is outdated: no errors. At one
    and the same time, a word that what is known may follow was said before it.
    """
    if after == before:
        return "same"
    if time_ms < since_ms:
        return "outdated"
    if after in possible:
        return "goes"
    return "outdated" if time_ms == since_ms and before in following else "impossible"
