"""`simward batch export`: the enterprise card list, whole or in waves for a carrier's platform."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli.documents import print_document
from agent.errors import UsageError
from agent.exits import NO, OK
from agent.i18n import language, t

if TYPE_CHECKING:
    from agent.unbind.platform import Platform

Json = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is written, from what, for whom."""
    parser.add_argument(
        "source", metavar="FILE", help=t("a list of cards, or a journal of collect")
    )
    parser.add_argument(
        "--output", metavar="FILE", required=True, help=t("the file to write: .xlsx or .csv")
    )
    parser.add_argument(
        "--platform", metavar="NAME", help=t("in waves that this platform takes, a file for each")
    )
    parser.add_argument(
        "--for",
        dest="purpose",
        choices=("unbind", "cancel"),
        default="cancel",
        help=t("what the waves are for; limits differ"),
    )


def run(args: argparse.Namespace) -> int:
    """Write it; 1 where the list has bad rows, and nothing is written then."""
    from agent.batch.export import content_of, files_for, read_source, write_new
    from agent.batch.validation import validate
    from agent.batch.waves import waves_of

    platform = None if args.platform is None else _platform(args.platform)
    result = validate(read_source(Path(args.source)))
    if result.errors:
        text = t(
            "{file}: {count} rows are bad, nothing was written; see simward batch validate {file}",
            file=args.source,
            count=len(result.errors),
        )
        print(f"simward: {text}", file=sys.stderr)
        return NO
    limit = None if platform is None else _limit(platform, args.purpose)
    waves = [result.cards] if platform is None else waves_of(result.cards, limit)
    paths = files_for(Path(args.output), len(waves))
    for path, wave in zip(paths, waves, strict=True):
        write_new(path, content_of(path.suffix.lower(), wave))
    written = [
        {"file": str(path), "cards": len(wave)} for path, wave in zip(paths, waves, strict=True)
    ]
    if args.json:
        name = None if platform is None else platform.name
        print_document(
            {"cards": len(result.cards), "platform": name, "limit": limit, "files": written}
        )
    else:
        _say(written, platform, args.purpose)
    return OK


def _limit(platform: "Platform", purpose: str) -> int | None:
    return platform.binding.batch if purpose == "unbind" else platform.cancel.batch


def _say(written: list[Json], platform: "Platform | None", purpose: str) -> None:
    from agent.cli.table import columns, wrapped

    rows = [(each["file"], t("{count} cards", count=each["cards"])) for each in written]
    print("\n".join(columns(rows, indent="", limit=80)))
    notes = []
    if any(each["file"].lower().endswith(".csv") for each in written):
        notes.append(
            t(
                "Excel counts with the numbers of a CSV file that is opened by a double click:"
                " import it with all columns as text, or export .xlsx"
            )
        )
    if platform is not None:
        notes.append(t("one card that the platform blocks fails its whole wave: see to it before"))
        notes += _rules(platform, purpose)
    for note in notes:
        print("\n".join(wrapped(note, 80)))


def _rules(platform: "Platform", purpose: str) -> list[str]:
    """What the platform says of it in its own words, and of when these are."""
    rules = platform.binding if purpose == "unbind" else platform.cancel
    words = platform.binding.limit if purpose == "unbind" else platform.cancel.way
    if words is None:
        return []
    chinese = language() == "zh"
    return [
        t(
            "{name}: {limit} (as of {date})",
            name=platform.title.zh if chinese else platform.title.en,
            limit=words.zh if chinese else words.en,
            date=rules.origin.recorded,
        )
    ]


def _platform(name: str) -> "Platform":
    from agent.unbind.platform import find
    from agent.unbind.platform_files import all_platforms

    found = find(all_platforms(), name)
    if found is None:
        known = ", ".join(platform.name for platform in all_platforms())
        raise UsageError(
            "{name}: {what} is not one of {known}", name="--platform", what=name, known=known
        )
    return found
