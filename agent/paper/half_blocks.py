"""QR codes in characters: two modules to a cell, upper and lower half. Pure."""

from collections.abc import Iterator
from typing import Final

from agent.paper.codes import Matrix

_CELLS: Final = {
    (True, True): "\N{FULL BLOCK}",
    (True, False): "\N{UPPER HALF BLOCK}",
    (False, True): "\N{LOWER HALF BLOCK}",
    (False, False): " ",
}
BLOCKS: Final = "".join(_CELLS.values())
"""The characters that a terminal needs."""
# Black on white; on bright white where the terminal knows it (47 alone is grey on some).
_BLACK_ON_WHITE: Final = "\x1b[30;47;107m"
_AS_BEFORE: Final = "\x1b[0m"


def painted(matrix: Matrix) -> list[str]:
    """The lines for a terminal, in colours of their own: its own ones may be either way round."""
    return [f"{_BLACK_ON_WHITE}{line}{_AS_BEFORE}" for line in _lines(matrix)]


def plain(matrix: Matrix, *, inverted: bool = False) -> list[str]:
    """The lines without colours: dark modules in the colour of the text, as on paper.

    `inverted`: for light text on a dark ground.
    """
    if inverted:
        matrix = tuple(tuple(not module for module in row) for row in matrix)
    return list(_lines(matrix))


def _lines(matrix: Matrix) -> Iterator[str]:
    outside = (False,) * len(matrix[0])
    for place in range(0, len(matrix), 2):
        upper = matrix[place]
        lower = matrix[place + 1] if place + 1 < len(matrix) else outside
        yield "".join(_CELLS[pair] for pair in zip(upper, lower, strict=True))
