"""The noise is what its formula says."""

import numpy as np
import pytest

from streams.simulator.delivery import STORE_AND_FORWARD, DeliveryParams, received_ms, repeats
from streams.simulator.noise import Cause, Device, Fixes, NoiseParams, gauss_markov, measure, sample_times
from streams.simulator.seeds import generator
from streams.simulator.track import Track

HOUR_MS = 3_600_000
HOURS = 200


def standing(ignition: bool = True, hours: float = HOURS) -> Track:
    """A vehicle that stands at (0, 0)."""
    still = np.zeros(2)
    switched = ((0.0, True),) if ignition else ()
    return Track(np.array([0, hours * HOUR_MS]), still, still, still, np.empty((0, 2)), switched, ())


def standing_piece(begin_ms: float) -> Track:
    """Two minutes of it, with the engine on."""
    still, ends_ms = np.zeros(2), np.array([begin_ms, begin_ms + 120_000])
    return Track(ends_ms, still, still, still, np.empty((0, 2)), ((begin_ms, True),), ())


def driving(hours: float = HOURS) -> Track:
    """A vehicle that drives east at 10 m/s."""
    ends_ms = np.array([0, hours * HOUR_MS])
    speed = np.array([10.0, 10.0])
    return Track(ends_ms, ends_ms / 100, np.zeros(2), speed, np.array([ends_ms]), ((0.0, True),), ())


def clean() -> NoiseParams:
    """Jitter and nothing else."""
    return NoiseParams(
        white_sigma_m=0.0,
        poor_sky_per_h=0.0,
        coarse_share=0.0,
        multipath_share=0.0,
        null_island_share=0.0,
        tunnel_per_driving_h=0.0,
        outage_per_h=0.0,
        far_ahead_share=0.0,
        clock_ahead_share=0.0,
        clock_sigma_s=0.0,
    )


def measured(track: Track, params: NoiseParams) -> Fixes:
    return measure(track, generator(1, "test"), params)


def share(fixes: Fixes, cause: Cause) -> float:
    return float(((fixes.causes & cause) > 0).mean())


def test_jitter_has_its_sigma_and_forgets_in_its_time() -> None:
    params = clean()
    fixes = measured(standing(), params)
    assert fixes.x.std() == pytest.approx(params.jitter_sigma_m, rel=0.05)
    assert fixes.y.std() == pytest.approx(params.jitter_sigma_m, rel=0.05)
    steps = round(params.jitter_tau_s / params.standing_every_s)
    kept = np.corrcoef(fixes.x[:-steps], fixes.x[steps:])[0, 1]
    assert kept == pytest.approx(np.exp(-1), abs=0.03)


def test_jitter_does_not_depend_on_how_often_one_looks() -> None:
    params = clean()
    for every_ms in (1_000, 30_000):
        times = np.arange(0, 60_000 * 10_000, every_ms)[:100_000]
        error = gauss_markov(times, np.ones(len(times)), generator(2, every_ms), params)
        assert error.std() == pytest.approx(params.jitter_sigma_m, rel=0.08)


def test_reported_accuracy_covers_two_thirds_of_the_errors() -> None:
    fixes = measured(standing(), clean())
    assert (np.hypot(fixes.x, fixes.y) < fixes.accuracy_m).mean() == pytest.approx(0.68, abs=0.05)


def test_rates_are_those_of_the_parameters() -> None:
    params = NoiseParams(
        coarse_share=0.02, multipath_share=0.01, null_island_share=0.005, far_ahead_share=0.005
    )
    fixes = measured(driving(), params)
    assert share(fixes, Cause.COARSE) == pytest.approx(0.02, rel=0.1)
    # Three in ten catch the next fix as well.
    assert share(fixes, Cause.MULTIPATH) == pytest.approx(0.013, rel=0.1)
    assert share(fixes, Cause.NULL_ISLAND) == pytest.approx(0.005, rel=0.15)
    assert share(fixes, Cause.FAR_AHEAD) == pytest.approx(0.005, rel=0.15)
    poor_sky = params.poor_sky_per_h * params.poor_sky_mean_s / 3_600
    assert share(fixes, Cause.POOR_SKY) == pytest.approx(poor_sky, rel=0.4)


def test_reflections_are_far_off_with_an_accuracy_that_hides_it() -> None:
    params = NoiseParams(multipath_share=0.02)
    fixes = measured(standing(), params)
    hit = (fixes.causes & Cause.MULTIPATH) > 0
    away = np.hypot(fixes.x, fixes.y)[hit]
    assert away.min() > params.multipath_min_m - 100
    assert away.max() < params.multipath_max_m + 100
    assert np.median(fixes.accuracy_m[hit]) < 10


