"""What a word about a status means, given what is known already."""

from collections.abc import Collection
from typing import Literal

Verdict = Literal["goes", "same", "outdated", "impossible"]


def judge(before: str | None, since_ms: int, after: str, time_ms: int, possible: Collection[str]) -> Verdict:
    """`possible` names what may follow `before`, which is known since `since_ms`.

    A word that repeats what is known says nothing new, one from before it is outdated: no errors.
    """
    if after == before:
        return "same"
    if time_ms < since_ms:
        return "outdated"
    if after in possible:
        return "goes"
    return "outdated" if time_ms == since_ms else "impossible"
