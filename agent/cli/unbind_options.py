"""What the options of `simward unbind` mean, read and checked."""

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.cli.unbind_hands import Given
from agent.diagnosis.wish import checked_number
from agent.errors import CardUnreadable, RefusedError, UsageError
from agent.i18n import mark, t
from agent.unbind import machine
from agent.unbind.case import Case
from cloud_bridge.orders import IS_IMEI
from sim.errors import IdentifierError
from sim.identifiers import Iccid
from sim.reading import Reading

Json = dict[str, Any]

OTHER = mark("--yes-unbind names {named}; the card shows {card}: nothing was done")
UNREAD = mark("the card shows no identity: {reason}")


def iccid_of(told: str) -> str:
    """The ICCID of `--yes-unbind`, as it is compared.

    Raises:
        UsageError: it is none; 15 digits are an IMEI, and are refused with these words.
    """
    text = "".join(told.split()).upper().rstrip("F")
    if len(text) == 15 and text.isdecimal():
        raise UsageError("{name}: {reason}", name="--yes-unbind", reason=IS_IMEI)
    try:
        return Iccid(text).value
    except IdentifierError as error:
        raise UsageError("{name}: {reason}", name="--yes-unbind", reason=error.reason) from error


def begin_refusals(named: str, card: Reading[str], *, begun: bool) -> None:
    """See that the operator named the card that shows itself.

    Raises:
        RefusedError: he named another one.
        CardUnreadable: it does not show itself, and nothing was begun that says what it was.
    """
    if card.known is None and not begun:
        raise CardUnreadable(UNREAD, reason=card.reason or "")
    if card.known is not None and named != card.known:
        raise RefusedError(OTHER, named=named, card=card.known)


def given_of(args: argparse.Namespace) -> Given:
    """What the operator gave; the passphrase of a backup is asked for now, not in the middle."""
    return Given(
        backup=None if args.backup is None else _backup(args),
        backup_file=args.backup,
        save_to=args.save_evidence,
        wait_s=args.wait,
        show=_shown if args.show_evidence else None,
        sms_to=_number(args.probe_sms, "--probe-sms"),
        voice_to=_number(args.probe_voice, "--probe-voice"),
    )


def _number(told: str | None, option: str) -> str | None:
    """A number that something may be sent to; never one for emergencies."""
    return None if told is None else checked_number(told, option)


def refuse_other_backup(args: argparse.Namespace, case: Case) -> None:
    """See that the file of a new backup is not there yet, before anything is begun.

    Raises:
        UsageError: it is, and it is not the one that a killed run of this case wrote.
    """
    if args.backup is None or machine.BACK_UP in case.done or not Path(args.backup).exists():
        return
    if case.begun.get(machine.BACK_UP, {}).get("file") != args.backup:
        raise UsageError("{file}: {reason}", file=args.backup, reason="is there already")


def _shown(raw: bytes) -> bool:
    """Whether somebody says that he photographed every code."""
    from agent.cli.check_dialogue import is_yes
    from agent.cli.qr_screen import show_codes

    return show_codes(raw) and is_yes(t("Is every code photographed? (y/n): "))


def _backup(args: argparse.Namespace) -> Callable[[Json], Json]:
    from agent.cli.lock_options import lock_of

    lock, path = lock_of(args), Path(args.backup)

    def back_up(document: Json) -> Json:
        from agent.backup import write_backup
        from agent.cli.sim_backup import check_is_whole
        from agent.residue import counts_of

        check_is_whole(document)
        beside = path.with_name(path.name + ".part")
        beside.unlink(missing_ok=True)  # one that a kill left
        if path.exists():
            raise UsageError("{file}: {reason}", file=path, reason="is there already")
        backup = write_backup(beside, document, lock)
        beside.replace(path)
        return {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "file": str(path),
            "counts": counts_of(backup.files, document["modem"]),
        }

    return back_up
