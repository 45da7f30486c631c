"""What a telephone would see: a terminal's cells as pixels, and zbar to decode pictures."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

needs_zbar = pytest.mark.skipif(
    shutil.which("zbarimg") is None, reason="needs zbarimg (Debian: zbar-tools)"
)

_WIDTH, _HEIGHT = 8, 16
# Block elements of Unicode 15, chapter 22.7: (upper half is inked, lower half is inked).
_BLOCKS = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}
_COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
_GREYS = {30: 0, 47: 170, 107: 255}


def decoded(*pictures: Path) -> list[str]:
    """The texts of all codes in some pictures, as zbar reads them."""
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", *map(str, pictures)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout.splitlines()


def drawn(lines: Iterable[str], picture: Path, *, ink: int = 0, ground: int = 255) -> Path:
    """A terminal of `ink` on `ground` (0 black to 255 white) that shows the lines; as PGM."""
    rows: list[bytes] = []
    width = 0
    for line in lines:
        upper, lower = _halves(line, ink, ground)
        width = max(width, len(upper))
        rows += [upper] * (_HEIGHT // 2) + [lower] * (_HEIGHT // 2)
    edge = bytes([ground]) * 2 * _WIDTH
    pixels = b"".join(edge + row.ljust(width, bytes([ground])) + edge for row in rows)
    margin = bytes([ground]) * (width + 2 * len(edge)) * _HEIGHT
    header = f"P5 {width + 2 * len(edge)} {len(rows) + 2 * _HEIGHT} 255\n".encode()
    picture.write_bytes(header + margin + pixels + margin)
    return picture


def _halves(line: str, ink: int, ground: int) -> tuple[bytes, bytes]:
    colours = (ink, ground)
    upper, lower = bytearray(), bytearray()
    place = 0
    while place < len(line):
        escape = _COLOUR.match(line, place)
        if escape:
            colours = _coloured(colours, escape[1], (ink, ground))
            place = escape.end()
            continue
        over, under = _BLOCKS.get(line[place], (0, 0))
        upper += bytes([colours[1 - over]]) * _WIDTH
        lower += bytes([colours[1 - under]]) * _WIDTH
        place += 1
    return bytes(upper), bytes(lower)


def _coloured(now: tuple[int, int], codes: str, own: tuple[int, int]) -> tuple[int, int]:
    for code in map(int, codes.split(";")):
        if code == 0:
            now = own
        elif code == 30:
            now = (_GREYS[code], now[1])
        else:
            now = (now[0], _GREYS[code])
    return now
