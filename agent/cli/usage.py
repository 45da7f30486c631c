"""`simward usage`: data used by each card in its billing cycles."""

import argparse
import os
import sys
from typing import Any

from agent.cli.documents import print_document
from agent.cli.given import document_in
from agent.config import Settings, load
from agent.config_files import control_path
from agent.exits import OK
from agent.i18n import t
from cloud_bridge.orders import AccountFacts, read_account

Json = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward usage`."""
    parser.add_argument(
        "--air", action="store_true", help=t("simward's own bytes a day, predicted and measured")
    )
    parser.add_argument("--account", metavar="FILE", help=t("what the platform says, JSON"))
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Print it.

    Raises:
        StoreError: the store cannot be read.
        UsageError: the account facts cannot be read.
        DaemonError, RefusedError: the daemon does not answer.
    """
    account = document_in("--account", args.account, read_account)
    document = _document(load(args.config, os.environ), account, air=args.air)
    if args.json:
        print_document(document)
    else:
        from agent.cli.usage_text import render, render_air

        if args.air:
            print(render_air(document), flush=True)
        else:
            print(render(document, full=args.full, chart=sys.stdout.isatty()), flush=True)
    return OK


def _document(settings: Settings, account: AccountFacts | None, *, air: bool) -> Json:
    """The daemon's answer where one runs, else what its store says."""
    path = control_path(str(settings.device.state_dir))
    if os.path.exists(path):  # noqa: PTH110 - as everywhere on this way
        from agent.control import ask

        request: Json = {"v": 1, "ask": "usage", "air": air}
        if account is not None:
            request["account"] = account.model_dump(mode="json", by_alias=True)
        answer = ask(path, request)
        if answer is not None:
            return answer
    from agent.usage.answer import usage_of

    return usage_of(settings, air=air, account=account)
