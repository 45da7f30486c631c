"""`simward certificate pdf`: evidence as a page for people, in the language spoken."""

import argparse
import hashlib
import sys
from pathlib import Path

from agent.cli.certificate_file import add_file_arguments, examine, problem_text
from agent.cli.certificate_page import page_of
from agent.cli.certificate_verify import INTACT, VERIFIED
from agent.cli.documents import print_document
from agent.cli.modem_access import settings_of
from agent.exits import NO, OK
from agent.i18n import language, t
from agent.paper.files import write_whole
from agent.paper.pdf import pdf_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the page, its font, and how much is shown."""
    add_file_arguments(parser)
    parser.add_argument("--out", metavar="FILE", required=True, help=t("the PDF to write"))
    parser.add_argument(
        "--font", metavar="FILE", help=t("a font with Chinese characters, if none is installed")
    )
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Write it; 1 where the evidence does not hold, and there is no page then."""
    examined = examine(args)
    if examined.evidence is None or examined.problem is not None:
        problem = "" if examined.problem is None else problem_text(examined.problem)
        print(f"simward: {t('does not verify: {problem}', problem=problem)}", file=sys.stderr)
        return NO
    pdf = pdf_of(
        page_of(examined, examined.evidence, full=args.full),
        examined.evidence.head["made_at"],
        chinese=language() == "zh",
        font=_font(args),
        evidence=examined.raw if args.full else None,
    )
    write_whole("--out", Path(args.out), pdf)
    if args.json:
        print_document(
            {
                "schema": "simward/pdf/1",
                "file": args.out,
                "sha256": hashlib.sha256(pdf).hexdigest(),
                "evidence_sha256": hashlib.sha256(examined.raw).hexdigest(),
                "verdict": INTACT if examined.key_file is None else VERIFIED,
                "lang": language(),
                "full": args.full,
            }
        )
    else:
        print(t("{file} written", file=args.out), flush=True)
    return OK


def _font(args: argparse.Namespace) -> str | None:
    if args.font is not None:
        return str(args.font)
    settings = settings_of(args.config)
    return None if settings is None else settings.certificate.font
