"""Beside ModemManager: does it manage a modem, and keeping it away while we have the port.

Source: the D-Bus interface `org.freedesktop.ModemManager1` (ModemManager 1.20, reference manual):
`InhibitDevice(uid, inhibit)` makes it let go of a device. The inhibition belongs to the caller's
connection to the bus: it ends with it, however the process ends. `uid` is the property `Device`
of a modem: its path in sysfs, or what the udev property ID_MM_PHYSDEV_UID says.

ModemManager is never started by asking (no auto-start).
"""

import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from modem.errors import CoexistError
from modem.transport.sysfs import SYSTEM, Roots, SerialPort, port_at
from modem.transport.system_bus import (
    BUS_ITSELF,
    CALL_S,
    GONE,
    NO_BUS,
    Refusal,
    call,
    connect,
    no_answer,
)

PROGRAM = "ModemManager"
NOT_ALLOWED = "polkit does not let this user take the modem from ModemManager"
TAKEN_BY_OTHER = "another program has taken the modem from ModemManager"
WILL_NOT = "ModemManager does not let go of the modem"
NO_ANSWER = "ModemManager does not answer"

_NAME = "org.freedesktop.ModemManager1"
# (object path, bus name, interface)
_MANAGER = ("/org/freedesktop/ModemManager1", _NAME, _NAME)
_OBJECTS = (*_MANAGER[:2], "org.freedesktop.DBus.ObjectManager")
_CORE_ERROR = f"{_NAME}.Error.Core."
_NOT_KNOWN = f"{_CORE_ERROR}NotFound"
_PROBING = f"{_CORE_ERROR}WrongState"
_INHIBITED = f"{_CORE_ERROR}InProgress"
_REFUSED = frozenset({f"{_CORE_ERROR}Unauthorized", "org.freedesktop.DBus.Error.AccessDenied"})
# Where polkit does not run nobody can say that we may: a plain failure, with these words.
_POLKIT = "PolicyKit"

INHIBIT_S = 40.0
"""ModemManager first switches the modem's radio functions off, which takes as long as the modem."""
PROBING_S = 60.0
"""How long ModemManager may look at a new modem before it can let go of it."""
_RETRY_S = 0.5
_LATER_S = 30.0


class Managed(NamedTuple):
    """A modem that ModemManager manages: its `uid`, the kernel names of its ports, its bearers."""

    uid: str
    ports: tuple[str, ...]
    bearers: tuple[str, ...] = ()


class BearerStatistics(NamedTuple):
    """Bytes over all connections of a modem's bearers.

    `life` is another one when a bearer came or went, or ModemManager was started anew: numbers of
    two lives cannot be compared.
    """

    tx_bytes: int
    rx_bytes: int
    life: str


def bearer_statistics(port: str, roots: Roots = SYSTEM) -> BearerStatistics | None:
    """What ModemManager counted of the modem that `port` is a part of.

    None where it does not run, does not manage the modem, or counts nothing.

    Raises:
        CoexistError: it runs and does not answer.
    """
    seen = port_at(port, roots)
    if seen is None:
        return None
    with _mapped():
        bus = _Bus.connected()
        if bus is None:
            return None
        try:
            modem = next((each for each in bus.modems() if seen.name in each.ports), None)
            return None if modem is None else bus.statistics(modem.bearers)
        finally:
            bus.close()


def managed_modems(patience_s: float = CALL_S) -> list[Managed] | None:
    """What ModemManager manages now; None where it does not run.

    Each answer of the bus is waited for `patience_s` seconds.

    Raises:
        CoexistError: it runs and does not answer.
    """
    with _mapped():
        bus = _Bus.connected(patience_s=patience_s)
        if bus is None:
            return None
        try:
            return bus.modems()
        finally:
            bus.close()


def uid_of(port: SerialPort) -> str | None:
    """How ModemManager names the device that the port is a part of; None where it is no part."""
    device = port.device
    uid = None if device is None else device.udev.get("ID_MM_PHYSDEV_UID", device.syspath)
    return port.udev.get("ID_MM_PHYSDEV_UID", uid)


