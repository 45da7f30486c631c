"""The enterprise card list (物联卡管理清单) that a carrier asks for, as XLSX or CSV.

No published form of it is known: it has the numbers that name a card, all as text.
"""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.batch.bounds import read_bounded
from agent.batch.card_list import CardList, Layout, Record, read_list
from agent.batch.cells import Cell
from agent.batch.headings import ICCID, IMSI
from agent.batch.journal import Collected, cards_in, is_journal
from agent.batch.validation import FORMULA_SIGNS, Card
from agent.batch.xlsx_out import workbook_bytes
from agent.errors import ListError, UsageError
from sim.numbering import carrier_of_iccid

NAME: Final = "物联卡管理清单"
HEADINGS: Final = (
    "序号 No.", "ICCID 卡号", "MSISDN 接入号", "IMSI", "IMEI", "运营商 carrier", "订单 order_id",
)  # fmt: skip
_WIDTHS: Final = (8, 24, 18, 18, 18, 16, 20)
_CARRIERS: Final = {"CMCC": "中国移动 CMCC", "CUCC": "中国联通 CUCC", "CTCC": "中国电信 CTCC"}
FORMATS: Final = (".xlsx", ".csv")


def read_source(path: Path) -> CardList:
    """A list of cards, or the journal of a collection as if it were one.

    Raises:
        ListError: it is neither, or cannot be used.
    """
    content = read_bounded(path)
    if not is_journal(content):
        return read_list(path)
    cards = cards_in(path, content[: content.rfind(b"\n") + 1])
    if not cards:
        raise ListError("{file}: no card was collected", file=path)
    layout = Layout(1, {ICCID: (0, "iccid"), IMSI: (1, "imsi")})
    return CardList({"format": "journal"}, [_record(card) for card in cards], {"": layout}, [])


def _record(card: Collected) -> Record:
    cells = {ICCID: Cell(card.iccid)}
    if card.imsi is not None:
        cells[IMSI] = Cell(card.imsi)
    return Record("", card.number + 1, cells)  # the line of the journal


def rows_of(cards: Sequence[Card]) -> list[tuple[str, ...]]:
    """What stands below the headings; empty where a list has no such number."""
    return [
        (
            str(number),
            card.iccid,
            card.msisdn or "",
            card.imsi or "",
            card.imei or "",
            _CARRIERS.get(carrier_of_iccid(card.iccid) or "", ""),
            card.order_id or "",
        )
        for number, card in enumerate(cards, 1)
    ]


def content_of(suffix: str, cards: Sequence[Card]) -> bytes:
    """The file as the ending of its name says: `.xlsx`, or `.csv` in UTF-8 with a BOM for Excel."""
    rows = rows_of(cards)
    if suffix == ".xlsx":
        return workbook_bytes(NAME, HEADINGS, rows, _WIDTHS)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; reading it leaves the mark out again."""
    return f"'{text}" if text[:1] in FORMULA_SIGNS or text[:1] == "'" else text


def files_for(output: Path, waves: int) -> list[Path]:
    """The names of the files, one for each wave.

    Raises:
        UsageError: the name ends in no known format, or a file is there already.
    """
    if output.suffix.lower() not in FORMATS:
        raise UsageError("{file}: the name must end in .xlsx or .csv", file=output)
    digits = len(str(waves))
    names = [output.with_stem(f"{output.stem}-{n:0{digits}d}") for n in range(1, waves + 1)]
    paths = [output] if waves == 1 else names
    for path in paths:
        if path.exists():
            raise UsageError("{file}: is there already; nothing was written", file=path)
    return paths


def write_new(path: Path, content: bytes) -> None:
    """Write a file that was not there, readable by its owner alone: the numbers are private.

    Raises:
        ListError: it cannot be written; nothing of it is left.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ListError("{file}: {reason}", file=path, reason=error.strerror) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink()
        raise ListError("{file}: {reason}", file=path, reason=error.strerror) from error
