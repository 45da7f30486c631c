"""`simward fixture`: simulated modems and cards, and dialogues played back, on this machine."""

import argparse
import signal
import sys
import time
import tomllib
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TextIO

from agent.cli import fixture_record
from agent.cli.numbers import baud, seconds
from agent.complaints import describe
from agent.errors import UsageError
from agent.exits import OK
from agent.i18n import mark, t
from modem.simulator.device import Device
from modem.simulator.fixture import FixtureError

if TYPE_CHECKING:
    from modem.simulator.changes import Change
    from modem.simulator.modem import SimulatedModem

_NO_CARD = "none"
_OF_A_MODEM = ("modem", "scenario", "do", "stdin", "pty", "tcp", "link", "latency", "baud", "fault")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `simward fixture`."""
    actions = parser.add_subparsers(dest="fixture_command", metavar="ACTION", required=True)
    simulate = actions.add_parser("simulate", help=t("run a simulated modem or card"))
    simulate.add_argument("--modem", metavar="NAME", help=t("profile or TOML file"))
    simulate.add_argument("--card", metavar="NAME", help=t("card profile or TOML file, or none"))
    simulate.add_argument(
        "--vpcd",
        metavar="HOST:PORT",
        help=t("put the card into the virtual reader (vsmartcard-vpcd) there"),
    )
    simulate.add_argument(
        "--scenario", metavar="FILE", help=t("what happens by the clock and by command")
    )
    simulate.add_argument(
        "--do",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=t("so from the start, as in a step of a scenario: network.eps.reject=8"),
    )
    simulate.add_argument(
        "--stdin", action="store_true", help=t("do each such line of standard input as it comes")
    )
    simulate.add_argument("--log", metavar="FILE", help=t("write each command and its answer here"))
    _add_port_arguments(simulate)
    play = actions.add_parser("play", help=t("play back a recorded dialogue"))
    play.add_argument("file", metavar="FILE", help=t("dialogue file, or FAMILY/NAME"))
    play.add_argument("--echo", choices=("on", "off"), help=t("echo of the modem"))
    _add_port_arguments(play)
    fixture_record.add_arguments(actions)


def _add_port_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--pty", action="store_true", help=t("at a pseudo terminal (the default)"))
    where.add_argument("--tcp", metavar="HOST:PORT", help=t("at a TCP port"))
    parser.add_argument("--link", metavar="PATH", help=t("a name for the pseudo terminal"))
    parser.add_argument("--latency", type=seconds, metavar="MS", help=t("per command"))
    parser.add_argument("--baud", type=baud, default=0, metavar="BD", help=t("speed of the line"))
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help=t("a disturbance of the line")
    )
    parser.add_argument("--seconds", type=seconds, metavar="N", help=t("end after so many seconds"))


def run(args: argparse.Namespace) -> int:
    """Record; or serve until SIGTERM, SIGINT or the end of `--seconds`."""
    if args.fixture_command == "record":
        return fixture_record.run(args)
    # An Event's lock could be held by the very thread that the signal interrupts.
    signals: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, lambda caught, _: signals.put(caught))
    try:
        with ExitStack() as stack:
            if getattr(args, "vpcd", None):
                _serve_card(args, stack, signals)
            else:
                _serve_modem(args, stack)
                _wait(signals, args.seconds, lambda: None)
    except FixtureError as error:
        raise _refusal(error) from error
    return OK


def _wait(signals: "SimpleQueue[int]", seconds: float | None, turn: Callable[[], None]) -> None:
    """Until a signal ends it or time is over; at SIGUSR1 the card is turned out or in."""
    end = None if seconds is None else time.monotonic() + seconds
    with suppress(Empty):
        while (
            signals.get(timeout=None if end is None else max(0.0, end - time.monotonic()))
            == signal.SIGUSR1
        ):
            turn()


def _serve_card(args: argparse.Namespace, stack: ExitStack, signals: "SimpleQueue[int]") -> None:
    """Put the card into the virtual reader; SIGUSR1 takes it out, and puts it back."""
    from agent.cli.virtual_card import VirtualCard

    for name in _OF_A_MODEM:
        if getattr(args, name):
            what = f"--{name}"
            raise UsageError(mark("{name} does not go with {what}"), name="--vpcd", what=what)
    if args.card is None:
        raise UsageError(mark("missing argument: {what}"), what="--card")
    host, number = _address(args.vpcd, "--vpcd")
    log_file = stack.enter_context(_open_log(args.log)) if args.log else None
    try:
        card = stack.enter_context(VirtualCard(args.card, host, number, log_file))
        print(f"reader: {args.vpcd}", flush=True)
        _wait(signals, args.seconds, card.turn)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(mark("{file}: {reason}"), file=args.vpcd, reason=reason) from error


def _serve_modem(args: argparse.Namespace, stack: ExitStack) -> None:
    """Open the port, say where it is, and follow standard input where that is wanted."""
    served = device = _device(args, stack)
    for fault in args.fault:
        served = _with_fault(served, fault)
    print(f"port: {_serve(served, args, stack)}", flush=True)
    if args.fixture_command == "simulate" and args.stdin:
        Thread(target=_follow, args=(device,), daemon=True).start()


def _device(args: argparse.Namespace, stack: ExitStack) -> Device:
    if args.fixture_command == "play":
        from modem.simulator.dialogue import Dialogue, DialoguePlayer

        echo = None if args.echo is None else args.echo == "on"
        dialogue = Dialogue.load(args.file)
        # A latency of one's own takes the place of the recorded one.
        return DialoguePlayer(dialogue if args.latency is None else dialogue.at_once(), echo=echo)
    from modem.simulator.modem import SimulatedModem
    from modem.simulator.scenario import load_scenario

    scenario = load_scenario(args.scenario) if args.scenario else None
    name = args.modem or (scenario.modem if scenario else None)
    if name is None:
        raise UsageError("no modem given: use --modem NAME, or a scenario that names one")
    card = args.card or (scenario.card if scenario else None)
    card = "" if card == _NO_CARD else card
    log_file = stack.enter_context(_open_log(args.log)) if args.log else None
    modem = SimulatedModem.load(name, card, scenario=scenario, log_file=log_file)
    for assignment in args.do:
        modem.apply(_change(assignment, "--do"))
    return modem


def _change(text: str, where: str) -> "Change":
    """A line of TOML as something that happens to a modem.

    Raises:
        FixtureError: it is none, or has a key or value that does not fit.
    """
    from modem.simulator.changes import read_change

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FixtureError(where, text, "not TOML") from error
    return read_change(where, "", table)


def _follow(device: "SimulatedModem") -> None:
    """Do what each line of standard input says; a line that makes no sense is named and left."""
    for line in sys.stdin:
        try:
            device.apply(_change(line, "--stdin"))
        except FixtureError as error:
            words = describe(_refusal(error)).in_words()
            print(f"simward: {words}", file=sys.stderr, flush=True)


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

    latency_s = (args.latency or 0.0) / 1000
    where = args.tcp or args.link or "pty"
    try:
        if args.tcp is None:
            link = Path(args.link) if args.link else None
            served = serve_pty(device, link=link, latency_s=latency_s, baud=args.baud)
            return stack.enter_context(served).url
        if args.link:
            raise UsageError(mark("{name} does not go with {what}"), name="--link", what="--tcp")
        host, number = _address(args.tcp, "--tcp")
        port = serve_tcp(device, host, number, latency_s=latency_s, baud=args.baud)
        return stack.enter_context(port).url
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(mark("{file}: {reason}"), file=where, reason=reason) from error


def _address(text: str, option: str) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    if not host or not number.isdecimal() or int(number) > 0xFFFF:
        raise UsageError(mark("{name}: {what} is no valid value"), name=option, what=text)
    return host, int(number)


def _refusal(error: FixtureError) -> UsageError:
    """What is wrong with a fixture, for the user's language."""
    fields = {"file": error.file, "place": error.place, "reason": error.reason}
    if error.known:
        names = ", ".join(error.known)
        return UsageError(mark("{file}: {reason}; there are: {names}"), **fields, names=names)
    if isinstance(error.place, int):
        return UsageError(mark("{file}: line {place}: {reason}"), **fields)
    if error.place:
        return UsageError(mark("{file}: {place}: {reason}"), **fields)
    return UsageError(mark("{file}: {reason}"), **fields)
