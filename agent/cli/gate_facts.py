"""What the gates want to know: papers from files, the device from whoever owns its port."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.cli.given import document_in
from agent.config_files import SYSTEM_STATE_DIR
from agent.i18n import t
from agent.own_uplink import ssh_of

if TYPE_CHECKING:
    from agent.cli.modem_access import ModemDesk
    from agent.modem_session import ModemSession
    from agent.unbind.facts import Backend, Operator

Json = dict[str, Any]


class Papers(NamedTuple):
    """What people and the cloud side gave, in files."""

    backend: "Backend"
    operator: "Operator"


def add_paper_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that name those files."""
    parser.add_argument("--order", metavar="FILE", help=t("the work order, JSON"))
    parser.add_argument(
        "--answers",
        metavar="FILE",
        help=t("the operator's answers, JSON; at a terminal new ones are written there"),
    )
    parser.add_argument("--account", metavar="FILE", help=t("what the platform says, JSON"))


def papers_of(args: argparse.Namespace) -> Papers:
    """The files' contents.

    Raises:
        UsageError: one cannot be read, or is no such document.
    """
    from agent.unbind.answers import read_answers
    from agent.unbind.facts import Backend, Operator
    from cloud_bridge.orders import read_account, read_order

    backend = Backend(
        document_in("--order", args.order, read_order),
        document_in("--account", args.account, read_account),
    )
    answers = args.answers
    if answers is not None and not os.path.exists(answers) and sys.stdin.isatty():  # noqa: PTH110 - one way with the rest
        answers = None  # it will be written
    return Papers(backend, document_in("--answers", answers, read_answers) or Operator())


def device_document(desk: "ModemDesk", settings: Any, port: str | None) -> Json:
    """The document `simward/device_facts/1`, by the daemon or by the desk's own session.

    Raises:
        AgentError, ModemError: no modem is known, or none answers.
    """
    from pathlib import Path

    from agent.unbind.readings import read_device, request_of

    ssh = ssh_of(os.environ)

    def read(session: "ModemSession") -> Json:
        entries = settings.modem if settings is not None else []
        entry = next((each for each in entries if port in {None, each.port}), None)
        interface = None if entry is None else entry.interface
        state_dir = SYSTEM_STATE_DIR if settings is None else settings.device.state_dir
        return read_device(session, interface, ssh, Path(state_dir))

    return desk.answer(request_of(ssh), read)
