"""Disturbances of the line as devices around a device; each leaves the modem inside unchanged."""

import random
from collections import deque
from collections.abc import Callable

from modem.simulator.device import (
    CommandReader,
    Device,
    earliest,
    pieces,
    same_command,
)
from modem.simulator.fixture import FixtureError


class Wrapper:
    """A device that passes everything on; the base of all faults."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def receive(self, data: bytes, now: float) -> None:
        """See `Device.receive`."""
        self.device.receive(data, now)

    def poll(self, now: float) -> bytes:
        """See `Device.poll`."""
        return self.device.poll(now)

    def next_event_at(self) -> float | None:
        """See `Device.next_event_at`."""
        return self.device.next_event_at()

    def take_hang_up(self) -> bool:
        """See `Device.take_hang_up`."""
        return self.device.take_hang_up()

    def reboot(self, now: float) -> None:
        """See `Device.reboot`."""
        self.device.reboot(now)

    def attach(self, wake: Callable[[], None]) -> None:
        """See `Device.attach`."""
        self.device.attach(wake)


class _Cuts(Wrapper):
    """Sends what the device said in small parts, `gap_s` apart."""

    def __init__(self, device: Device, gap_s: float) -> None:
        super().__init__(device)
        self._gap_s = gap_s
        self._waiting = bytearray()
        self._next_at = float("-inf")

    def poll(self, now: float) -> bytes:
        """One part."""
        self._waiting += self.device.poll(now)
        if not self._waiting or now < self._next_at:
            return b""
        size = self._size()
        part = bytes(self._waiting[:size])
        del self._waiting[:size]
        self._next_at = now + self._gap_s
        return part

    def next_event_at(self) -> float | None:
        """At once while something waits."""
        if self._waiting:
            return self._next_at
        return self.device.next_event_at()

    def _size(self) -> int:
        raise NotImplementedError


class OneByteAtATime(_Cuts):
    """Each byte by itself; `gap_s` seconds between them (86.8e-6 is 115200 baud)."""

    def __init__(self, device: Device, gap_s: float = 0.0) -> None:
        super().__init__(device, gap_s)

    def _size(self) -> int:
        return 1


class SeededCuts(_Cuts):
    """Parts of 1 to `longest` bytes, the same for the same `seed`."""

    def __init__(self, device: Device, seed: int, longest: int = 12, gap_s: float = 0.0) -> None:
        super().__init__(device, gap_s)
        self._random = random.Random(seed)
        self._longest = longest

    def _size(self) -> int:
        return self._random.randint(1, self._longest)


class EchoOn(Wrapper):
    """Echoes every byte that comes in, whatever ATE0 said; for a device whose own echo is off."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._said = bytearray()

    def receive(self, data: bytes, now: float) -> None:
        """Echo, then pass on, command by command."""
        for piece in pieces(data):
            self._said += piece.replace(b"\n", b"")
            self.device.receive(piece, now)
            self._said += self.device.poll(now)

    def poll(self, now: float) -> bytes:
        """The echo, and what the device says."""
        said = bytes(self._said)
        self._said.clear()
        return said + self.device.poll(now)

    def next_event_at(self) -> float | None:
        """At once while an echo waits."""
        return float("-inf") if self._said else self.device.next_event_at()


class UrcAtEveryBoundary(Wrapper):
    """Puts an unsolicited `line` before the first, between any two and after the last line."""

    def __init__(self, device: Device, line: str) -> None:
        super().__init__(device)
        self._urc = b"\r\n" + line.encode() + b"\r\n"

    def poll(self, now: float) -> bytes:
        """What the device says, with the line at each boundary."""
        said = self.device.poll(now)
        if not said:
            return b""
        out = bytearray(self._urc)
        for line in said.splitlines(keepends=True):
            out += line
            if line.strip() and line.endswith(b"\n"):
                out += self._urc
        return bytes(out)


