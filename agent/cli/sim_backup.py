"""`simward sim backup`: phone book, messages and call lists into an encrypted file, and out."""

import argparse
import sys
from pathlib import Path
from typing import Any

from agent.cli.card_desk import CardDesk, add_card_arguments
from agent.cli.documents import print_document
from agent.cli.lock_options import add_key_arguments, add_lock_arguments, key_of, lock_of
from agent.errors import CardUnreadable, UsageError
from agent.exits import OK
from agent.i18n import mark, t

Json = dict[str, Any]

SCHEMA = "simward/backed_up/1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, what closes and opens it, and the way to the card."""
    parser.add_argument("file", metavar="FILE", help=t("the backup"))
    parser.add_argument(
        "--open", action="store_true", help=t("say what is in the backup; no card is needed")
    )
    parser.add_argument(
        "--vcard", metavar="OUT", help=t("with --open: write the phone book as vCards to this file")
    )
    add_lock_arguments(parser)
    add_key_arguments(parser)
    add_card_arguments(parser)
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Make a backup, or open one."""
    if args.open:
        return _open(args)
    for name, value in (("--vcard", args.vcard), ("--identity-file", args.identity_file)):
        if value is not None:
            raise UsageError("{name}: only with {what}", name=name, what="--open")
    return _make(args)


def _make(args: argparse.Namespace) -> int:
    from agent.backup import write_backup
    from agent.residue import counts_of

    path = Path(args.file)
    lock = lock_of(args)
    if path.exists():  # said before the card is read
        raise UsageError("{file}: {reason}", file=path, reason="is there already")
    with CardDesk(args) as desk:
        document = desk.personal()
    check_is_whole(document)
    backup = write_backup(path, document, lock)
    counts = counts_of(backup.files, document["modem"])
    if args.json:
        print_document(
            {
                "schema": SCHEMA,
                "file": args.file,
                **{name: document[name] for name in ("iccid", "taken_at", "clock_synchronized")},
                "counts": counts,
                "unreadable": unreadable(document),
            }
        )
    else:
        _print_counts(document["iccid"], counts, full=args.full)
        print(t("written to {file}", file=args.file))
    for each in unreadable(document):
        text = t("{file}: not in the backup: {reason}", file=each["path"], reason=each["reason"])
        print(f"simward: {text}", file=sys.stderr)
    return OK


def check_is_whole(document: Json) -> None:
    """Nothing, where the card was read to the end and says who it is.

    Raises:
        CardUnreadable: it was not, or does not: what belongs to nobody is no backup. Or it lets
            nothing be read at all, as a locked card does.
    """
    text = "the card cannot be used: {file}: {reason}"
    if document["iccid"] is None:
        raise CardUnreadable(text, file="EF.ICCID", reason=mark("not set"))
    closed = [file for file in document["files"] if file["absent"]]
    gone = [file for file in closed if file["absent"] in {"no card", "the card was reset"}]
    if not gone and len(closed) == len(document["files"]):
        gone = closed
    if gone:
        raise CardUnreadable(text, file=gone[0]["path"], reason=gone[0]["absent"])


def unreadable(document: Json) -> list[Json]:
    """The files, and the modem's stores, that are on hand and could not be read."""
    from agent.backup import books_of
    from agent.residue import path_of

    found = [
        {"path": file["path"], "reason": file["absent"]}
        for file in document["files"]
        if file["absent"]
    ]
    modem = document["modem"] or {}
    if modem.get("store") and modem.get("messages") is None:
        found.append({"path": "modem", "reason": modem["absent"]})
    return found + [
        {"path": path_of(book), "reason": book["absent"]}
        for book in books_of(modem)
        if book["absent"]
    ]


def _open(args: argparse.Namespace) -> int:
    from agent.backup import read_backup
    from agent.residue import contents_document, vcards

    if args.recipient:
        raise UsageError("{name} does not go with {what}", name="--recipient", what="--open")
    _, document = read_backup(Path(args.file), key_of(args))
    contents = contents_document(document)
    if args.vcard is not None:
        _write(args.vcard, vcards(contents["phonebooks"]))
    if args.json:
        print_document(contents)
        return OK
    _print_counts(contents["iccid"], contents["counts"], full=args.full)
    print(t("taken at {time}", time=contents["taken_at"]))
    return OK


def _write(name: str, text: str) -> None:
    import os

    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise UsageError("{file}: {reason}", file=name, reason=error.strerror or error) from error


def _print_counts(iccid: str | None, counts: dict[str, int | None], *, full: bool) -> None:
    from agent.cli.personal_text import count_rows, heading

    print("\n".join([heading(iccid, full=full), *count_rows(counts)]))
