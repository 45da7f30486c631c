"""How long `simward batch` takes for a list of cards: validated as XLSX and as CSV.

Run: `.venv/bin/python benchmarks/lists.py [--cards 10000] [--runs 5]`. Whole processes, from start
to end, as a person waits for them; peak memory as the kernel counts it (wait4).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from openpyxl import Workbook

_SIMWARD = "import sys; from agent.cli import main; sys.exit(main())"
_HEADINGS = ("序号", "ICCID 卡号", "MSISDN 接入号", "IMSI", "IMEI", "订单 order_id")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print(f"| {args.cards} cards | wall s (min-max) | peak MiB | exit |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, path, spoilt in files(Path(folder), args.cards):
            print(row(f"{name}, {spoilt} rows spoilt", path, args.runs), flush=True)


def files(folder: Path, cards: int) -> list[tuple[str, Path, int]]:
    """The same list as XLSX and CSV, all good, and one with all rows bad."""
    found = []
    for spoilt in (0, cards):
        table = [card(number, spoilt=number < spoilt) for number in range(cards)]
        workbook = Workbook(write_only=True)
        sheet = workbook.create_sheet()
        for line in (_HEADINGS, *table):
            sheet.append(line)
        path = folder / f"list{spoilt}.xlsx"
        workbook.save(path)
        found.append(("XLSX", path, spoilt))
        path = folder / f"list{spoilt}.csv"
        text = "\r\n".join(",".join(map(str, line)) for line in (_HEADINGS, *table))
        path.write_text(text, encoding="gb18030")
        found.append(("CSV, GB18030", path, spoilt))
    return found


def card(number: int, *, spoilt: bool) -> tuple[object, ...]:
    """One row; a spoilt one has gone through a spreadsheet's numbers."""
    body = f"898600{number * 37:013d}"
    iccid: object = body + check_digit(body)
    if spoilt:
        iccid = float(str(iccid))
    imei = f"35209900{number:06d}"
    row = (number, iccid, f"8614400{number:06d}", f"46000{number:010d}", imei + check_digit(imei))
    return (*row, f"A{number // 100}")


def check_digit(digits: str) -> str:
    """The Luhn digit behind `digits`."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 - place % 2)
        total += value - 9 * (value > 9)
    return str(-total % 10)


def row(name: str, path: Path, runs: int) -> str:
    """One line of the table."""
    command = [sys.executable, "-c", _SIMWARD, "batch", "validate", str(path), "--json"]
    times, peak, status = [], 0, 0
    for _ in range(runs):
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        times.append(time.monotonic() - started)
        peak = max(peak, used.ru_maxrss)
    span = f"{statistics.median(times):.2f} ({min(times):.2f}-{max(times):.2f})"
    return f"| {name} | {span} | {peak / 1024:.0f} | {os.waitstatus_to_exitcode(status)} |"


if __name__ == "__main__":
    main()
