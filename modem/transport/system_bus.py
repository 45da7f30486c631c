"""Calls over D-Bus by jeepney: a connection that has said hello, and what a call came to.

jeepney is imported when somebody calls; no program is ever started by asking (no auto-start).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

CALL_S = 5.0
"""How long an answer is waited for, where nothing else is said."""

BUS_ITSELF = ("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
"""(object path, bus name, interface)"""
GONE = frozenset(
    {"org.freedesktop.DBus.Error.NameHasNoOwner", "org.freedesktop.DBus.Error.ServiceUnknown"}
)
"""Errors that say that a program does not run."""

NO_BUS = (FileNotFoundError, ConnectionRefusedError)
"""There is no bus at all."""


class Refusal(NamedTuple):
    """An error that came back over the bus."""

    name: str
    words: str


def connect(address: str | None = None, patience_s: float = CALL_S) -> Any:
    """A connection to the bus at `address` (None: the system bus), which has said hello.

    Raises:
        FileNotFoundError, ConnectionRefusedError: there is no bus.
        OSError, AuthenticationError: it does not answer (see `no_answer`).
    """
    from jeepney.bus import get_bus
    from jeepney.io.blocking import DBusConnection, prep_socket

    class Connection(DBusConnection):  # type: ignore[misc] # jeepney has no types
        """jeepney itself waits for the bus's hello without limit."""

        def receive(self, *, timeout: float | None = None) -> Any:
            return super().receive(timeout=patience_s if timeout is None else timeout)

    socket = prep_socket(get_bus(address or "SYSTEM"), timeout=patience_s)
    try:
        return Connection(socket)
    except BaseException:
        socket.close()
        raise


def call(
    connection: Any,
    where: tuple[str, ...],
    member: str,
    signature: str = "",
    body: tuple[Any, ...] = (),
    *,
    timeout_s: float = CALL_S,
) -> Any:
    """The body of the answer, or a `Refusal`.

    Raises:
        OSError: the bus went away, or nobody answers in time.
    """
    from jeepney import DBusAddress, HeaderFields, MessageFlag, MessageType, new_method_call

    message = new_method_call(DBusAddress(*where), member, signature or None, body)
    message.header.flags = MessageFlag.no_auto_start
    answer = connection.send_and_get_reply(message, timeout=timeout_s)
    if answer.header.message_type is not MessageType.error:
        return answer.body
    words = answer.body[0] if answer.body and isinstance(answer.body[0], str) else ""
    return Refusal(answer.header.fields.get(HeaderFields.error_name, ""), words)


@contextmanager
def no_answer(error: Exception) -> Iterator[None]:
    """The errors of bus and library, as `error`."""
    from jeepney.auth import AuthenticationError

    try:
        yield
    except (OSError, AuthenticationError) as reason:  # TimeoutError is an OSError
        raise error from reason
