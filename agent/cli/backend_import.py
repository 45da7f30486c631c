"""`simward backend import`: take evidence in that came by file or QR code, not over the air."""

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.cli.certificate_file import public_key_from
from agent.cli.documents import print_document
from agent.cli.evidence_source import STANDARD_INPUT, Brought, Found, Left, Lines, brought_in
from agent.cli.qr_source import QrTexts
from agent.errors import StoreError
from agent.exits import NO, OK
from agent.i18n import in_both, reason_text, t

if TYPE_CHECKING:
    from cloud_bridge.backend.evidence_shelf import Taken
    from cloud_bridge.backend.store import BackendStore

_OF_HEAD: Final = ("gw", "kind", "order_id", "iccid", "imei", "made_at", "public_key")


class Row(NamedTuple):
    """One document, and what became of it."""

    found: Found
    taken: "Taken"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward backend import`."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help=t("files of evidence or of scanned QR codes, or folders of them; -: standard input"),
    )
    parser.add_argument("--db", metavar="FILE", required=True, help=t("the SQLite database"))
    parser.add_argument(
        "--key",
        metavar="FILE",
        help=t("the gateway's public key, obtained elsewhere: PEM, or 64 hexadecimal digits"),
    )
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """0 where all was taken and nothing speaks against it, 1 where something does.

    Raises:
        UsageError: a file cannot be read.
        StoreError: the database cannot be used.
    """
    from cloud_bridge.backend.store import BackendStore
    from cloud_bridge.errors import BackendStoreError

    key = None if args.key is None else public_key_from(args.key)
    if STANDARD_INPUT in args.files and sys.stdin.isatty():
        print(t("Paste the texts of the QR codes; Ctrl-D at the end."), file=sys.stderr)
    codes = QrTexts()
    brought = brought_in(args.files, (Lines(), codes))
    try:
        store = BackendStore(args.db)
        try:
            rows, left = _take(store, brought, codes, key)
        finally:
            store.close()
    except BackendStoreError as error:
        raise StoreError("{file}: {reason}", file=args.db, reason=str(error)) from error
    bad = [row for row in rows if not row.taken.found.holds]
    if args.json:
        print_document(_document(rows, left, codes))
    else:
        from agent.cli.backend_import_text import render

        print(render(rows, left, codes.incomplete, full=args.full), flush=True)
    open_ = [each for each in left if each.named] or codes.incomplete
    return NO if bad or open_ or not rows else OK


def _take(
    store: "BackendStore", brought: Brought, codes: QrTexts, key: str | None
) -> tuple[list[Row], list[Left]]:
    """All of them, or none: what was shown as taken is on the disk."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with store.transaction():
        put_together, unfit = codes.put_together(store.parts, now)
        rows = [
            Row(each, store.evidence.take(each.raw, each.way, now, key=key))
            for each in (*brought.documents, *put_together)
        ]
    return rows, [*brought.left, *unfit]


def _document(rows: list[Row], left: list[Left], codes: QrTexts) -> dict[str, Any]:
    return {
        "schema": "simward/import/1",
        "new": sum(row.taken.new for row in rows),
        "repeated": sum(not row.taken.new for row in rows),
        "bad": sum(not row.taken.found.holds for row in rows),
        "documents": [_of_row(row) for row in rows],
        "left": [
            {"file": each.file, "named": each.named, "reason": _both(each.reason)} for each in left
        ],
        "incomplete": [each.to_json() for each in codes.incomplete],
    }


def _of_row(row: Row) -> dict[str, Any]:
    found = row.taken.found
    return {
        "file": row.found.file,
        "place": row.found.place,
        "way": row.found.way,
        "sha256": found.sha256,
        "new": row.taken.new,
        "verdict": found.verdict,
        "part": found.part,
        "entry": found.entry,
        "reason": None if found.reason is None else _both(found.reason),
        **{name: found.head.get(name) for name in _OF_HEAD},
    }


def _both(reason: str) -> dict[str, str]:
    return in_both(lambda: reason_text(reason))
