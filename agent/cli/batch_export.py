"""`simward batch export`: the enterprise card list, whole or in waves for a carrier's platform."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli.documents import print_document
from agent.errors import UsageError
from agent.exits import NO, OK
from agent.i18n import in_both, language, t
from sim.identifiers import mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.batch.holding import Held
    from agent.batch.validation import Card
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
    parser.add_argument(
        "--account",
        metavar="PATH",
        help=t("account facts of the cards (a folder, or a file with one a line): hold back"),
    )


def run(args: argparse.Namespace) -> int:
    """Write it; 1 where a card was held back, or the list has bad rows: then nothing is written."""
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
    held = _held(result.cards, args, platform)
    kept_back = {each.iccid for each in held}
    cards = [card for card in result.cards if card.iccid not in kept_back]
    waves = [cards] if platform is None and cards else waves_of(cards, limit)
    paths = files_for(Path(args.output), len(waves))
    for path, wave in zip(paths, waves, strict=True):
        write_new(path, content_of(path.suffix.lower(), wave))
    written = [
        {"file": str(path), "cards": len(wave)} for path, wave in zip(paths, waves, strict=True)
    ]
    if args.json:
        name = None if platform is None else platform.name
        document = {"cards": len(cards), "platform": name, "limit": limit, "files": written}
        print_document({**document, "held_back": [_held_json(each) for each in held]})
    else:
        _say_held(held)
        _say(written, platform, args.purpose)
    return NO if held else OK


def _held(
    cards: "Sequence[Card]", args: argparse.Namespace, platform: "Platform | None"
) -> "list[Held]":
    """The cards that their account facts keep from being handed in.

    Raises:
        ListError: the facts cannot be read.
    """
    if args.account is None:
        return []
    from agent.batch.accounts import accounts_in
    from agent.batch.holding import Moment, held_back
    from agent.clock import clock_synchronized, now
    from agent.unbind.platform_files import all_platforms

    accounts = accounts_in(Path(args.account))
    moment = Moment(now(), clock_synchronized())
    return held_back(cards, accounts, args.purpose, platform, all_platforms(), moment)


def _held_json(held: "Held") -> Json:
    reason = in_both(held.reason.in_words)
    return {"iccid": held.iccid, "gate": held.gate, "result": held.result, "reason": reason}


def _say_held(held: "list[Held]") -> None:
    from agent.cli.table import columns

    if not held:
        return
    print(t("held back: {count} cards", count=len(held)))
    rows = [(mask(each.iccid, 6, 4), each.reason.in_words()) for each in held]
    print("\n".join(columns(rows, limit=80)))


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
