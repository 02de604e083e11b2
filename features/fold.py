"""Fold a batch of one partition's records into its technicians' states, and say what follows from them.

Two passes, so that geometry is asked once for the whole batch: the first takes records in until they are
clean and in order, the second folds them by the steps of `features/technician.py`. What follows is
attributed to the record that released it, the first pass before the second, and a tick's own time last.
Nothing depends on where a batch is cut: the states carry all that waits.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from features import intake, silence, technician
from features.cleaning import Kept
from features.events import Conclusion
from features.fence_index import FenceIndex
from features.fix import Sighting
from features.geo import cell_of
from features.moment import Moment, Record, Said, Seen
from features.motion import SILENT
from features.params import TelemetryParams
from features.reception import Reception
from features.rejection import Rejection
from features.silence import is_silence
from features.technician import PartitionState, TechnicianState, World
from features.transition import Outdated

__all__ = ["Folded", "Record", "fold"]


class Folded(msgspec.Struct, frozen=True):
    """What a batch made. `technicians` are only those that changed.

    `conclusions` are by the offset of the record that released them, in order. `rejections` are by the
    offset of the record refused: where `Rejection.refused` is set, that may be one of an earlier batch.
    """

    technicians: dict[str, TechnicianState]
    partition_state: PartitionState
    conclusions: list[tuple[int, tuple[Conclusion, ...]]]
    rejections: list[tuple[int, Rejection]]


def fold(
    technicians: Mapping[str, TechnicianState],
    partition_state: PartitionState,
    records: Sequence[Record],
    fences: FenceIndex,
    params: TelemetryParams,
) -> Folded:
    """Fold records in the order of their offsets."""
    reception = Reception(technicians, partition_state, params)
    reception.take_in(records)
    changed = _fold_cleaned(technicians, reception, World(fences, params))
    for offset, ticked in reception.ticked:
        reception.conclude(offset, ticked)
    for name, taken in reception.intakes.items():
        state = changed.get(name) or technicians.get(name) or TechnicianState(name)
        due_ms = intake.due_ms(taken, params)
        cell = _cell(state, technicians.get(name), params.cell_resolution)
        changed[name] = replace(state, intake=intake.stored(taken), due_ms=due_ms, cell=cell)
    return Folded(
        changed,
        _partition(partition_state, reception),
        [(offset, tuple(made)) for offset, made in sorted(reception.conclusions.items())],
        [(refused, why) for _, refused, why in sorted(reception.rejections, key=lambda one: one[0])],
    )


def _fold_cleaned(
    technicians: Mapping[str, TechnicianState], reception: Reception, world: World
) -> dict[str, TechnicianState]:
    """The second pass. Returns who changed."""
    changed: dict[str, TechnicianState] = {}
    sightings, limits = _sighted(reception, world.fences), world.params.silence
    for offset, name, cleaned in reception.cleaned:
        before = changed.get(name) or technicians.get(name) or TechnicianState(name)
        moment: Moment = _seen(before, cleaned, next(sightings), limits) if type(cleaned) is Kept else cleaned
        changed[name], made = technician.advance(before, moment, world)
        for one in made:
            if type(one) is Outdated:
                reception.counts["outdated_statuses"] += 1
            elif type(one) is not Rejection:
                reception.conclude(offset, one)
            elif type(moment) is Said:
                reception.reject(offset, moment.offset, one)
    return changed


def _sighted(reception: Reception, fences: FenceIndex) -> Iterator[tuple[Sighting, ...]]:
    """What each kept fix of the batch sees, in their order."""
    kept = [cleaned for _, _, cleaned in reception.cleaned if type(cleaned) is Kept]
    return iter(fences.sight([one.fix for one in kept], [one.before for one in kept]))


def _seen(
    state: TechnicianState, kept: Kept, sightings: tuple[Sighting, ...], params: silence.Params
) -> Seen:
    fix, before = kept.fix, state.fix
    silent_ms = 0
    if before is not None and state.motion.kind in SILENT:
        # A silence that only the clock concluded is none between fixes that lie near each other in time.
        gap_ms = fix.time_ms - before.time_ms
        silent_ms = gap_ms if is_silence(gap_ms, params) else 0
    speed_mps = None
    if kept.before is not None and not silent_ms:
        speed_mps = kept.moved_m * 1000 / (fix.time_ms - kept.before.time_ms)
    return Seen(fix, kept.moved_m, speed_mps, silent_ms, sightings, kept.source)


def _cell(state: TechnicianState, stored: TechnicianState | None, resolution: int) -> str | None:
    """The H3 cell of the last fix. Only what is stored has one: nothing in between asks for it."""
    fix = state.fix
    if fix is None:
        return None
    known = None if stored is None else stored.fix
    if known is fix or (known is not None and fix.lat == known.lat and fix.lon == known.lon):
        return state.cell
    return cell_of(fix.lat, fix.lon, resolution)


def _partition(before: PartitionState, reception: Reception) -> PartitionState:
    counts = dict(before.counts)
    for name, count in reception.counts.items():
        counts[name] = counts.get(name, 0) + count
    clock = reception.clock
    return PartitionState(clock.now_ms, counts, clock.received_ms, clock.held, reception.seen)