def test_tunnels_and_outages_take_their_share() -> None:
    params = NoiseParams(tunnel_per_driving_h=1.0, outage_per_h=0.2)
    track = driving()
    fixes, planned = measured(track, params), len(sample_times(track, params))
    mean_tunnel_s = (params.tunnel_min_s + params.tunnel_max_s) / 2
    mean_outage_s = (params.outage_min_s + params.outage_max_s) / 2
    assert fixes.unsent["tunnel"] / planned == pytest.approx(mean_tunnel_s / 3_600, rel=0.25)
    assert fixes.unsent["outage"] / planned == pytest.approx(0.2 * mean_outage_s / 3_600, rel=0.5)
    assert len(fixes.true_ms) + sum(fixes.unsent.values()) == planned


def test_nobody_loses_the_sky_in_a_tunnel_while_standing() -> None:
    assert measured(standing(), NoiseParams(tunnel_per_driving_h=9.0)).unsent["tunnel"] == 0


@pytest.mark.parametrize(
    ("track", "every_s"), [(driving(1), 5.0), (standing(hours=1), 15.0), (standing(False, 1), 20.0)]
)
def test_fixes_come_as_often_as_the_vehicle_gives_reason_to(track: Track, every_s: float) -> None:
    assert set(np.diff(sample_times(track, NoiseParams()))) == {every_s * 1000}


def test_some_clocks_run_ahead_all_day() -> None:
    params = NoiseParams(clock_ahead_share=0.3, far_ahead_share=0.0)
    ahead_s = np.array(
        [
            np.median((fixes.device_ms - fixes.true_ms) / 1000)
            for n in range(300)
            for fixes in [measure(standing(hours=0.1), generator(n, "clock"), params)]
        ]
    )
    assert (ahead_s > 15).mean() == pytest.approx(0.3, abs=0.08)
    assert ahead_s[ahead_s < 15].std() == pytest.approx(params.clock_sigma_s, rel=0.2)


def test_most_messages_arrive_in_order_and_none_before_it_was_sent() -> None:
    sent = np.arange(0, 5_000 * 100_000, 5_000)
    arrived = received_ms(sent, generator(1, "delays"), DeliveryParams())
    assert (arrived > sent).all()
    assert np.median(arrived - sent) == pytest.approx(800, rel=0.05)
    assert (np.diff(arrived) >= 0).mean() > 0.99
    assert 0.001 < (arrived - sent > 5_000).mean() < 0.02


def test_a_device_without_network_delivers_all_at_once_afterwards() -> None:
    sent = np.arange(0, 5_000 * 10_000, 5_000)
    params = DeliveryParams(late_share=0.0, offline_per_h=1.0, offline_mean_s=300.0)
    delays_s = (received_ms(sent, generator(1, "offline"), params) - sent) / 1000
    assert (delays_s > 10).mean() == pytest.approx(300 / 3_600, rel=0.5)


def test_store_and_forward_is_as_late_as_the_feed_it_was_measured_on() -> None:
    sent = np.arange(0, 5_000 * 200_000, 5_000)
    draw = generator(1, "feed")
    arrived = received_ms(sent, draw, STORE_AND_FORWARD)
    median, most, nearly_all = np.percentile((arrived - sent) / 1000, [50, 90, 99])
    assert median == pytest.approx(3, rel=0.05)
    assert most == pytest.approx(42, rel=0.1)
    assert nearly_all == pytest.approx(435, rel=0.15)
    which, when = repeats(arrived, draw, STORE_AND_FORWARD)
    assert len(which) / len(sent) == pytest.approx(0.11, rel=0.05)
    assert (when > arrived[which]).all()


def test_a_track_measured_in_pieces_has_the_same_errors_as_the_whole() -> None:
    params = clean()
    device = Device(0, HOURS * HOUR_MS, generator(1, "pieces"), params)
    pieces = [device.measure(standing_piece(n * 120_000.0)) for n in range(4_000)]
    x = np.concatenate([piece.x for piece in pieces])
    times = np.concatenate([piece.true_ms for piece in pieces])
    assert set(np.diff(times)) == {15_000}
    assert x.std() == pytest.approx(params.jitter_sigma_m, rel=0.1)
    # What is forgotten from one fix to the next is the same within a piece and over a seam.
    kept = np.exp(-params.standing_every_s / params.jitter_tau_s)
    seams = np.arange(8, len(x), 8)
    within = np.setdiff1d(np.arange(1, len(x)), seams)
    for later in (seams, within):
        assert np.corrcoef(x[later - 1], x[later])[0, 1] == pytest.approx(kept, abs=0.03)


def test_a_clock_is_off_by_the_same_in_every_piece() -> None:
    device = Device(0, HOUR_MS, generator(3, "clock"), NoiseParams(far_ahead_share=0.0))
    pieces = [device.measure(standing_piece(n * 120_000.0)) for n in range(5)]
    assert len({int(ms) for piece in pieces for ms in piece.device_ms - piece.true_ms}) == 1