class Inhibition:
    """ModemManager's absence from the device of one port, from `take` to `release`.

    `keep`, in a thread of its own, takes the device anew where ModemManager starts, or finds the
    device, later than we. Release from any thread; without `keep` an inhibition is one thread's.
    """

    def __init__(
        self,
        port: str,
        *,
        roots: Roots = SYSTEM,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`port` is the device file, or any link to it."""
        seen = port_at(port, roots)
        self._port = seen.name if seen else os.path.basename(port)  # noqa: PTH119
        self._uid = None if seen is None else uid_of(seen)
        self._clock = clock
        self._bus: _Bus | None = None
        self._taken = False
        self._stop = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._released = False

    def concerns(self, port: str, roots: Roots = SYSTEM) -> bool:
        """Whether the port is one of the device that this is about."""
        seen = port_at(port, roots)
        return seen is None or uid_of(seen) == self._uid

    @property
    def taken(self) -> bool:
        """Whether ModemManager keeps away from the device because of us."""
        return self._taken

    def take(self) -> bool:
        """Ask ModemManager to leave the device alone, and wait until it does.

        False where there is nothing to take: it does not run, or does not know the device.

        Raises:
            CoexistError: it refuses, or does not answer.
        """
        deadline = self._clock() + PROBING_S
        with _mapped():
            while self._ask():
                if self._clock() > deadline:
                    raise CoexistError(NO_ANSWER)
                self._wait(_RETRY_S)
        return self._taken

    def keep(self) -> None:
        """Until `release`: take the device whenever ModemManager comes to it."""
        while not self._released:
            patience_s: float | None = None
            try:
                with _mapped():
                    if not self._taken and self._ask():
                        patience_s = _RETRY_S
            except CoexistError:
                self._drop()
            # Without a bus nothing would tell us of its coming.
            self._wait(_LATER_S if self._bus is None else patience_s)
        self._end()

    def release(self) -> None:
        """Let `keep` give the device back; harmless twice."""
        if not self._released:
            self._released = True
            os.eventfd_write(self._stop, 1)

    def close(self) -> None:
        """Give the device back, where `keep` does not run; harmless twice."""
        if not self._released:
            self._released = True
            self._end()

    def _ask(self) -> bool:
        """Try once; whether to try again soon, since ModemManager is still probing the device."""
        if self._bus is None:
            self._bus = _Bus.connected(listen=True)
        uid = None if self._bus is None else self._uid_in(self._bus.modems())
        if self._bus is None or uid is None:
            return False
        refusal = self._bus.inhibit(uid)
        self._taken = refusal is None
        if refusal is None or refusal.name in {_NOT_KNOWN, *GONE}:
            return False
        if refusal.name == _PROBING:
            return True
        if refusal.name in _REFUSED or refusal.words.startswith(_POLKIT):
            raise CoexistError(NOT_ALLOWED)
        raise CoexistError(TAKEN_BY_OTHER if refusal.name == _INHIBITED else WILL_NOT)

    def _uid_in(self, modems: list[Managed]) -> str | None:
        """As ModemManager names the device, else as sysfs does: it may not show it yet."""
        return next((modem.uid for modem in modems if self._port in modem.ports), self._uid)

    def _wait(self, timeout_s: float | None) -> None:
        """Until something happens on the bus, `release`, or the time is over."""
        poll = select.poll()
        poll.register(self._stop, select.POLLIN)
        if self._bus is not None:
            poll.register(self._bus.fileno(), select.POLLIN)
        poll.poll(None if timeout_s is None else round(timeout_s * 1000))
        if self._bus is None:
            return
        try:
            if self._bus.has_restarted():
                self._taken = False
        except OSError:  # the bus itself went away, and our inhibition with it
            self._drop()

    def _end(self) -> None:
        self._drop()
        os.close(self._stop)

    def _drop(self) -> None:
        """The end of the connection is the end of the inhibition."""
        self._taken = False
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.close()


class _Bus:
    """A connection to the system bus on which ModemManager runs, or will."""

    def __init__(self, connection: Any, patience_s: float) -> None:
        self._connection = connection
        self._patience_s = patience_s

    @classmethod
    def connected(cls, *, listen: bool = False, patience_s: float = CALL_S) -> "_Bus | None":
        """A connection; None without a bus or, unless we want to `listen`, without ModemManager."""
        try:
            connection = connect(patience_s=patience_s)
        except NO_BUS:
            return None
        bus = cls(connection, patience_s)
        try:
            if listen:
                bus._listen()
            elif not bus._call_bus("NameHasOwner", _NAME)[0]:
                bus.close()
                return None
        except BaseException:
            bus.close()
            raise
        return bus

    def fileno(self) -> int:
        """Readable when something happened."""
        return int(self._connection.sock.fileno())

    def close(self) -> None:
        """Harmless twice."""
        self._connection.close()

    def modems(self) -> list[Managed]:
        """The modems that ModemManager shows; none where it does not run."""
        answer = self._call(_OBJECTS, "GetManagedObjects")
        if isinstance(answer, Refusal):
            if answer.name in GONE:
                return []
            raise CoexistError(NO_ANSWER)
        shown = [interfaces.get(f"{_NAME}.Modem") for interfaces in answer[0].values()]
        return [
            Managed(
                modem["Device"][1],
                tuple(name for name, _kind in modem["Ports"][1]),
                tuple(modem["Bearers"][1]) if "Bearers" in modem else (),
            )
            for modem in shown
            if modem is not None
        ]

    def statistics(self, bearers: tuple[str, ...]) -> BearerStatistics | None:
        """What these bearers carried in all their connections; None where none of them counts."""
        totals = [self._total(bearer) for bearer in bearers]
        counted = [total for total in totals if total is not None]
        if not counted:
            return None
        life = ",".join([self._call_bus("GetNameOwner", _NAME)[0], *sorted(bearers)])
        return BearerStatistics(sum(tx for tx, _ in counted), sum(rx for _, rx in counted), life)

    def _total(self, bearer: str) -> tuple[int, int] | None:
        where = (bearer, _NAME, "org.freedesktop.DBus.Properties")
        answer = self._call(where, "Get", (f"{_NAME}.Bearer", "Stats"))
        statistics = {} if isinstance(answer, Refusal) else answer[0][1]
        if not {"total-tx-bytes", "total-rx-bytes"} <= set(statistics):
            return None
        return statistics["total-tx-bytes"][1], statistics["total-rx-bytes"][1]

    def inhibit(self, uid: str) -> Refusal | None:
        """Take the device `uid`; None where that is done."""
        answer = self._call(_MANAGER, "InhibitDevice", (uid, True), timeout_s=INHIBIT_S)
        return answer if isinstance(answer, Refusal) else None

    def has_restarted(self) -> bool:
        """Read what happened; whether ModemManager went or came."""
        from jeepney import HeaderFields

        restarted = False
        while True:
            try:
                message = self._connection.receive(timeout=0)
            except TimeoutError:
                return restarted
            member = message.header.fields.get(HeaderFields.member)
            restarted = restarted or member == "NameOwnerChanged"

    def _listen(self) -> None:
        """Be told when ModemManager comes, goes, or shows a modem."""
        bus = "sender='org.freedesktop.DBus',member='NameOwnerChanged'"
        for rule in (f"{bus},arg0='{_NAME}'", f"sender='{_NAME}',member='InterfacesAdded'"):
            self._call_bus("AddMatch", f"type='signal',{rule}")

    def _call_bus(self, member: str, argument: str) -> Any:
        answer = self._call(BUS_ITSELF, member, (argument,))
        if isinstance(answer, Refusal):
            raise CoexistError(NO_ANSWER)
        return answer

    def _call(
        self,
        where: tuple[str, ...],
        member: str,
        body: tuple[str | bool, ...] = (),
        timeout_s: float | None = None,
    ) -> Any:
        """The body of the answer, or a `Refusal`."""
        signature = "".join("b" if isinstance(each, bool) else "s" for each in body)
        patience_s = timeout_s or self._patience_s
        return call(self._connection, where, member, signature, body, timeout_s=patience_s)


@contextmanager
def _mapped() -> Iterator[None]:
    """The errors of bus and library, as ours."""
    with no_answer(CoexistError(NO_ANSWER)):
        yield
