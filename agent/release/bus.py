"""A program on D-Bus, as a release talks to it: calls, properties, waiting for what changes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from agent.i18n.said import Said, say
from modem.transport.system_bus import (
    BUS_ITSELF,
    NO_BUS,
    Refusal,
    call,
    connect,
    no_answer,
)

CALL_S: Final = 25.0
"""A program may have to ask polkit, or a modem, before it answers."""

_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_NOT_ALLOWED: Final = ("AccessDenied", "PermissionDenied", "Unauthorized")


class BusRefused(Exception):  # noqa: N818 - the program said no
    """A call was answered with an error: its name, and the program's words."""

    def __init__(self, program: str, refusal: Refusal) -> None:
        super().__init__(f"{refusal.name}: {refusal.words}")
        self.program = program
        self.refusal = refusal

    def said(self) -> Said:
        """For people."""
        if self.refusal.name.endswith(_NOT_ALLOWED):
            return say("{program} does not let this user change it", program=self.program)
        words = self.refusal.words or self.refusal.name
        return say("{program} refuses: {words}", program=self.program, words=words)


class Silent(Exception):  # noqa: N818 - the bus, or the program on it
    """The bus or the program does not answer."""


class Program:
    """A running program, by its name on the bus; its interfaces begin with that name."""

    def __init__(self, connection: Any, name: str, shown: str) -> None:
        self._connection = connection
        self._name = name
        self._shown = shown

    def call(
        self, path: str, interface: str, member: str, signature: str = "", *body: Any
    ) -> tuple[Any, ...]:
        """What the method gives back. `interface` without the program's name has that in front.

        Raises:
            BusRefused: the program says no.
            Silent: it does not answer.
        """
        answer = self._answer((path, self._name, self._whole(interface)), member, signature, body)
        if isinstance(answer, Refusal):
            raise BusRefused(self._shown, answer)
        return tuple(answer)

    def read(self, path: str, interface: str, name: str) -> Any:
        """A property's value.

        Raises:
            BusRefused, Silent: see `call`.
        """
        where = self._whole(interface)
        return self.call(path, _PROPERTIES, "Get", "ss", where, name)[0][1]

    def wait_until(self, happened: Callable[[], bool], timeout_s: float) -> bool:
        """Look now, and whenever the program says something; whether it came true in time."""
        rule = f"type='signal',sender='{self._name}'"
        self._answer(BUS_ITSELF, "AddMatch", "s", (rule,))
        end = time.monotonic() + timeout_s
        while not happened():
            left = end - time.monotonic()
            if left <= 0:
                return False
            try:
                with no_answer(Silent()):
                    self._connection.receive(timeout=left)
            except Silent as silence:
                if not isinstance(silence.__cause__, TimeoutError):
                    raise
        return True

    def _whole(self, interface: str) -> str:
        return interface if interface.startswith("org.") else f"{self._name}{interface}"

    def _answer(
        self, where: tuple[str, ...], member: str, signature: str, body: tuple[Any, ...]
    ) -> Any:
        with no_answer(Silent()):
            return call(self._connection, where, member, signature, body, timeout_s=CALL_S)


@contextmanager
def running(name: str, shown: str, address: str | None) -> Iterator[Program | None]:
    """The program `name` on the bus at `address`; None where there is no bus, or it does not run.

    Raises:
        Silent: the bus does not answer.
    """
    try:
        with no_answer(Silent()):
            connection = connect(address)
    except Silent as silence:
        if not isinstance(silence.__cause__, NO_BUS):
            raise
        yield None
        return
    try:
        with no_answer(Silent()):
            answer = call(connection, BUS_ITSELF, "NameHasOwner", "s", (name,))
        runs = not isinstance(answer, Refusal) and bool(answer[0])
        yield Program(connection, name, shown) if runs else None
    finally:
        connection.close()
