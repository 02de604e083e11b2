"""From what a device measured to the messages it sends, and a count of what went wrong with them."""

import numpy as np

from features.events import Ping
from streams.simulator.fleet import Technician
from streams.simulator.noise import Cause, Fixes
from streams.simulator.plane import Plane

LATE_MS = 5_000


def pings(who: Technician, fixes: Fixes, plane: Plane, first: int = 0) -> list[Ping]:
    """One message a fix, in order of true time, numbered from `first`. What the device does not report is left out."""
    lats, lons = plane.degrees(fixes.x, fixes.y)
    nowhere = (fixes.causes & Cause.NULL_ISLAND) > 0
    columns = zip(
        fixes.device_ms.tolist(),
        np.where(nowhere, 0.0, lats).tolist(),
        np.where(nowhere, 0.0, lons).tolist(),
        np.round(fixes.accuracy_m, 1).tolist(),
        np.round(fixes.speed_mps, 2).tolist(),
        [None if np.isnan(heading) else round(heading, 1) % 360 for heading in fixes.heading_deg.tolist()],
        fixes.ignition.tolist(),
        fixes.pto.tolist(),
        strict=True,
    )
    truck = "bucket_truck" in who.skills
    return [
        Ping(
            technician=who.technician,
            time_ms=time_ms,
            lat=lat,
            lon=lon,
            seq=n if who.has_sequence else None,
            accuracy_m=accuracy_m if who.has_accuracy else None,
            speed_mps=speed_mps,
            heading_deg=heading_deg,
            ignition=ignition if who.has_ignition else None,
            pto=pto if truck else None,
            source="simulator",
        )
        for n, (time_ms, lat, lon, accuracy_m, speed_mps, heading_deg, ignition, pto) in enumerate(
            columns, first
        )
    ]


def counts(fixes: Fixes, received_ms: np.ndarray, repeated: int) -> dict[str, int]:
    """How many were sent, repeated, lost, and touched by each cause. `late`: over 5 s under way."""
    by_cause = {cause.name.lower(): int(((fixes.causes & cause) > 0).sum()) for cause in Cause if cause.name}
    late = int((received_ms - fixes.true_ms > LATE_MS).sum())
    return {"sent": len(fixes.true_ms), "repeats": repeated, "late": late, **by_cause, **fixes.unsent}
