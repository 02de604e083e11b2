"""Header names that are no text, on a real Kafka: they lose nothing, double nothing and stop nobody."""

import pytest

from tests.support.transport import RawName, Reader, make_topic, options, publish, running, until

pytestmark = pytest.mark.kafka


@pytest.mark.parametrize("compression", [None, "gzip"])
@pytest.mark.parametrize("chunk_records", [7, 4_000])
async def test_what_stands_around_them_arrives_once_and_in_order(
    kafka: str, namespace: str, compression: str | None, chunk_records: int
) -> None:
    make_topic(kafka, namespace, partitions=1)
    for first in range(0, 100, 10):
        odd = [(RawName(b"tr\xffce"), b"1"), ("good", b"")] if first in (20, 30, 70) else []
        publish(kafka, namespace, range(first, first + 10), 1, odd, compression_type=compression)
    reader = Reader()
    async with running(options(kafka, namespace, chunk_records=chunk_records), reader) as run:
        await until(lambda: len(reader.numbers()) >= 100, "all are read")
        publish(kafka, namespace, [100], 1)
        await until(lambda: reader.numbers()[-1] == 100, "what comes later is read")
        assert await run.stop() == 0
    assert reader.numbers() == list(range(101))
    records = {record.offset: record for chunk in reader.chunks for record in chunk.records}
    assert list(records[25].headers) == [("tr\\xffce", b"1"), ("good", b"")]
    assert list(records[45].headers) == []
