"""`simward backend import`: take evidence in that came by file instead of over the air."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.cli.certificate_file import public_key_from
from agent.cli.documents import print_document
from agent.cli.evidence_source import Found, Left, all_readers, brought_in
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
        "files", metavar="FILE", nargs="+", help=t("files of evidence, or folders of them")
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
    brought = brought_in(args.files, all_readers)
    try:
        store = BackendStore(args.db)
        try:
            rows = _take(store, brought.documents, key)
        finally:
            store.close()
    except BackendStoreError as error:
        raise StoreError("{file}: {reason}", file=args.db, reason=str(error)) from error
    bad = [row for row in rows if not row.taken.found.holds]
    left = [each for each in brought.left if each.named]
    if args.json:
        print_document(_document(rows, brought.left))
    else:
        from agent.cli.backend_import_text import render

        print(render(rows, brought.left, full=args.full), flush=True)
    return NO if bad or left or not rows else OK


def _take(store: "BackendStore", documents: tuple[Found, ...], key: str | None) -> list[Row]:
    """All of them, or none: what was shown as taken is on the disk."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with store.transaction():
        return [
            Row(each, store.evidence.take(each.raw, each.way, now, key=key)) for each in documents
        ]


def _document(rows: list[Row], left: tuple[Left, ...]) -> dict[str, Any]:
    return {
        "schema": "simward/import/1",
        "new": sum(row.taken.new for row in rows),
        "repeated": sum(not row.taken.new for row in rows),
        "bad": sum(not row.taken.found.holds for row in rows),
        "documents": [_of_row(row) for row in rows],
        "left": [
            {"file": each.file, "named": each.named, "reason": _both(each.reason)} for each in left
        ],
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
