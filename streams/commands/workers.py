"""`headway worker ROLE`: one worker process."""

from streams.settings import Settings


def run_role(role: str, settings: Settings, *, ticks: bool) -> int:
    """Run until SIGINT or SIGTERM; the exit code."""
    if role == "http":
        from streams.commands.ingest import serve_http

        serve_http(settings)
        return 0
    from streams.bootstrap import run_telemetry

    return run_telemetry(settings, ticks=ticks)
