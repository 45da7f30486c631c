"""How a command gets at the modem: through the daemon that owns it, else by opening the port."""

import argparse
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.cli.numbers import baud
from agent.config_files import SYSTEM_STATE_DIR, configured, control_path
from agent.errors import UsageError
from agent.i18n import t

if TYPE_CHECKING:
    from agent.modem_session import ModemSession

Json = dict[str, Any]

_BAUDRATE = 115200


def add_port_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that name a modem."""
    parser.add_argument(
        "--port",
        metavar="URL",
        help=t("the modem's AT port: /dev/ttyUSB2, socket://HOST:PORT, rfc2217://HOST:PORT"),
    )
    parser.add_argument("--baudrate", type=baud, metavar="BD", help=t("speed of a serial port"))
    parser.add_argument(
        "--profile", metavar="NAME", help=t("take this modem profile, ask for none")
    )


def document_of(
    args: argparse.Namespace, request: Json, read: Callable[["ModemSession"], Json]
) -> Json:
    """The daemon's answer to `request` where it owns the port, else what `read` makes of it.

    Both give the same document.

    Raises:
        AgentError, ModemError, SimError: no port is known, or it does not lead to an answer.
    """
    settings = _settings(args.config)
    answer = _of_daemon(settings, {**request, "v": 1, "port": args.port})
    return _of_port(args, settings, read) if answer is None else answer


def _settings(option: str | None) -> Any:
    """The configuration, or None where there is none: then pydantic is not even imported."""
    if not configured(option, os.environ):
        return None
    from agent.config import load

    return load(option, os.environ)


def _of_daemon(settings: Any, request: Json) -> Json | None:
    state_dir = SYSTEM_STATE_DIR if settings is None else str(settings.device.state_dir)
    path = control_path(state_dir)
    if not os.path.exists(path):  # noqa: PTH110 - pathlib costs 8 ms at start
        return None
    from agent.control import ask

    return ask(path, request)


def _of_port(
    args: argparse.Namespace, settings: Any, read: Callable[["ModemSession"], Json]
) -> Json:
    port, profile, slot, baudrate = _chosen_port(args, settings)
    from agent.errors import ModemUnreachable
    from agent.modem_session import ModemSession
    from modem.engine import NO_ANSWER
    from modem.errors import AtTimeout, PortLost
    from modem.transport.serial_port import open_stream

    # SIGTERM ends a command like Ctrl-C does: what was changed in the modem is put back first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    session = ModemSession(
        lambda: open_stream(port, baudrate=baudrate), port, profile=profile, slot=slot
    )
    try:
        return read(session)
    except PortLost as error:
        raise ModemUnreachable("{port}: {reason}", port=port, reason=str(error)) from error
    except AtTimeout as error:
        raise ModemUnreachable("{port}: {reason}", port=port, reason=NO_ANSWER) from error
    finally:
        session.close()


def _chosen_port(args: argparse.Namespace, settings: Any) -> tuple[str, str | None, int, int]:
    """(port, profile, slot, speed): of the options, else of the first configured modem.

    Raises:
        UsageError: neither names a port.
    """
    entries = settings.modem if settings is not None else []
    entry = next((each for each in entries if args.port in {None, each.port}), None)
    port = args.port or (entry.port if entry else None)
    if port is None:
        raise UsageError("no modem port given: use --port URL, or [[modem]] in a configuration")
    profile = args.profile or (entry.profile if entry else None)
    baudrate = args.baudrate or (entry.baudrate if entry else _BAUDRATE)
    return port, profile, entry.slot if entry else 1, baudrate
