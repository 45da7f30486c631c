"""`simward bind`: record the pairing of card, modem and device, with its account facts."""

import argparse
from typing import TYPE_CHECKING, Any

from agent.binding.hold import Done, release_data
from agent.binding.installation import Shown, Wish, bind
from agent.cli.documents import print_document
from agent.cli.given import document_in
from agent.cli.modem_access import ModemDesk, add_port_arguments, settings_of
from agent.config import Settings
from agent.config_files import SYSTEM_STATE_DIR
from agent.exits import NO, OK
from agent.i18n import t
from cloud_bridge.orders import read_account, read_order

if TYPE_CHECKING:
    from pathlib import Path

    from agent.modem_session import ModemSession

Json = dict[str, Any]


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
    from pathlib import Path

    from agent.snapshot import to_json

    snapshot = to_json(session.snapshot())
    path = Path(SYSTEM_STATE_DIR) if settings is None else settings.device.state_dir
    entries = [] if settings is None else settings.modem
    slot = next((each.slot for each in entries if port in {None, each.port}), 1)
    if not wish.record:
        return _looked_at(path, snapshot, slot, wish)
    document = _recorded(path, snapshot, slot, wish)
    if document["hold"] is not None and document["hold"]["released"]:
        document["hold"]["refused"] = release_data(session, Done.from_json(document["hold"]))
    return document


def _looked_at(path: "Path", snapshot: Json, slot: int, wish: Wish) -> Json:
    """Without writing anything: a user who may read the store alone may look."""
    from contextlib import closing

    from agent import clock
    from agent.stamps import stamp_now
    from agent.store import blank_store, reading_store

    shown = Shown(snapshot, slot, stamp_now(0), clock.now())
    with reading_store(path) as connection:
        if connection is not None:
            return bind(connection, shown, wish, _nothing)
        with closing(blank_store()) as blank:
            return bind(blank, shown, wish, _nothing)


def _recorded(path: "Path", snapshot: Json, slot: int, wish: Wish) -> Json:
    from agent import clock
    from agent.report import event_body
    from agent.stamps import stamp_now
    from agent.state_dir import StateDir
    from agent.store import Store
    from cloud_bridge.outbox import Outbox

    state_dir = StateDir(path)
    try:
        boot = state_dir.boot()
        store = Store(path, boot=boot)
        try:
            stamp = stamp_now(boot)
            outbox = Outbox(store.connection, stamp=stamp.body)
            with store.transaction():
                return bind(
                    store.connection,
                    Shown(snapshot, slot, stamp, clock.now()),
                    wish,
                    lambda code, args: _append(outbox, event_body(code, args, stamp)),
                )
        finally:
            store.close()
    finally:
        state_dir.close()


def _nothing(_code: str, _args: Json) -> None:
    """What only looks raises no event."""


def _append(outbox: Any, body: Json) -> None:
    outbox.append("event", body)
