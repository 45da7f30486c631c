"""`simward sim wipe`: clear what is somebody's, record by record, if it is in a backup."""

import argparse
from pathlib import Path
from typing import Any

from agent.cli.card_desk import CardDesk, add_card_arguments
from agent.cli.documents import print_document
from agent.cli.lock_options import add_key_arguments, add_lock_arguments, key_of, lock_of
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
from agent.errors import UsageError
from agent.exits import NO, OK
from agent.i18n import t

Json = dict[str, Any]

SCHEMA = "simward/wiped/1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The backup, what opens or closes it, the order, and the way to the card."""
    parser.add_argument("--backup", metavar="FILE", help=t("the backup that has it all"))
    parser.add_argument(
        "--new-backup",
        metavar="FILE",
        help=t("make this backup first: where the key that opens it is not at hand"),
    )
    parser.add_argument(
        "--yes-wipe",
        metavar="ICCID",
        help=t("do it, on the card with this number; without it, say what would be done"),
    )
    add_lock_arguments(parser)
    add_key_arguments(parser)
    add_card_arguments(parser)
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Clear, or say what would be cleared."""
    from agent.backup import backup_of, read_backup, write_backup
    from agent.wiping import check_is_card, plan_wipe

    file = _file(args)
    ordered = args.yes_wipe is not None
    old = lock = None
    if args.new_backup is None:
        old, _ = read_backup(Path(file), key_of(args))
    elif ordered:
        lock = lock_of(args)
    with CardDesk(args) as desk:
        document = desk.personal()
        check_is_whole(document)
        check_is_card(args.yes_wipe, document, "--yes-wipe")
        if lock is not None:
            backup = write_backup(Path(file), document, lock)
        else:
            backup = old or backup_of(document)
        plan = plan_wipe(document, backup)
        if not ordered:
            return _dry(args, document, plan)
        return _wipe(args, desk, document, plan, f"{file}.log")


def _file(args: argparse.Namespace) -> str:
    if (args.backup is None) == (args.new_backup is None):
        raise UsageError("one of {names} is needed", names="--backup, --new-backup")
    wrong = (
        ("--recipient", args.recipient) if args.backup else ("--identity-file", args.identity_file)
    )
    if wrong[1]:
        what = "--backup" if args.backup else "--new-backup"
        raise UsageError("{name} does not go with {what}", name=wrong[0], what=what)
    return str(args.backup or args.new_backup)


def _dry(args: argparse.Namespace, document: Json, plan: Any) -> int:
    steps = [(step.path, step.record) for step in plan.steps if step.counts]
    if args.json:
        print_document(
            {
                "schema": SCHEMA,
                "dry_run": True,
                "iccid": document["iccid"],
                "to_clear": places_json(steps),
                "cleared_before": places_json(plan.before),
                "kept": kept_json(plan.kept),
            }
        )
        return OK
    from agent.cli.personal_text import heading, names_of

    names = names_of(document)
    lines = [
        heading(document["iccid"], full=args.full),
        t("would be cleared"),
        *place_lines(steps, names),
    ]
    if plan.kept:
        lines += [t("stays"), *kept_lines(plan.kept, names)]
    print("\n".join([*lines, t("nothing was cleared: {name} is missing", name="--yes-wipe")]))
    return OK


def _wipe(
    args: argparse.Namespace, desk: CardDesk, document: Json, plan: Any, log_path: str
) -> int:
    from agent.residue import counts_of, files_of

    log = Log(log_path, document["iccid"])

    def done(step: Any) -> None:
        log.note("cleared", step)
        show(step)

    try:
        made, refused = carry_out(desk, plan, done)
    finally:
        log.close()
    after = desk.personal(contents=False)  # the last word has the card
    left = counts_of(files_of(after), after["modem"])
    kept = [*plan.kept, *refused]
    cleared = [(step.path, step.record) for step in made]
    if args.json:
        print_document(
            {
                "schema": SCHEMA,
                "dry_run": False,
                "iccid": document["iccid"],
                "cleared": places_json(cleared),
                "cleared_before": places_json(plan.before),
                "kept": kept_json(kept),
                "left": left,
                "log": log_path,
            }
        )
    else:
        from agent.cli.personal_text import count_rows, heading, names_of

        names = names_of(document)
        lines = [
            heading(document["iccid"], full=args.full),
            t("cleared"),
            *place_lines(cleared, names),
        ]
        if plan.before:
            lines += [t("cleared before"), *place_lines(plan.before, names)]
        if kept:
            lines += [t("stays"), *kept_lines(kept, names)]
        print("\n".join([*lines, t("still there"), *count_rows(left)]))
        print(t("written to {file}", file=log_path))
    return NO if kept or any(left.values()) else OK
