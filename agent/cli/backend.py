"""`simward backend`: store what gateways send, show it, acknowledge it; take in files."""

import argparse
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from agent.cli import backend_import
from agent.cli.documents import print_document
from agent.cli.numbers import seconds
from agent.config_files import check_readable
from agent.errors import BrokerUnreachable, StoreError, UsageError
from agent.exits import OK
from agent.i18n import reason_text, t

if TYPE_CHECKING:
    # Only for the annotations: at run time they wait until the command is chosen.
    from cloud_bridge.backend.consumer import Arrival, Consumer
    from cloud_bridge.backend.settings import ConsumerSettings
    from cloud_bridge.backend.store import BackendStore

DEFAULT_ROOT = "sw/1"
_TURN_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward backend`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    backend_import.add_arguments(
        actions.add_parser("import", help=t("take in evidence from files"))
    )
    consume = actions.add_parser("consume", help=t("store what arrives in SQLite, acknowledge it"))
    consume.add_argument("--broker", metavar="URL", required=True, help=t("the broker"))
    consume.add_argument("--db", metavar="FILE", required=True, help=t("the SQLite database"))
    consume.add_argument("--root", metavar="TOPIC", default=DEFAULT_ROOT, help=t("root of topics"))
    consume.add_argument("--username", metavar="NAME", help=t("user name at the broker"))
    consume.add_argument("--password-file", metavar="FILE", help=t("file with the password"))
    consume.add_argument("--ca", metavar="FILE", help=t("certificate of the broker's authority"))
    consume.add_argument("--cert", metavar="FILE", help=t("own certificate"))
    consume.add_argument("--key", metavar="FILE", help=t("key of the own certificate"))
    consume.add_argument(
        "--client-id", metavar="ID", default="simward-backend", help=t("name at the broker")
    )
    consume.add_argument(
        "--ack-every",
        metavar="S",
        type=seconds,
        default=3600.0,
        help=t("seconds between two acknowledgements to one gateway"),
    )
    consume.add_argument(
        "--wait", metavar="S", type=seconds, default=10.0, help=t("seconds to wait for the broker")
    )
    consume.add_argument(
        "--seconds", metavar="S", type=seconds, help=t("end after so many seconds; default: never")
    )
    consume.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """The chosen action."""
    return backend_import.run(args) if args.action == "import" else _run_consumer(args)


def _run_consumer(args: argparse.Namespace) -> int:
    """Consume until the time is over or a signal comes; 0, or 5 where no broker answers."""
    from cloud_bridge.backend.consumer import Consumer
    from cloud_bridge.backend.store import BackendStore
    from cloud_bridge.errors import BackendStoreError, UplinkError

    screen = Screen(sys.stderr if args.json else sys.stdout, full=args.full)
    settings = _settings(args)
    try:
        store = BackendStore(args.db)
    except BackendStoreError as error:
        raise StoreError("{file}: {reason}", file=args.db, reason=str(error)) from error
    try:
        try:
            consumer = Consumer(settings, store, screen)
        except ValueError as error:
            raise UsageError("--broker or --root: {reason}", reason=str(error)) from error
        try:
            with _ended_by_signals(consumer):
                _consume(consumer, screen, args.wait, args.seconds)
        except UplinkError as error:
            raise BrokerUnreachable(
                "{url}: {reason} ({detail})" if error.detail else "{url}: {reason}",
                url=args.broker,
                reason=error.reason,
                detail=error.detail,
            ) from error
        finally:
            consumer.close()
        _conclude(args, store, screen)
    finally:
        store.close()
    return OK


def _settings(args: argparse.Namespace) -> "ConsumerSettings":
    from cloud_bridge.backend.settings import ConsumerSettings
    from cloud_bridge.link import Secret

    for name in ("ca", "cert", "key", "password_file"):
        check_readable("--" + name.replace("_", "-"), getattr(args, name))
    if args.key and not args.cert:
        raise UsageError("{name} is of no use without {what}", name="--key", what="--cert")
    password = None
    if args.password_file:
        try:
            password = Secret(Path(args.password_file).read_text(encoding="utf-8").rstrip("\r\n"))
        except UnicodeDecodeError as error:
            raise UsageError(
                "{name}: {file} is not UTF-8 text", name="--password-file", file=args.password_file
            ) from error
    return ConsumerSettings(
        url=args.broker,
        root=args.root,
        client_id=args.client_id,
        username=args.username,
        password=password,
        ca=args.ca,
        cert=args.cert,
        key=args.key,
        ack_every_s=args.ack_every,
    )


@contextmanager
def _ended_by_signals(consumer: "Consumer") -> Iterator[None]:
    """Inside, the first Ctrl-C or SIGTERM ends the work in good order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: Any) -> None:
        consumer.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _consume(consumer: "Consumer", screen: "Screen", wait_s: float, seconds: float | None) -> None:
    """Work until the end.

    Raises:
        UplinkError: no broker answered within `wait_s`.
    """
    from cloud_bridge.errors import UplinkError
    from cloud_bridge.link import NO_ANSWER

    start = time.monotonic()
    while not consumer.stopping and not screen.connected:
        left_s = start + wait_s - time.monotonic()
        if left_s <= 0:
            raise UplinkError(screen.reason or NO_ANSWER, screen.detail)
        consumer.step(min(_TURN_S, left_s))
    start = time.monotonic()
    while not consumer.stopping:
        left_s = _TURN_S if seconds is None else start + seconds - time.monotonic()
        if left_s <= 0:
            return
        consumer.step(min(_TURN_S, left_s))


def _conclude(args: argparse.Namespace, store: "BackendStore", screen: "Screen") -> None:
    counts = store.counts()
    positions = [
        {"gw": gw, "store": name, "seq": store.ack_position(gw, name)}
        for gw, name in store.stores()
    ]
    if args.json:
        document = {"schema": "simward/backend/1", **counts._asdict()}
        document |= {"new": screen.new, "repeated": screen.repeated, "positions": positions}
        print_document(document)
        return
    print(
        t(
            "stored: {reports} reports, {events} events, {evidence} documents of evidence of"
            " {gateways} gateways; put aside: {dead_letters}",
            **counts._asdict(),
        )
    )


class Screen:
    """What arrives, one line each; also remembers what the exit code and the summary need."""

    def __init__(self, out: TextIO, *, full: bool) -> None:
        self._out = out
        self._full = full
        self.connected = False
        self.reason = ""
        self.detail = ""
        self.new = 0
        self.repeated = 0

    def on_connected(self, protocol: str) -> None:
        """The broker answers."""
        self.connected = True
        self._say(t("connected: {protocol}", protocol=protocol))

    def on_problem(self, reason: str, detail: str) -> None:
        """Something is in the way; said on standard error."""
        self.reason, self.detail = reason, detail
        if self.connected:
            text = reason_text(reason)
            print(f"{text} ({detail})" if detail else text, file=sys.stderr, flush=True)

    def on_arrival(self, arrival: "Arrival") -> None:
        """A message was stored."""
        if arrival.kind in {"report", "event", "evidence"}:
            self.new += arrival.new
            self.repeated += not arrival.new
        from agent.cli.backend_lines import line_of

        self._say(line_of(arrival, full=self._full))
        if arrival.warning is not None:
            warning = t("Note: {what}", what=reason_text(arrival.warning))
            print(f"{arrival.gw}  {warning}", file=sys.stderr, flush=True)

    def on_dead_letter(self, topic: str, reason: str) -> None:
        """Bytes that are no message."""
        # A hostile topic must not write to the terminal.
        self._say(
            t("{topic}: put aside: {reason}", topic=ascii(topic)[1:-1], reason=reason_text(reason))
        )

    def on_ack(self, gw: str, store: str, seq: int) -> None:
        """A gateway was told how far its rows are stored."""
        self._say(t("{gw}  acknowledged up to {seq} of {store}", gw=gw, seq=seq, store=store))

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)
