"""`simward certificate verify`: whether evidence holds; offline, with the public key alone."""

import argparse
from functools import partial
from typing import Any, Final

from agent.cli.certificate_file import Examined, add_file_arguments, examine
from agent.cli.documents import print_document
from agent.exits import NO, OK
from agent.i18n import in_both, reason_text

VERIFIED, INTACT, BROKEN = "verified", "intact", "broken"
_OF_HEAD: Final = (
    "kind", "gw", "store", "boot", "order_id", "iccid", "imei", "made_at", "clock_synchronized",
    "software", "public_key", "entries", "not_attested",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file and the key."""
    add_file_arguments(parser)
    parser.set_defaults(full=False)


def run(args: argparse.Namespace) -> int:
    """0 where it holds, 1 where it does not."""
    examined = examine(args)
    if args.json:
        print_document(document(args.file, examined))
    else:
        from agent.cli.certificate_text import verdict_text

        print(verdict_text(examined), flush=True)
    return OK if examined.problem is None else NO


def document(file: str, examined: Examined) -> dict[str, Any]:
    """The verdict; what a document that does not hold says of itself is not passed on."""
    _, evidence, problem, key_file = examined
    holds = evidence is not None and problem is None
    head = evidence.head if evidence is not None and holds else {}
    return {
        "schema": "simward/certificate/1",
        "file": file,
        "verdict": BROKEN if not holds else INTACT if key_file is None else VERIFIED,
        "problem": problem
        and {
            "part": problem.part,
            "entry": problem.number,
            "reason": in_both(partial(reason_text, problem.reason)),
        },
        **{name: head.get(name) for name in _OF_HEAD},
    }
