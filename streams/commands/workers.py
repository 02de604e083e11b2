"""`headway worker ROLE`: one worker process."""

from streams.chunks import Log
from streams.settings import Settings


def run_role(role: str, settings: Settings, *, ticks: bool) -> int:
    """Run until SIGINT or SIGTERM; the exit code."""
    if role == "http":
        from streams.commands.ingest import serve_http

        serve_http(settings)
        return 0
    from streams.chunks import run_worker

    return run_worker(logs_of(role, settings, ticks=ticks), level=settings.logging.level)


def logs_of(role: str, settings: Settings, *, ticks: bool) -> list[Log]:
    """The logs that a role's worker reads. Each role imports what it is made of, and nothing of the others."""
    if role == "telemetry":
        from streams.assembly import telemetry

        return telemetry.logs(settings, ticks=ticks)
    if role == "risk":
        from streams.assembly import risk

        return risk.logs(settings)
    if role == "rebalance":
        from streams.assembly import rebalance

        return rebalance.logs(settings, ticks=ticks)
    if role == "dispatch":
        from streams.assembly import dispatch

        return dispatch.logs(settings)
    if role == "archive":
        from streams.assembly import archive

        return archive.logs(settings)
    raise AssertionError(f"{role!r} is no role")
