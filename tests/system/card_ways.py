"""The cards of the corpus, read whole by every way there is, side by side.

`python -m tests.system.card_ways` prints the table of docs/simulators.md.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from modem.card_access import CrsmTransport, CsimTransport, LogicalChannelTransport
from modem.engine import Engine
from modem.simulator.modem import SimulatedModem
from sim.errors import StatusWordError
from sim.filesystem import CardFilesystem
from sim.simulator import SimulatedCard
from sim.transport.base import ApduTransport
from sim.transport.memory import MemoryTransport
from sim.transport.pcsc import PcscTransport
from tests.corpus.card_helpers import corpus
from tests.device_stream import DeviceStream
from tests.system.pcscd import Pcscd

WAYS = ("memory", "AT+CSIM", "AT+CRSM", "AT+CGLA", "PC/SC")
NOT_FOUND = frozenset({0x6A82, 0x9404})


class Outcome(NamedTuple):
    """What one way made of one card.

    `same` counts files that are on the card as they are in the dump; `unreachable` names those that
    this way does not lead to, `different` the rest. `commands` counts what the way itself sent.
    """

    same: int
    different: tuple[str, ...]
    unreachable: tuple[str, ...]
    bytes_read: int
    commands: int
    seconds: float


class _Counted:
    """A transport that counts."""

    def __init__(self, inner: ApduTransport) -> None:
        self.name = inner.name
        self._inner = inner
        self.commands = 0

    def transmit(self, command: bytes) -> bytes:
        self.commands += 1
        return self._inner.transmit(command)

    def close(self) -> None:
        self._inner.close()


def cards() -> list[dict]:
    return corpus("dumps.json")["cards"]


def is_uicc(dump: dict) -> bool:
    return dump["files"][0]["fcp"].startswith("62")


def simulated(dump: dict) -> SimulatedCard:
    """The card of a dump, with the issuer's key shown: some files want it to be read."""
    kind = "usim" if is_uicc(dump) else "sim"
    return SimulatedCard.from_files(dump["files"], kind, bytes.fromhex(dump["atr"]), adm_shown=True)


def contents(dump: dict) -> dict[str, tuple[str, bytes]]:
    """Every file of the dump: where it is, and its content, records joined."""
    return {
        entry["path"]: (
            entry["fids"].upper(),
            bytes.fromhex(entry.get("raw_hex") or "".join(entry["records"].values())),
        )
        for entry in dump["files"]
        if "raw_hex" in entry or "records" in entry
    }


def read_whole(transport: ApduTransport, dump: dict) -> Outcome:
    counted = _Counted(transport)
    filesystem = CardFilesystem(counted)
    same, different, unreachable, total = 0, [], [], 0
    started = time.perf_counter()
    for path, (place, expected) in contents(dump).items():
        try:
            _, parts = filesystem.read(place)
        except StatusWordError as refusal:
            (unreachable if refusal.sw in NOT_FOUND else different).append(path)
            continue
        total += sum(map(len, parts))
        if b"".join(parts) == expected:
            same += 1
        else:
            different.append(path)
    elapsed = time.perf_counter() - started
    counted.close()
    return Outcome(same, tuple(different), tuple(unreachable), total, counted.commands, elapsed)


@contextlib.contextmanager
def transport_of(way: str, card: SimulatedCard, pcscd: Pcscd | None) -> Iterator[ApduTransport]:
    if way == "memory":
        yield MemoryTransport(card.transmit)
    elif way == "PC/SC":
        assert pcscd is not None
        with pcscd.slot() as slot:
            slot.insert(card)
            pcscd.wait_for("present")
            yield PcscTransport(pcscd.name(0))
        pcscd.wait_for("absent")
    else:
        modem = SimulatedModem.load("quectel_ec25", "")
        modem.insert_card(card)
        stream = DeviceStream(modem)
        engine = Engine(stream, clock=stream.clock)
        makers: dict[str, Callable[[Engine], ApduTransport]] = {
            "AT+CSIM": CsimTransport,
            "AT+CRSM": CrsmTransport,
            "AT+CGLA": LogicalChannelTransport,
        }
        yield makers[way](engine)


def outcome(way: str, dump: dict, pcscd: Pcscd | None = None) -> Outcome:
    with transport_of(way, simulated(dump), pcscd) as transport:
        return read_whole(transport, dump)


def table(pcscd: Pcscd) -> str:
    """A line for each card and way, as Markdown."""
    lines = [
        "| card | way | files the same | not led to | bytes | commands | ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for dump in cards():
        for way in WAYS:
            if way == "AT+CGLA" and not is_uicc(dump):
                continue  # a 2G SIM has no logical channels
            seen = outcome(way, dump, pcscd)
            count = len(contents(dump)) - len(seen.unreachable)
            lines.append(
                f"| {dump['name']} | {way} | {seen.same} of {count} | {len(seen.unreachable)} |"
                f" {seen.bytes_read} | {seen.commands} | {seen.seconds * 1000:.0f} |"
            )
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pcscd = Pcscd(Path(folder))
        os.environ["PCSCLITE_CSOCK_NAME"] = str(pcscd.socket)
        pcscd.start()
        try:
            sys.stdout.write(table(pcscd) + "\n")
        finally:
            pcscd.stop()


if __name__ == "__main__":
    main()
