"""Faust with chunks: one Faust message is all that one fetch brought for one partition.

| file | what it is |
|---|---|
| `agent.py` | what an agent gets (`Chunk`) and has to have (`ChunkAgent`) |
| `worker.py`, `options.py` | `run_worker`: one role's worker, of one log or several, from start to exit code |
| `app.py` | the Faust app of a worker |
| `handover.py` | carries chunks from Faust to the agent and remembers which are done |
| `placing.py` | where reading begins in a partition: at the position stored with the state |
| `consumer.py`, `schema.py`, `records.py` | the parts of Faust and aiokafka that are replaced |
| `compat.py` | whether this Faust has them |
| `waiting.py` | waiting for a dependency that is away |
| `logs.py`, `outage.py` | what an operator gets to read, also while the broker is away |
"""

from streams.chunks.agent import Chunk, ChunkAgent
from streams.chunks.options import WorkerOptions
from streams.chunks.waiting import retrying
from streams.chunks.worker import Log, run_worker

__all__ = ["Chunk", "ChunkAgent", "Log", "WorkerOptions", "retrying", "run_worker"]
