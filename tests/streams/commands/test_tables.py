"""Tables on terminals of any width."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from streams.commands.tables import Column, fitted

COLUMNS = (
    Column("id"),
    Column("name", least=6, spare=2),
    Column("where", least=8),
    Column("km", right=True, spare=1),
)
ROWS = [
    ("tech-1", "Wanda Lindqvist", "Customer 331, Juniper Hill", "0.35"),
    ("tech-22", "Bo", "[red]Depot[/red] :truck:", "12.50"),
]


def lines(width: int, columns: tuple[Column, ...] = COLUMNS, rows: list[tuple[str, ...]] = ROWS) -> list[str]:
    written = io.StringIO()
    Console(file=written, width=max(width, 1), markup=False, emoji=False, highlight=False).print(
        fitted("", columns, rows, width)
    )
    return [line.rstrip() for line in written.getvalue().splitlines()]


def test_with_room_nothing_is_cut_and_what_looks_like_markup_is_text() -> None:
    assert lines(200) == [
        "id       name             where                          km",
        "tech-1   Wanda Lindqvist  Customer 331, Juniper Hill   0.35",
        "tech-22  Bo               [red]Depot[/red] :truck:    12.50",
    ]


def test_with_less_room_the_longest_cells_are_cut_first() -> None:
    assert lines(45) == [
        "id       name         where                km",
        "tech-1   Wanda Lind…  Customer 331, J…   0.35",
        "tech-22  Bo           [red]Depot[/red…  12.50",
    ]


def test_with_little_room_columns_that_can_be_spared_go() -> None:
    assert lines(28) == [
        "id       where            km",
        "tech-1   Customer 33…   0.35",
        "tech-22  [red]Depot[…  12.50",
    ]
    assert lines(19)[0].split() == ["id", "where"]


@pytest.mark.parametrize("width", [1, 5, 12])
def test_columns_that_stay_stay_even_where_they_do_not_fit(width: int) -> None:
    assert lines(width)


def test_a_table_without_rows_has_its_header() -> None:
    assert lines(80, rows=[]) == ["id  name  where  km"]


TEXT = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\u200d\ufe0f"), max_size=40)


@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT), max_size=5), width=st.integers(40, 150))
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, ...]], width: int) -> None:
    cut = tuple(Column(column.name, column.right, 4, column.spare) for column in COLUMNS)
    drawn = lines(width, cut, rows)
    assert len(drawn) == len(rows) + 1
    assert max(cell_len(line) for line in drawn) <= width
