"""`simward sim restore`: put what a backup has on a card, where there is room and right for it."""

import argparse
from pathlib import Path
from typing import Any

from agent.cli.card_desk import CardDesk, add_card_arguments
from agent.cli.documents import print_document
from agent.cli.lock_options import add_key_arguments, key_of
from agent.cli.plan_steps import (
    Log,
    carry_out,
    kept_json,
    kept_lines,
    place_lines,
    places_json,
    show,
)
from agent.cli.sim_backup import check_is_whole
from agent.exits import NO, OK
from agent.i18n import t

Json = dict[str, Any]

SCHEMA = "simward/restored/1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The backup, what opens it, the order, and the way to the card."""
    parser.add_argument("file", metavar="FILE", help=t("the backup"))
    parser.add_argument(
        "--yes-restore",
        metavar="ICCID",
        help=t("do it, on the card with this number; without it, say what would be done"),
    )
    add_key_arguments(parser)
    add_card_arguments(parser)
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Write, or say what would be written."""
    from agent.backup import read_backup
    from agent.wiping import check_is_card, plan_restore

    backup, _ = read_backup(Path(args.file), key_of(args))
    with CardDesk(args) as desk:
        document = desk.personal(contents=False)
        check_is_whole(document)
        check_is_card(args.yes_restore, document, "--yes-restore")
        plan = plan_restore(document, backup)
        if args.yes_restore is None:
            return _tell(args, document, plan, [(s.path, s.record) for s in plan.steps], plan.kept)
        log = Log(f"{args.file}.{document['iccid']}.log", document["iccid"])

        def done(step: Any) -> None:
            log.note("restored", step)
            show(step)

        try:
            made, refused = carry_out(desk, plan, done)
        finally:
            log.close()
    places = [(step.path, step.record) for step in made]
    return _tell(args, document, plan, places, [*plan.kept, *refused])


def _tell(
    args: argparse.Namespace,
    document: Json,
    plan: Any,
    places: list[tuple[str, int]],
    kept: Any,
) -> int:
    dry = args.yes_restore is None
    if args.json:
        print_document(
            {
                "schema": SCHEMA,
                "dry_run": dry,
                "iccid": document["iccid"],
                "to_restore" if dry else "restored": places_json(places),
                "restored_before": places_json(plan.before),
                "not_restored": kept_json(kept),
            }
        )
    else:
        from agent.cli.personal_text import heading, names_of

        names = names_of(document)
        what = t("would be restored") if dry else t("restored")
        lines = [heading(document["iccid"], full=args.full), what, *place_lines(places, names)]
        if plan.before:
            lines += [t("there already"), *place_lines(plan.before, names)]
        if kept:
            lines += [t("not restored"), *kept_lines(kept, names)]
        if dry:
            lines.append(t("nothing was written: {name} is missing", name="--yes-restore"))
        print("\n".join(lines))
    return OK if dry or not kept else NO
