"""`simward fixture`: run a simulated modem, or play back a dialogue, at a port of this machine."""

import argparse
import signal
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NoReturn, TextIO

from agent.cli.numbers import seconds
from agent.errors import UsageError
from agent.exits import OK
from agent.i18n import mark, t
from modem.simulator.device import Device
from modem.simulator.fixture import FixtureError

_NO_CARD = "none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `simward fixture`."""
    actions = parser.add_subparsers(dest="fixture_command", metavar="ACTION", required=True)
    simulate = actions.add_parser("simulate", help=t("run a simulated modem"))
    simulate.add_argument("--modem", required=True, metavar="NAME", help=t("profile or TOML file"))
    simulate.add_argument("--card", metavar="NAME", help=t("card profile or TOML file, or none"))
    simulate.add_argument("--scenario", metavar="FILE", help=t("what happens by the clock"))
    simulate.add_argument("--log", metavar="FILE", help=t("write each command and its answer here"))
    _add_port_arguments(simulate)
    play = actions.add_parser("play", help=t("play back a recorded dialogue"))
    play.add_argument("file", metavar="FILE", help=t("dialogue file, or FAMILY/NAME"))
    play.add_argument("--echo", choices=("on", "off"), help=t("echo of the modem"))
    _add_port_arguments(play)


def _add_port_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--pty", action="store_true", help=t("at a pseudo terminal (the default)"))
    where.add_argument("--tcp", metavar="HOST:PORT", help=t("at a TCP port"))
    parser.add_argument("--link", metavar="PATH", help=t("a name for the pseudo terminal"))
    parser.add_argument("--latency", type=seconds, default=0.0, metavar="MS", help=t("per command"))
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help=t("a disturbance of the line")
    )
    parser.add_argument("--seconds", type=seconds, metavar="N", help=t("end after so many seconds"))


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM, SIGINT or the end of `--seconds`."""
    # An Event's lock could be held by the very thread that the signal interrupts.
    stop: SimpleQueue[None] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.put(None))
    try:
        with ExitStack() as stack:
            device = _device(args, stack)
            for fault in args.fault:
                device = _with_fault(device, fault)
            print(f"port: {_serve(device, args, stack)}", flush=True)
            with suppress(Empty):
                stop.get(timeout=args.seconds)
    except FixtureError as error:
        _refuse(error)
    return OK


def _device(args: argparse.Namespace, stack: ExitStack) -> Device:
    if args.fixture_command == "play":
        from modem.simulator.dialogue import Dialogue, DialoguePlayer

        echo = None if args.echo is None else args.echo == "on"
        return DialoguePlayer(Dialogue.load(args.file), echo=echo)
    from modem.simulator.modem import SimulatedModem
    from modem.simulator.scenario import load_scenario

    scenario = load_scenario(args.scenario) if args.scenario else None
    card = "" if args.card == _NO_CARD else args.card
    log_file = stack.enter_context(_open_log(args.log)) if args.log else None
    return SimulatedModem.load(args.modem, card, scenario=scenario, log_file=log_file)


def _open_log(file: str) -> TextIO:
    try:
        return Path(file).open("a", encoding="utf-8")
    except OSError as error:
        raise UsageError(mark("{file}: {reason}"), file=file, reason=error.strerror) from error


def _with_fault(device: Device, text: str) -> Device:
    from modem.simulator.faults import with_fault

    return with_fault(device, text)


def _serve(device: Device, args: argparse.Namespace, stack: ExitStack) -> str:
    """Open the port; the URL for clients."""
    from modem.simulator.ports import serve_pty, serve_tcp

    latency_s = args.latency / 1000
    where = args.tcp or args.link or "pty"
    try:
        if args.tcp is None:
            link = Path(args.link) if args.link else None
            return stack.enter_context(serve_pty(device, link=link, latency_s=latency_s)).url
        if args.link:
            raise UsageError(mark("{name} does not go with {what}"), name="--link", what="--tcp")
        host, number = _address(args.tcp)
        return stack.enter_context(serve_tcp(device, host, number, latency_s=latency_s)).url
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(mark("{file}: {reason}"), file=where, reason=reason) from error


def _address(text: str) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    if not host or not number.isdecimal() or int(number) > 0xFFFF:
        raise UsageError(mark("{name}: {what} is no valid value"), name="--tcp", what=text)
    return host, int(number)


def _refuse(error: FixtureError) -> NoReturn:
    """Say in the user's language what is wrong with a fixture.

    Raises:
        UsageError: always.
    """
    fields = {"file": error.file, "place": error.place, "reason": error.reason}
    if isinstance(error.place, int):
        raise UsageError(mark("{file}: line {place}: {reason}"), **fields) from error
    if error.place:
        raise UsageError(mark("{file}: {place}: {reason}"), **fields) from error
    raise UsageError(mark("{file}: {reason}"), **fields) from error
