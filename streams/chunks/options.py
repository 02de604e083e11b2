"""How one worker reads."""

import msgspec


class WorkerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`group` shares the partitions of `topic` among all workers that name it."""

    role: str
    group: str
    bootstrap: str
    topic: str
    chunk_records: int = 4_000
    """The most records in a chunk."""
    fetch_bytes: int = 1_048_576
    """The most that one fetch brings of a partition; a record that is larger comes alone."""
    fetch_wait_ms: int = 100
    """How long the broker holds a fetch when there is nothing new."""
    waiting_chunks: int = 2
    """How many chunks wait in memory while the agent is busy; reading pauses then."""
    commit_every_s: float = 1.0
    session_timeout_s: float = 8.0
    """A worker that has not been heard of for so long is dead to the group. The broker's least is 6 s."""
    heartbeat_every_s: float = 2.0
    rebalance_timeout_s: float = 30.0
    """How long the group waits for a worker that has to give up its partitions."""
    idle_timeout_s: float = 3_600.0
    """A worker that takes nothing for so long, though there is something, leaves the group."""
    settle_s: float = 5.0
    """How long the chunk at hand may take to end when partitions are revoked or the worker stops."""
    stop_within_s: float = 15.0
    tick_every_s: float | None = None
    parent_pid: int | None = None
    """Stop when this process, which started us, is gone."""
