"""Evidence as QR codes: which version and level for which surface, and the modules. Pure.

Source: ISO/IEC 18004 (unread; capacities as the encoder keeps them, and a test holds this table to
it). A code of version v has 17 + 4 v modules a side, and 4 light modules around it.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_bridge.qr_text import parts

if TYPE_CHECKING:
    from segno import QRCode

Matrix = tuple[tuple[bool, ...], ...]
"""Rows of modules, dark ones True, with the light ones around."""

QUIET: Final = 4
"""Light modules around a code."""


class Format(NamedTuple):
    """One size of code, and how many characters of the alphanumeric set it holds."""

    version: int
    level: str
    characters: int

    @property
    def side(self) -> int:
        """Modules from edge to edge, with the light ones around."""
        return 17 + 4 * self.version + 2 * QUIET


SCREEN: Final = (
    Format(10, "L", 395),
    Format(9, "L", 335),
    Format(8, "L", 279),
    Format(7, "L", 224),
    Format(6, "L", 195),
    Format(5, "L", 154),
    Format(4, "L", 114),
    Format(3, "L", 77),
)
"""For a terminal. Level L: nothing of a screen is torn or stained, and a smaller code is read from
further away. Not larger than version 10, 65 of 80 columns: at arm's length a telephone still has
some five pixels of its preview for each module, and a blurred hand does not spoil it.
"""
PRINT: Final = Format(15, "M", 600)
"""For paper and pictures. Level M: folds and stains may cost 15 %. Printed 60 mm wide a module has
0.7 mm, which any telephone sees from a hand's breadth on.
"""


def fitting(columns: int, rows: int) -> Format | None:
    """The largest code for a screen of that size, two modules to a row; None where none fits."""
    for form in SCREEN:
        if form.side <= columns and -(-form.side // 2) <= rows:
            return form
    return None


def cut(raw: bytes, form: Format) -> list[str]:
    """The texts of a file of evidence, one for each code.

    Raises:
        EvidenceError: it does not hold.
        MessageError: it takes more than 999 codes.
    """
    return parts(raw, form.characters)


def code(text: str, form: Format) -> "QRCode":
    """The code of one text: all of one document have one size."""
    import segno

    return segno.make_qr(text, version=form.version, error=form.level, mode="alphanumeric")


def modules(text: str, form: Format) -> Matrix:
    """The modules of one text's code."""
    return tuple(
        tuple(bool(module) for module in row)
        for row in code(text, form).matrix_iter(scale=1, border=QUIET)
    )


def file_of(text: str, form: Format, kind: str) -> bytes:
    """A picture of one text's code: `png` (8 pixels a module) or `svg`, black on white."""
    import io

    out = io.BytesIO()
    code(text, form).save(out, kind=kind, scale=8, border=QUIET, light="white")
    return out.getvalue()
