"""`simward batch collect`: card after card at a bench with a PC/SC reader."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from agent.cli.documents import print_document
from agent.cli.reader_access import add_reader_argument, bench_reader
from agent.errors import UsageError
from agent.exits import NO, OK
from agent.i18n import t

if TYPE_CHECKING:
    from agent.batch.collecting import Bench

_JOURNAL = "collected.jsonl"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The reader, the list, the journal."""
    add_reader_argument(parser)
    parser.add_argument(
        "--list", metavar="FILE", help=t("the cards that are expected: XLSX or CSV")
    )
    parser.add_argument(
        "--journal",
        metavar="FILE",
        default=_JOURNAL,
        help=t("where each card is kept; the same command goes on with it ({name})", name=_JOURNAL),
    )
    parser.add_argument("--count", type=int, metavar="N", help=t("end when so many were read"))
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Read until the list or the count is complete, or Ctrl-C; 1 where something is left open."""
    if args.count is not None and args.count < 1:
        raise UsageError("{name}: {what} is no valid value", name="--count", what=args.count)
    from agent.batch.collecting import Bench, collect
    from agent.batch.journal import Journal
    from agent.cli.collect_text import Teller, summary

    expected = None if args.list is None else _expected(Path(args.list))
    reader = bench_reader(args)
    with closing(Journal(Path(args.journal))) as journal, _until_interrupted() as ending:
        bench = Bench(journal, expected)
        teller = Teller(sys.stderr if args.json else sys.stdout, bench, full=args.full)
        teller.begin(reader, journal.path)
        collect(reader, bench, teller.tell, lambda: not ending and _wants_more(bench, args.count))
        if args.json:
            print_document(bench.document())
        else:
            print(summary(bench, full=args.full), flush=True)
    return NO if bench.strangers or bench.missing else OK


def _wants_more(bench: "Bench", count: int | None) -> bool:
    if count is not None and len(bench.cards) >= count:
        return False
    return bench.missing != []


def _expected(path: Path) -> list[str]:
    from agent.batch.card_list import read_list
    from agent.batch.validation import validate

    result = validate(read_list(path))
    bad = len(result.source.records) - len(result.cards)
    if bad:
        raise UsageError(
            "{file}: {count} rows are bad; see simward batch validate {file}", file=path, count=bad
        )
    return [card.iccid for card in result.cards]


@contextmanager
def _until_interrupted() -> Iterator[list[int]]:
    """A list that is empty until Ctrl-C or SIGTERM; the second one ends the program at once."""
    heard: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in signals}

    def hear(number: int, _frame: FrameType | None) -> None:
        heard.append(number)
        for each in signals:  # a driver that hangs must not keep a second one from us
            signal.signal(each, signal.SIG_DFL)

    for number in signals:
        signal.signal(number, hear)
    try:
        yield heard
    finally:
        for number in signals:
            signal.signal(number, before[number])
