"""Distances and crossings against plain geometry, in metres around one place."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.fences import prepare
from features.fix import Sighting
from tests.support.fences import Place, area, at, circle, index_of, reach_m, sight

PLACES = st.tuples(st.floats(-800, 800), st.floats(-800, 800))
CIRCLES = st.tuples(PLACES, st.floats(20, 400))


@st.composite
def stars(draw: st.DrawFn) -> list[Place]:
    """A ring without self-intersection: vertices around a middle, by their angle."""
    east, north = draw(PLACES)
    spans = draw(st.lists(st.floats(50, 500), min_size=3, max_size=9))
    angles = [2 * math.pi * n / len(spans) for n in range(len(spans))]
    return [
        (east + span * math.cos(angle), north + span * math.sin(angle))
        for span, angle in zip(spans, angles, strict=True)
    ]


def edges(ring: list[Place]) -> list[tuple[Place, Place]]:
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def apart_m(place: Place, edge: tuple[Place, Place]) -> float:
    (x1, y1), (x2, y2) = edge
    length2 = (x2 - x1) ** 2 + (y2 - y1) ** 2
    along = (place[0] - x1) * (x2 - x1) + (place[1] - y1) * (y2 - y1)
    share = min(1.0, max(0.0, along / length2)) if length2 else 0.0
    return math.hypot(place[0] - x1 - share * (x2 - x1), place[1] - y1 - share * (y2 - y1))


def in_ring(place: Place, ring: list[Place]) -> bool:
    """Even-odd rule."""
    x, y = place
    crossings = [
        (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1) if y1 != y2 else False
        for (x1, y1), (x2, y2) in edges(ring)
    ]
    return sum(crossings) % 2 == 1


def side(a: Place, b: Place, c: Place) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def meet(one: tuple[Place, Place], other: tuple[Place, Place]) -> bool:
    return side(*one, other[0]) * side(*one, other[1]) < 0 and side(*other, one[0]) * side(*other, one[1]) < 0


def check(seen: tuple[Sighting, ...], beyond_m: float, reach: float, cut: bool | None) -> None:
    """Compare, but for what is decided within half a metre. `cut` is None where that is too close to call."""
    found = seen[0] if seen else None
    if found is not None and beyond_m > 0.5:
        assert found.beyond_m == pytest.approx(beyond_m, abs=0.5)
    if beyond_m < -0.5:
        assert found is not None
        assert found.beyond_m <= 0
    if cut is not None:
        assert (found is not None and found.crossed) == cut
        if abs(beyond_m - reach) > 0.5 and not cut:
            assert (found is not None) == (beyond_m < reach)


@given(CIRCLES, PLACES, PLACES)
@settings(max_examples=300)
def test_circles_agree_with_brute_force(drawn: tuple[Place, float], start: Place, end: Place) -> None:
    middle, radius_m = drawn
    beyond_m, from_m = math.dist(end, middle) - radius_m, math.dist(start, middle) - radius_m
    past_m = apart_m(middle, (start, end)) - radius_m
    close = min(abs(beyond_m), abs(from_m), abs(past_m)) < 0.5 or abs(math.dist(start, end) - 5) < 0.1
    cut = beyond_m > 0 and from_m > 0 and past_m < 0 and math.dist(start, end) > 5
    seen = sight([circle("site", middle, radius_m)], at(*end, 10), before=at(*start))
    check(seen, beyond_m, reach_m("customer_site", radius_m), None if close else cut)


@given(stars(), PLACES, PLACES)
@settings(max_examples=300)
def test_outlines_agree_with_brute_force(ring: list[Place], start: Place, end: Place) -> None:
    away_m = {place: min(apart_m(place, edge) for edge in edges(ring)) for place in (start, end)}
    inside = {place: in_ring(place, ring) for place in (start, end)}
    nearest_m = min(apart_m(vertex, (start, end)) for vertex in ring)
    close = min(*away_m.values(), nearest_m) < 0.5 or abs(math.dist(start, end) - 5) < 0.1
    cuts = any(meet((start, end), edge) for edge in edges(ring)) and math.dist(start, end) > 5
    cut = cuts and not inside[start] and not inside[end]
    fence = area("yard", ring)
    seen = sight([fence], at(*end, 10), before=at(*start))
    beyond_m = -away_m[end] if inside[end] else away_m[end]
    check(seen, beyond_m, reach_m("territory", prepare(fence).radius_m), None if close else cut)


@given(st.lists(st.one_of(CIRCLES, stars()), max_size=8), st.lists(PLACES, min_size=1, max_size=12))
def test_a_batch_among_many_fences_sees_what_each_fix_sees_alone(
    drawn: list[tuple[Place, float] | list[Place]], places: list[Place]
) -> None:
    fences = [
        circle(f"f{n}", *one) if isinstance(one, tuple) else area(f"f{n}", one) for n, one in enumerate(drawn)
    ]
    fixes = [at(*place, time_s=10.0 * n) for n, place in enumerate(places)]
    before = [None, *fixes[:-1]]
    alone = [
        tuple(sighting for fence in fences for sighting in sight([fence], fix, start))
        for fix, start in zip(fixes, before, strict=True)
    ]
    assert index_of(fences).sight(fixes, before) == alone
