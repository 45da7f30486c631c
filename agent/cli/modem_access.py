"""How a command gets at the modem: through the daemon that owns it, else by opening the port."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from agent.cli.numbers import baud
from agent.config_files import SYSTEM_STATE_DIR, configured, control_path
from agent.errors import UsageError
from agent.i18n import reason_text, t

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
    parser.add_argument(
        "--modemmanager",
        choices=("refuse", "inhibit"),
        help=t("where ModemManager has the modem: leave it, or take it while this command runs"),
    )


def document_of(
    args: argparse.Namespace, request: Json, read: Callable[["ModemSession"], Json]
) -> Json:
    """The daemon's answer to `request` where it owns the port, else what `read` makes of it.

    Both give the same document.

    Raises:
        AgentError, ModemError, SimError: no port is known, or it does not lead to an answer.
    """
    with ModemDesk(args) as desk:
        return desk.answer(request, read)


class ModemDesk:
    """One request after the other to a modem; the port is opened once, where no daemon owns it."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._settings = settings_of(args.config)
        self._session: ModemSession | None = None
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def answer(self, request: Json, read: Callable[["ModemSession"], Json] | None = None) -> Json:
        """The daemon's answer to `request`, else what `read` (or the request itself) makes of it.

        Raises:
            AgentError, ModemError, SimError: no port is known, or it does not lead to an answer.
        """
        if self._session is None:
            asked = {**request, "v": 1, "port": self._args.port}
            told = _of_daemon(self._settings, asked)
            if told is not None:
                return told
            # SIGTERM ends a command like Ctrl-C does: what was changed in the modem is put back.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            self._session = _session(_way(self._args, self._settings), self._closing)
        return _done(self._session, read or _work_of(request))


def _work_of(request: Json) -> Callable[["ModemSession"], Json]:
    from agent.requests import work_of

    work = work_of(request)
    assert work is not None, "a request of our own"
    return work


def _done(session: "ModemSession", work: Callable[["ModemSession"], Json]) -> Json:
    from agent.errors import ModemUnreachable
    from modem.engine import NO_ANSWER
    from modem.errors import AtTimeout, PortLost

    try:
        return work(session)
    except PortLost as error:
        raise ModemUnreachable("{port}: {reason}", port=session.port, reason=str(error)) from error
    except AtTimeout as error:
        raise ModemUnreachable("{port}: {reason}", port=session.port, reason=NO_ANSWER) from error


def settings_of(option: str | None) -> Any:
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


class _Way(NamedTuple):
    """How to get at a modem: the ports to try, best first, and what is configured for it."""

    urls: tuple[str, ...]
    profile: str | None
    slot: int
    baudrate: int
    modemmanager: str


def _session(way: _Way, closing: ExitStack) -> "ModemSession":
    """A session at the first port that can be had; of `closing` it is closed.

    Raises:
        PortUnavailable: why the best one cannot be had, where none can.
    """
    from agent.modem_port import ModemPort
    from agent.modem_session import ModemSession
    from modem.errors import PortTaken

    trouble: PortTaken | None = None
    for url in way.urls:
        port = ModemPort(url, baudrate=way.baudrate, modemmanager=way.modemmanager)
        closing.callback(port.close)
        try:
            session = ModemSession(port.open, url, profile=way.profile, slot=way.slot)
        except PortTaken as error:
            trouble = trouble or error
            continue
        closing.callback(session.close)
        if trouble is not None:
            text = t("{url}: {reason}", url=trouble.url, reason=reason_text(trouble.reason))
            print(f"simward: {text}; {t('taking {port}', port=url)}", file=sys.stderr)
        return session
    assert trouble is not None
    raise trouble


def _way(args: argparse.Namespace, settings: Any) -> _Way:
    """As the options say, else the first configured modem, else what discovery finds.

    Raises:
        UsageError: the port's name is empty.
        ModemUnreachable: no port is named and no modem found.
    """
    if args.port == "":
        raise UsageError("{name}: a value is missing", name="--port")
    entries = settings.modem if settings is not None else []
    entry = next((each for each in entries if args.port in {None, each.port}), None)
    port = args.port or (entry.port if entry else None)
    baudrate = args.baudrate or (entry.baudrate if entry else _BAUDRATE)
    modemmanager = args.modemmanager or (entry.modemmanager if entry else "refuse")
    return _Way(
        urls=(port,) if port else _discovered(baudrate, modemmanager),
        profile=args.profile or (entry.profile if entry else None),
        slot=entry.slot if entry else 1,
        baudrate=baudrate,
        modemmanager=modemmanager,
    )


def _discovered(baudrate: int, modemmanager: str) -> tuple[str, ...]:
    from agent.cli.port_choice import discover
    from agent.modem_port import INHIBIT

    choice = discover(baudrate, inhibits=modemmanager == INHIBIT)
    return tuple(port.path for port in choice.ports)
