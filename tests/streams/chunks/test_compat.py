"""The Faust that is replaced in parts."""

from collections.abc import AsyncIterator

import pytest
from faust.transport.drivers.aiokafka import Consumer

from streams.chunks import compat
from streams.errors import IncompatibleFaust


def test_the_pinned_faust_has_all_that_is_replaced() -> None:
    compat.check()


def test_another_version_is_named_with_what_to_install() -> None:
    with pytest.raises(IncompatibleFaust, match=r"version 0\.16\.0 is installed.*faust-streaming==0\.15\.3"):
        compat.check("0.16.0")


def test_a_missing_method_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(compat.METHODS[Consumer], "_no_longer_there", ())  # type: ignore[arg-type]
    with pytest.raises(IncompatibleFaust, match=r"Consumer\._no_longer_there is missing"):
        compat.check()


def test_other_parameters_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getmany(self: Consumer, timeout: float, most: int) -> AsyncIterator[None]:
        yield None

    monkeypatch.setattr(Consumer, "getmany", getmany)
    with pytest.raises(
        IncompatibleFaust, match=r"Consumer\.getmany takes \(timeout, most\) instead of \(timeout\)"
    ):
        compat.check()


def test_all_that_is_different_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compat, "ATTRIBUTES", ("_gone",))
    with pytest.raises(IncompatibleFaust, match=r"version 1 is installed; Consumer\._gone is missing"):
        compat.check("1")
