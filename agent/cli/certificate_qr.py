"""`simward certificate qr`: evidence as QR codes, on the terminal, as pictures, as texts."""

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Final

from agent.cli.certificate_file import add_file_arguments, examine, problem_text
from agent.cli.documents import print_document
from agent.cli.qr_screen import show_codes
from agent.errors import UsageError
from agent.exits import NO, OK
from agent.i18n import t
from agent.paper.codes import PRINT, cut, file_of
from agent.paper.files import write_whole
from cloud_bridge.qr_text import name_of

_KINDS: Final = ("png", "svg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and where the codes go."""
    add_file_arguments(parser)
    parser.add_argument(
        "--out", metavar="DIR", help=t("write the codes as pictures into this directory")
    )
    parser.add_argument(
        "--format", choices=_KINDS, default=_KINDS[0], help=t("the pictures' format (png)")
    )
    parser.add_argument(
        "--inverted",
        action="store_true",
        help=t("in a file or pipe: for light text on a dark ground"),
    )


def run(args: argparse.Namespace) -> int:
    """Show or write them; 1 where the evidence does not hold, and there are none then."""
    examined = examine(args)
    if examined.problem is not None:
        why = t("does not verify: {problem}", problem=problem_text(examined.problem))
        print(f"simward: {why}", file=sys.stderr)
        return NO
    raw = examined.raw
    files = [] if args.out is None else _written(raw, Path(args.out), args.format)
    if args.json:
        print_document(
            {
                "schema": "simward/qr/1",
                "document": name_of(raw),
                "sha256": hashlib.sha256(raw).hexdigest(),
                "texts": cut(raw, PRINT),
                "files": [str(file) for file in files],
            }
        )
        return OK
    if files:
        print(t("{count} QR codes written to {dir}", count=len(files), dir=args.out), flush=True)
        return OK
    return OK if show_codes(raw, inverted=args.inverted) else NO


def _written(raw: bytes, folder: Path, kind: str) -> list[Path]:
    """The pictures, by document and number; the same evidence gives the same files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = "{name}: cannot write {file}: {reason}"
        raise UsageError(text, name="--out", file=folder, reason=error.strerror) from error
    texts = cut(raw, PRINT)
    digits = len(str(len(texts)))
    files = []
    for number, text in enumerate(texts, start=1):
        name = f"{name_of(raw)}-{number:0{digits}}of{len(texts)}.{kind}"
        write_whole("--out", folder / name, file_of(text, PRINT, kind))
        files.append(folder / name)
    return files
