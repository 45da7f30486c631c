"""`simward bind`: record the pairing of card, modem and device, with its account facts."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agent.binding.hold import Done, release_data
from agent.binding.installation import Shown, Wish, bind
from agent.cli.documents import print_document
from agent.cli.given import document_in
from agent.cli.modem_access import ModemDesk, add_port_arguments, settings_of
from agent.cli.numbers import seconds
from agent.config import Settings
from agent.config_files import SYSTEM_STATE_DIR
from agent.errors import UsageError
from agent.exits import NO, OK
from agent.i18n import in_both, mark, reason_text, t
from cloud_bridge.orders import read_account, read_order

if TYPE_CHECKING:
    from agent.modem_session import ModemSession

Json = dict[str, Any]

_WAIT_S: Final = 10.0
_UNWRITTEN: Final = mark(
    "--evidence: cannot write {file}: {reason}; the pairing is recorded, its evidence is {kept}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward bind`."""
    add_port_arguments(parser)
    parser.add_argument("--order", metavar="FILE", help=t("the work order, JSON"))
    parser.add_argument("--account", metavar="FILE", help=t("what the platform says, JSON"))
    parser.add_argument("--technician", metavar="NAME", help=t("who installs it; is recorded"))
    parser.add_argument(
        "--accept-costs",
        action="store_true",
        help=t("let held data go on, though the platform binds the card to another IMEI"),
    )
    parser.add_argument(
        "--evidence", metavar="FILE", help=t("write the signed evidence to this file, too")
    )
    parser.add_argument(
        "--wait",
        metavar="S",
        type=seconds,
        default=_WAIT_S,
        help=t("seconds to wait until the backend has the evidence"),
    )
    parser.add_argument("--show", action="store_true", help=t("record nothing, only look"))
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Record or show the pairing; 1 where the history is broken.

    Raises:
        RefusedError: order or account facts are of another card or modem.
        CardUnreadable: the card is not ready, or shows no identity.
        AgentError: modem or store cannot be reached.
    """
    wish = Wish(
        record=not args.show,
        order=document_in("--order", args.order, read_order),
        account=document_in("--account", args.account, read_account),
        technician=args.technician,
        accept_costs=args.accept_costs,
    )
    settings = settings_of(args.config)
    with ModemDesk(args) as desk:
        document = desk.answer(
            wish.to_json(), lambda session: _alone(session, wish, settings, args.port)
        )
    if document["evidence"] is not None:
        _pass_on(document["evidence"], settings, args.evidence, args.wait)
    if args.json:
        print_document(document)
    else:
        from agent.cli.bind_text import render

        print(render(document, full=args.full), flush=True)
    return NO if document["history"]["broken"] else OK


def _alone(
    session: "ModemSession", wish: Wish, settings: Settings | None, port: str | None
) -> Json:
    """The same as the daemon does, where none runs."""
    from agent.snapshot import to_json

    snapshot = to_json(session.snapshot())
    entries = [] if settings is None else settings.modem
    slot = next((each.slot for each in entries if port in {None, each.port}), 1)
    if not wish.record:
        return _looked_at(_state_dir(settings), snapshot, slot, wish)
    document = _recorded(settings, snapshot, slot, wish)
    if document["hold"] is not None and document["hold"]["released"]:
        document["hold"]["refused"] = release_data(session, Done.from_json(document["hold"]))
    return document


def _state_dir(settings: Settings | None) -> Path:
    return Path(SYSTEM_STATE_DIR) if settings is None else settings.device.state_dir


def _looked_at(path: Path, snapshot: Json, slot: int, wish: Wish) -> Json:
    """Without writing anything: a user who may read the store alone may look."""
    from contextlib import closing

    from agent import clock
    from agent.device_key import public_key_at
    from agent.stamps import stamp_now
    from agent.store import blank_store, reading_store

    shown, key = Shown(snapshot, slot, stamp_now(0), clock.now()), public_key_at(path)
    with reading_store(path) as connection:
        if connection is not None:
            return bind(connection, shown, wish, _nothing, public_key=key)
        with closing(blank_store()) as blank:
            return bind(blank, shown, wish, _nothing, public_key=key)


def _recorded(settings: Settings | None, snapshot: Json, slot: int, wish: Wish) -> Json:
    from agent import clock
    from agent.binding.attestation import bind_signed
    from agent.outgoing import Outgoing
    from agent.signer import Signer
    from agent.stamps import stamp_now
    from agent.state_dir import StateDir
    from agent.store import Store
    from cloud_bridge.outbox import Outbox

    path = _state_dir(settings)
    state_dir = StateDir(path)
    try:
        boot = state_dir.boot()
        store = Store(path, boot=boot)
        try:
            stamp = stamp_now(boot)
            outbox = Outbox(store.connection, stamp=stamp.body)
            out = Outgoing(store.connection, outbox, lambda: stamp)
            gw = (settings and settings.device.id) or state_dir.gateway_id()
            shown = Shown(snapshot, slot, stamp, clock.now())
            signer = Signer(state_dir, gw, clock.now)
            with store.transaction():
                return bind_signed(store.connection, shown, wish, out, signer)
        finally:
            store.close()
    finally:
        state_dir.close()


def _nothing(_code: str, _args: Json) -> None:
    """What only looks raises no event."""


def _pass_on(evidence: Json, settings: Settings | None, file: str | None, wait_s: float) -> None:
    """To the backend, and into the file that was asked for; says in it how far it came.

    Raises:
        UsageError: the file cannot be written; the state directory has it all the same.
    """
    from cloud_bridge.evidence import canonical

    raw = canonical(evidence.pop("document")) + b"\n"
    state, reason = _handed_over(settings, raw, wait_s)
    evidence["state"] = state
    evidence["reason"] = reason and in_both(lambda: reason_text(reason))
    if file is None:
        return
    try:
        Path(file).write_bytes(raw)
    except OSError as error:
        raise UsageError(
            _UNWRITTEN, file=file, reason=error.strerror, kept=evidence["file"]
        ) from error


def _handed_over(settings: Settings | None, raw: bytes, wait_s: float) -> tuple[str, str | None]:
    from agent.handover import NO_BROKER, UNREACHABLE, hand_over

    if settings is None or settings.broker.url is None:
        return UNREACHABLE, NO_BROKER
    handed = hand_over(settings, "bind", raw, wait_s)
    return handed.state, handed.reason
