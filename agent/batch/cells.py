"""What a table file holds, whatever its format: sheets of lines of cells. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

TEXT, NUMBER, ERROR = "text", "number", "error"


class Cell(NamedTuple):
    """One cell: `text` as the file stores it; `kind` is text, number, or a spreadsheet's error.

    `formula`: the text is what the spreadsheet last computed.
    """

    text: str
    kind: str = TEXT
    formula: bool = False


class Line(NamedTuple):
    """One row that is not empty: its number as a spreadsheet shows it, cells by column (0 is A)."""

    number: int
    cells: dict[int, Cell]
    hidden: bool = False


class Range(NamedTuple):
    """A rectangle of cells; rows from 1, columns from 0, both ends within."""

    top: int
    left: int
    bottom: int
    right: int


class Sheet(Protocol):
    """A sheet that is read once, from above."""

    @property
    def name(self) -> str:
        """What its tab says; empty for a file without tabs."""
        ...

    @property
    def hidden(self) -> bool:
        """Whether a spreadsheet shows no tab of it."""
        ...

    @property
    def merged(self) -> Sequence[Range]:
        """Merged cells; known when all lines are read."""
        ...

    @property
    def hidden_columns(self) -> Sequence[Range]:
        """Columns that a spreadsheet does not show; rows have no meaning in them."""
        ...

    def lines(self) -> Iterator[Line]:
        """Its lines, from above.

        Raises:
            ListError: the file ends, or breaks a rule of its format, or a bound.
        """
        ...


def column_name(column: int) -> str:
    """`A` for 0, `AB` for 27."""
    letters, number = "", column + 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def cell_place(reference: str) -> tuple[int, int] | None:
    """(row from 1, column from 0) of `AB12`; None where it is no such reference."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not (1 <= len(letters) <= 3 and letters.isascii() and letters.isupper()):
        return None
    if not 1 <= len(digits) <= 7:
        return None
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits), column - 1