class _Late(Wrapper):
    """Lets the device hear each command later than it came; commands keep their order."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._reader = CommandReader()
        self._heard: deque[tuple[float, bytes]] = deque()
        self._last_at = float("-inf")

    def receive(self, data: bytes, now: float) -> None:
        """Keep what came until its time."""
        for piece in pieces(data):
            command = self._reader.feed(piece)
            delay_s = 0.0 if command is None else self._delay_s(same_command(command))
            self._last_at = max(self._last_at, now + delay_s)
            self._heard.append((self._last_at, piece))

    def poll(self, now: float) -> bytes:
        """What the device says to what it has heard by now."""
        while self._heard and self._heard[0][0] <= now:
            self.device.receive(self._heard.popleft()[1], now)
        return self.device.poll(now)

    def next_event_at(self) -> float | None:
        """When the device hears the next command."""
        next_heard = self._heard[0][0] if self._heard else None
        return earliest(next_heard, self.device.next_event_at())

    def _delay_s(self, command: str) -> float:
        raise NotImplementedError


class Latency(_Late):
    """Every answer leaves `latency_s` after its command came."""

    def __init__(self, device: Device, latency_s: float) -> None:
        super().__init__(device)
        self._latency_s = latency_s

    def _delay_s(self, command: str) -> float:
        del command
        return self._latency_s


class LateAnswer(_Late):
    """`command` is answered `delay_s` late, and what is asked meanwhile after it."""

    def __init__(self, device: Device, command: str, delay_s: float) -> None:
        super().__init__(device)
        self._command = same_command(command)
        self._late_s = delay_s

    def _delay_s(self, command: str) -> float:
        return self._late_s if command == self._command else 0.0


class _ByCommand(Wrapper):
    """Feeds the device one command at a time and decides what becomes of its answer."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._reader = CommandReader()
        self._said = bytearray()

    def receive(self, data: bytes, now: float) -> None:
        """Pass on, command by command."""
        for piece in pieces(data):
            command = self._reader.feed(piece)
            self.device.receive(piece, now)
            if command is not None:
                said = bytearray()
                while part := self.device.poll(now):
                    said += part
                self._said += self._passed(same_command(command), bytes(said), now)

    def poll(self, now: float) -> bytes:
        """What is left of the answers, then what the device says by itself."""
        said = bytes(self._said)
        self._said.clear()
        return said + self.device.poll(now)

    def next_event_at(self) -> float | None:
        """At once while an answer waits."""
        return float("-inf") if self._said else self.device.next_event_at()

    def _passed(self, command: str, said: bytes, now: float) -> bytes:
        raise NotImplementedError


class Drop(_ByCommand):
    """`command` is never answered; all others are."""

    def __init__(self, device: Device, command: str) -> None:
        super().__init__(device)
        self._command = same_command(command)

    def _passed(self, command: str, said: bytes, now: float) -> bytes:
        del now
        return b"" if command == self._command else said


class HangUpMidLine(_ByCommand):
    """Once, the line drops in the middle of an answer: of `command`'s, else of the first one."""

    def __init__(self, device: Device, command: str = "") -> None:
        super().__init__(device)
        self._command = same_command(command)
        self._done = False
        self._hang_up = False

    def _passed(self, command: str, said: bytes, now: float) -> bytes:
        del now
        if self._done or self._command not in {"", command}:
            return said
        self._done = self._hang_up = True
        return said[: len(said) // 2]

    def take_hang_up(self) -> bool:
        """True once, when the half answer has left."""
        if self._hang_up and not self._said:
            self._hang_up = False
            return True
        return self.device.take_hang_up()


class Reboot(_ByCommand):
    """The modem restarts by itself in place of answering its `count`-th command."""

    def __init__(self, device: Device, count: int) -> None:
        super().__init__(device)
        self._left = count

    def _passed(self, command: str, said: bytes, now: float) -> bytes:
        del command
        self._left -= 1
        if self._left:
            return said
        self.device.reboot(now)
        return b""


def _late_answer(device: Device, value: str) -> Device:
    command, _, seconds = value.rpartition(":")
    return LateAnswer(device, command, float(seconds))


# Name on the command line: its form there, and what makes it of the value after "=".
_FAULTS: dict[str, tuple[str, Callable[[Device, str], Device]]] = {
    "one-byte": ("one-byte", lambda device, _: OneByteAtATime(device)),
    "cuts": ("cuts=SEED", lambda device, value: SeededCuts(device, int(value))),
    "echo": ("echo", lambda device, _: EchoOn(device)),
    "urc": ("urc=LINE", UrcAtEveryBoundary),
    "late": ("late=COMMAND:SECONDS", _late_answer),
    "drop": ("drop=COMMAND", Drop),
    "hang-up": ("hang-up[=COMMAND]", HangUpMidLine),
    "reboot": ("reboot=COUNT", lambda device, value: Reboot(device, int(value))),
}
FAULT_FORMS = tuple(form for form, _ in _FAULTS.values())


def with_fault(device: Device, text: str) -> Device:
    """`device` with the fault that `text` names, in one of the forms of `FAULT_FORMS`.

    Raises:
        FixtureError: no such fault, or a value that it cannot take.
    """
    name, _, value = text.partition("=")
    form, make = _FAULTS.get(name, ("", None))
    if make is None or (form.endswith(("LINE", "=COMMAND")) and not value):
        raise FixtureError(f"--fault {text}", "", "no such fault", FAULT_FORMS)
    try:
        return make(device, value)
    except ValueError as exc:
        raise FixtureError("--fault", text, "wrong value for this fault") from exc
