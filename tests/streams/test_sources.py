"""CSV files to pings: columns and units as a source says, and no row lost without a reason."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from features.events import Ping, Status
from streams import config_file, sources
from streams.errors import BadInput, BadSettings
from streams.settings import CONFIGS
from streams.source_config import Source, load
from streams.sources import Batch

HEADER = "van,when,y,x,v"
VANS = """
[columns]
technician = "van"
time = "when"
lat = "y"
lon = "x"
speed = "v"
[units]
speed = "kmh"
"""


def source(**changes: object) -> Source:
    """A source of positions in km/h, with parts of its TOML replaced."""
    columns = {"technician": "van", "time": "when", "lat": "y", "lon": "x", "speed": "v"}
    tree = {"name": "vans", "columns": columns, "units": {"speed": "kmh"}}
    return config_file.convert(tree | changes, Source, "vans.toml")


def read(text: str | bytes, folder: Path, of: Source | None = None) -> Batch:
    """All that comes out of a file with this text."""
    path = folder / "positions.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    batches = list(sources.read(of or source(), path, rows=2))
    return Batch([e for b in batches for e in b.events], [r for b in batches for r in b.rejected])


def test_a_row_becomes_a_ping_in_our_units(tmp_path: Path) -> None:
    batch = read(f"{HEADER}\n7,2015-06-07T08:15:59-05:00,30.163252,-97.7912,36\n", tmp_path)

    assert batch.events == [
        Ping(
            technician="7",
            time_ms=1_433_682_959_000,
            lat=30.163252,
            lon=-97.7912,
            speed_mps=10.0,
            source="vans",
        )
    ]


def test_every_row_comes_out_once_in_the_files_order(tmp_path: Path) -> None:
    rows = [f"{n},2015-06-07T08:15:{n:02}Z,{'x' if n % 4 == 0 else 30},-97,0" for n in range(1, 12)]

    batch = read("\n".join([HEADER, *rows]), tmp_path)

    assert [event.technician for event in batch.events] == ["1", "2", "3", "5", "6", "7", "9", "10", "11"]
    assert [(row.number, row.line.decode()) for row in batch.rejected] == [(5, rows[3]), (9, rows[7])]
    assert [(row.technician, row.time_ms) for row in batch.rejected] == [
        ("4", 1_433_664_904_000),
        ("8", 1_433_664_908_000),
    ]


def test_positions_for_a_replay_are_in_order_of_time_and_keep_bad_rows_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "vans.toml").write_text(VANS)
    rows = [
        "7,2015-06-07T09:00:00Z,30,-97,36",
        "8,2015-06-07T08:00:00Z,x,-97,36",
        "9,2015-06-07T07:00:00Z,0,0,36",
        "?",
    ]
    path = tmp_path / "day.csv"
    path.write_text("\n".join([HEADER, *rows]))

    positions = sources.read_positions(path, "vans", tmp_path)

    assert [position.technician for position in positions] == ["vans", "9", "8", "7"]
    assert [position.value for position in positions[::2]] == [b"?", rows[1].encode()]
    assert [position.speed_mps for position in positions] == [None, 10.0, None, 10.0]


def test_a_replay_wants_no_statuses(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "log.toml").write_text('columns = { technician = "a", time = "b", status = "c" }')

    with pytest.raises(BadInput, match="source 'log' reads statuses"):
        sources.read_positions(tmp_path / "log.csv", "log", tmp_path)


GOOD = ("7", "2015-06-07T08:15:59Z", "30.1", "-97.7", "36")


@pytest.mark.parametrize(
    ("place", "text", "says"),
    [
        (0, "", "van is ''; needed is a name"),
        (0, "T" * 129, "a name of at most 128"),
        (0, "T\t1", "printable"),
        (1, "", "when is ''; needed is a time as iso8601"),
        (1, "yesterday", "when is 'yesterday'"),
        (1, "2015-06-07", "when is '2015-06-07'"),
        (1, "2015-02-30T08:00:00Z", "when is '2015-02-30"),
        (1, "1950-06-07T08:15:59Z", "from 1970 on"),
        (1, "2015-06-07T08:15:59", "needs units.zone"),
        (2, "", "y is ''; needed is a number from -90 to 90"),
        (2, "north", "y is 'north'"),
        (2, "91", "y is '91'"),
        (2, "nan", "y is 'nan'"),
        (3, "-inf", "x is '-inf'; needed is a number from -180 to 180"),
        (3, "1_0", "x is '1_0'"),
        (4, "-1", "v is '-1'; needed is a number from 0"),
        (4, "fast", "v is 'fast'"),
    ],
)
def test_a_bad_cell_is_named_with_its_column_and_what_is_needed(
    place: int, text: str, says: str, tmp_path: Path
) -> None:
    line = ",".join([*GOOD[:place], text, *GOOD[place + 1 :]])

    batch = read(f"{HEADER}\n{line}\n{','.join(GOOD)}\n", tmp_path)

    (row,) = batch.rejected
    assert (row.number, row.line, row.rejection.reason) == (2, line.encode(), "malformed")
    assert says in row.rejection.detail
    assert len(batch.events) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"7,2015-06-07T08:15:59Z,30.1,-97.7", "4 fields where the header has 5"),
        (b"7,2015-06-07T08:15:59Z,30.1,-97.7,36,", "6 fields where the header has 5"),
        (b'"7,2015-06-07T08:15:59Z,30.1,-97.7,36', "not CSV"),
        (b'7,"2015"-06-07T08:15:59Z,30.1,-97.7,36', "not CSV"),
        (b"\xff,2015-06-07T08:15:59Z,30.1,-97.7,36", "not utf-8: byte 0xff at 0"),
    ],
)
def test_a_bad_line_takes_no_other_with_it(line: bytes, says: str, tmp_path: Path) -> None:
    good = ",".join(GOOD).encode()

    batch = read(b"\r\n".join([HEADER.encode(), good, line, good]), tmp_path)

    (row,) = batch.rejected
    assert (row.number, row.line) == (3, line)
    assert says in row.rejection.detail
    assert len(batch.events) == 2


def test_empty_lines_are_no_rows(tmp_path: Path) -> None:
    batch = read(f"{HEADER}\n\n{','.join(GOOD)}\n  \n", tmp_path)

    assert (len(batch.events), batch.rejected) == (1, [])


def test_quotes_spaces_and_the_mark_of_utf8_are_understood(tmp_path: Path) -> None:
    text = '\ufeffvan, when ,y,x,v\n"van 7, north", 2015-06-07T08:15:59Z ,30.1,"-97.7",\n'

    (ping,) = read(text, tmp_path).events

    assert (ping.technician, ping.lon, ping.speed_mps) == ("van 7, north", -97.7, None)


def test_a_gzip_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    packed = gzip.compress(f"{HEADER}\n{','.join(GOOD)}\n".encode())

    assert len(read(packed, tmp_path).events) == 1


@pytest.mark.parametrize(
    ("units", "text", "moment"),
    [
        ({}, "2015-06-07 08:15:59.5+0000", datetime(2015, 6, 7, 8, 15, 59, 500_000, UTC)),
        ({"zone": "America/Chicago"}, "2015-06-07T08:15", datetime(2015, 6, 7, 13, 15, tzinfo=UTC)),
        ({"zone": "America/Chicago"}, "2015-06-07T08:15Z", datetime(2015, 6, 7, 8, 15, tzinfo=UTC)),
        ({"time": "unix_s"}, "1433664959.25", datetime(2015, 6, 7, 8, 15, 59, 250_000, UTC)),
        ({"time": "unix_ms"}, "1433664959250", datetime(2015, 6, 7, 8, 15, 59, 250_000, UTC)),
        (
            {"time": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"},
            "07.06.2015 10:15",
            datetime(2015, 6, 7, 8, 15, tzinfo=UTC),
        ),
        ({"time": "%d.%m.%Y %H:%M %z"}, "07.06.2015 10:15 +0200", datetime(2015, 6, 7, 8, 15, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_the_source_declares(
    units: dict[str, str], text: str, moment: datetime, tmp_path: Path
) -> None:
    batch = read(f"{HEADER}\n7,{text},30,-97,0\n", tmp_path, source(units={"speed": "kmh", **units}))

    assert [event.time_ms for event in batch.events] == [round(moment.timestamp() * 1000)]


def test_an_hour_that_a_clock_shows_twice_is_refused_not_guessed(tmp_path: Path) -> None:
    local = source(units={"speed": "kmh", "zone": "America/Chicago"})

    batch = read(f"{HEADER}\n7,2015-11-01T01:30:00,30,-97,0\n", tmp_path, local)

    assert len(batch.rejected) == 1


@pytest.mark.parametrize(
    ("unit", "mps"), [("mps", 100.0), ("kmh", 27.778), ("mph", 44.704), ("knots", 51.444)]
)
def test_speeds_are_metres_a_second_whatever_the_source_has(unit: str, mps: float, tmp_path: Path) -> None:
    batch = read(f"{HEADER}\n{','.join(GOOD[:4])},100\n", tmp_path, source(units={"speed": unit}))

    assert batch.events[0].speed_mps == pytest.approx(mps, abs=1e-3)


def test_every_column_that_a_ping_can_have(tmp_path: Path) -> None:
    columns = {
        name: name
        for name in ("technician", "time", "lat", "lon", "heading", "accuracy", "seq", "ignition", "pto")
    }
    full = source(columns=columns, units={"accuracy": "ft"}, technician_prefix="van-", missing=["NA"])
    text = f"{','.join(columns)}\n7,2015-06-07T08:15:59Z,30,-97,359.5,10,9007199254740993,on,NA\n"

    (ping,) = read(text, tmp_path, full).events

    assert (ping.technician, ping.heading_deg, ping.seq) == ("van-7", 359.5, 9_007_199_254_740_993)
    assert (ping.accuracy_m, ping.ignition, ping.pto) == (pytest.approx(3.048), True, None)


def test_a_file_of_statuses_speaks_its_own_words(tmp_path: Path) -> None:
    log = source(
        columns={"technician": "who", "time": "when", "status": "what", "appointment": "job"},
        units={},
        statuses={"Arrived": "on_site", "Clocked in": "on_shift"},
    )
    text = (
        "who,when,what,job\nT1,2015-06-07T08:00:00Z,Clocked in,\nT1,2015-06-07T09:00:00Z,Arrived,A7\n"
        "T1,2015-06-07T09:30:00Z,Lunch,\n"
    )

    batch = read(text, tmp_path, log)

    assert [(event.status, event.appointment) for event in batch.events if isinstance(event, Status)] == [
        ("on_shift", None),
        ("on_site", "A7"),
    ]
    assert "what is 'Lunch'; needed is one of Arrived, Clocked in" in batch.rejected[0].rejection.detail


def test_what_comes_out_is_what_the_codec_would_accept(tmp_path: Path) -> None:
    for event in read(f"{HEADER}\n{','.join(GOOD)}\n", tmp_path).events:
        assert msgspec.json.decode(msgspec.json.encode(event), type=Ping) == event


def test_a_frame_is_read_like_a_file() -> None:
    frame = pd.DataFrame(
        {"van": [7, 8], "when": [GOOD[1]] * 2, "y": [30.1, None], "x": [-97.7] * 2, "v": [36, 0]}
    )

    batch = sources.convert(source(), frame)

    assert [(event.technician, event.speed_mps) for event in batch.events] == [("7", 10.0)]
    assert "y is ''" in batch.rejected[0].rejection.detail


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("van,when,y,x\n", "no column 'v', which columns.speed of source 'vans' names; it has 'van', 'when'"),
        ("van,when,y,x,v,v\n", "several columns 'v'"),
        ("van,when\n".encode("utf-16"), "UTF-16"),
        (b"\xff\n", "the first line"),
        (gzip.compress(b"van,when,y,x,v\n" * 100, mtime=0)[:-9], "is broken"),
    ],
)
def test_a_file_of_another_kind_is_refused_at_once(text: str | bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=says):
        read(text, tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.csv can't be read"):
        list(sources.read(source(), tmp_path / "nowhere.csv"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"units": {}}, "columns.speed needs units.speed: one of mps, kmh, mph, knots"),
        ({"units": {"speed": "furlongs"}}, "units.speed is 'furlongs'"),
        ({"units": {"speed": "mph", "zone": "Texas"}}, "units.zone 'Texas' is no time zone"),
        ({"units": {"speed": "mph", "time": "%H:%M"}}, "units.zone must say where the clocks stand"),
        ({"units": {"speed": "mph", "time": "epoch"}}, "units.time is 'epoch'"),
        ({"columns": {"technician": "van", "time": "when"}}, "needs 'lat' and 'lon'"),
        ({"columns": {"technician": "van", "lat": "y", "lon": "x"}}, "columns needs 'time'"),
        ({"colums": {}}, "has no 'colums'; there is about, columns"),
        ({"statuses": {"Arrived": "there"}}, "there"),
    ],
)
def test_a_source_that_cannot_work_says_what_to_mend(changes: dict[str, object], says: str) -> None:
    with pytest.raises(BadSettings) as caught:
        source(**changes)

    assert str(caught.value).startswith("vans.toml: ")
    assert says in str(caught.value)


def test_an_unknown_source_names_those_that_are_there() -> None:
    with pytest.raises(BadSettings, match=r"no source 'buses'.*capmetro_2015, capmetro_2017"):
        load("buses", CONFIGS)


@pytest.mark.parametrize(("name", "unit"), [("capmetro_2015", "mph"), ("capmetro_2017", "mps")])
def test_the_sources_that_come_along_declare_their_unit(name: str, unit: str) -> None:
    assert load(name, CONFIGS).units.speed == unit


DATA = Path(__file__).parents[3] / "shared" / "data" / "gps"


@pytest.mark.skipif(not DATA.exists(), reason="there is no data beside the checkout")
@pytest.mark.parametrize(
    ("name", "day", "rows"),
    [("capmetro_2015", "2015-06-07", 45_134), ("capmetro_2017", "2017-03-16", 36_271)],
)
def test_a_recorded_day_comes_out_whole(name: str, day: str, rows: int) -> None:
    batches = list(sources.read(load(name, CONFIGS), DATA / f"capmetro_{day}.csv.gz"))

    assert sum(len(batch.events) for batch in batches) == rows
    assert [batch.rejected for batch in batches if batch.rejected] == []
