"""QR codes on a terminal, one at a time; or all of them as text where there is none."""

import os
import sys
from collections.abc import Sequence
from typing import Final

from agent.errors import UsageError
from agent.i18n import t
from agent.paper.codes import SCREEN, Format, cut, fitting, modules
from agent.paper.half_blocks import BLOCKS, painted, plain
from cloud_bridge.qr_text import name_of

_CLEAR: Final = "\x1b[H\x1b[2J"
_BACK, _END = "b", "q"
_LINES_BELOW: Final = 1


def show_codes(raw: bytes, *, inverted: bool = False) -> bool:
    """Show the codes of a file of evidence that holds; whether all of them were shown.

    On a terminal the largest that fits it, and Enter leads to the next one. Elsewhere all of them,
    one below the other; `inverted`: for light text on a dark ground.

    Raises:
        UsageError: the terminal is too small for the smallest code, or has no block characters.
        MessageError: more codes than 999.
    """
    _check_characters()
    if not _is_terminal():
        texts, form = cut(raw, SCREEN[0]), SCREEN[0]
        for number, text in enumerate(texts, start=1):
            print(_caption(raw, number, len(texts)))
            print("\n".join(plain(modules(text, form), inverted=inverted)), flush=True)
        return True
    form = _form()
    texts = cut(raw, form)
    if _somebody_answers():
        return _one_by_one(raw, texts, form)
    for number, text in enumerate(texts, start=1):
        print("\n".join(painted(modules(text, form))))
        print(_caption(raw, number, len(texts)), flush=True)
    return True


def _check_characters() -> None:
    try:
        BLOCKS.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError as error:
        raise UsageError(
            "the character set {name} has no block characters for QR codes; --out DIR writes them"
            " as pictures",
            name=sys.stdout.encoding,
        ) from error


def _is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _somebody_answers() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _form() -> Format:
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    if not columns or not rows:  # a serial line does not tell its size
        columns, rows = 80, 24
    form = fitting(columns, rows - _LINES_BELOW)
    if form is None:
        raise UsageError(
            "a terminal of {columns} by {rows} is too small for QR codes (at least {least_columns}"
            " by {least_rows}); --out DIR writes them as pictures",
            columns=columns,
            rows=rows,
            least_columns=SCREEN[-1].side,
            least_rows=-(-SCREEN[-1].side // 2) + _LINES_BELOW,
        )
    return form


def _one_by_one(raw: bytes, texts: Sequence[str], form: Format) -> bool:
    """Each alone on the screen, so that a camera sees no other; whether the last one was seen."""
    place = 0
    while place < len(texts):
        print(_CLEAR + "\n".join(painted(modules(texts[place], form))), flush=True)
        last = place + 1 == len(texts)
        keys = t("Enter: done, b: back") if last else t("Enter: next, b: back, q: end")
        caption = _caption(raw, place + 1, len(texts))
        print(f"{caption}  {keys} ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line or line.strip().lower() == _END:
            print(file=sys.stderr)
            return False
        place = max(0, place - 1) if line.strip().lower() == _BACK else place + 1
    return True


def _caption(raw: bytes, number: int, total: int) -> str:
    return t(
        "QR code {number}/{total} of {document}", number=number, total=total, document=name_of(raw)
    )
