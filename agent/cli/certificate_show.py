"""`simward certificate show`: what evidence says, for people; the whole document with --json."""

import argparse
import json
import sys

from agent.cli.certificate_file import add_file_arguments, examine, problem_text
from agent.cli.documents import print_document
from agent.exits import NO, OK
from agent.i18n import t


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the key, and how much is shown."""
    add_file_arguments(parser)
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Print it, with what does not hold; 1 where something does not."""
    examined = examine(args)
    if examined.evidence is not None and args.json:
        document = json.loads(examined.evidence.signed)
        print_document({**document, "signature": examined.evidence.signature})
    elif examined.evidence is not None:
        from agent.cli.certificate_text import evidence_text

        print(evidence_text(examined, examined.evidence, full=args.full), flush=True)
    if examined.problem is None:
        return OK
    if examined.evidence is None or args.json:
        why = t("does not verify: {problem}", problem=problem_text(examined.problem))
        print(f"simward: {why}", file=sys.stderr)
    return NO
