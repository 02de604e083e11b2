"""Records as aiokafka's parser makes them, without the copy that aiokafka then makes of each.

The copy is a frozen dataclass of eleven fields; making it takes longer than everything else that happens
to a record on its way to an agent. The parser's own records have all that an agent reads.
"""

from typing import Any

from aiokafka.consumer import fetcher


class PlainRecords(fetcher.PartitionRecords):
    """aiokafka's reader of one partition's fetched batches."""

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        return record


def install() -> None:
    """For all consumers of this process: aiokafka names the class at one place, and has no setting for it."""
    fetcher.PartitionRecords = PlainRecords
