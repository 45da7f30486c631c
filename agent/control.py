"""The daemon's Unix socket: one owner of port and store, many askers.

One request and one answer a connection, each a line of JSON. An answer carries a `document`, an
`error` (catalogue text, fields, exit code), or `not_mine` where another port was asked for.
The file's mode (0660) is the whole access control: who may connect may ask.
"""

import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from agent.errors import AgentError, RefusedError

Json = dict[str, Any]

ANSWER_DEADLINE_S: Final = 120.0
# Every file of a card: some thousand commands to the modem, 20 to 150 ms each; or a diagnosis that
# cycles the radio, searches for networks and tries hosts; or contexts taken down one by one.
LONG_ANSWER_DEADLINE_S: Final = 280.0
_LONG: Final = frozenset(
    {"sim_personal", "diagnose", "device_facts", "release", "services", "verify"}
)
_PEER_DEADLINE_S: Final = 5.0
_MAX_REQUEST: Final = 256 * 1024  # evidence takes 60 KiB, and more with its Chinese escaped
_MAX_ANSWER: Final = 4 * 1024 * 1024  # a whole card with a full phone book takes half of one


class DaemonError(AgentError):
    """What the daemon answered instead of a document; it knows the exit code."""

    def __init__(self, text: str, exit_code: int, **fields: Any) -> None:
        super().__init__(text, **fields)
        self.exit_code = exit_code


def ask(path: str, request: Json) -> Json | None:
    """The daemon's document, or None where no daemon listens or the port is not its own.

    Raises:
        DaemonError: the daemon could not do it.
        RefusedError: this user may not talk to the daemon.
    """
    try:
        with _connected(path) as connection:
            connection.settimeout(patience_s(request))
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(_line(connection, _MAX_ANSWER))
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except PermissionError as error:
        raise RefusedError("not allowed to talk to the daemon ({file})", file=path) from error
    except (OSError, ValueError) as error:
        raise DaemonError(
            "the daemon does not answer ({reason})", AgentError.exit_code, reason=error
        ) from error
    if answer.get("not_mine"):
        return None
    if "error" in answer:
        error_ = answer["error"]
        refusal = DaemonError(error_["text"], error_["exit"], **error_.get("fields", {}))
        refusal.document = answer.get("document")
        raise refusal
    document: Json = answer["document"]
    return document


def patience_s(request: Json) -> float:
    """How long who asks this waits for the answer."""
    long = request.get("all") is True or request.get("ask") in _LONG
    return LONG_ANSWER_DEADLINE_S if long else ANSWER_DEADLINE_S


class ControlServer:
    """Answers askers one after another; `handle` makes an answer of a request."""

    def __init__(self, path: str, handle: Callable[[Json], Json]) -> None:
        self._path = path
        self._handle = handle
        self._closing = False
        self._listener = _listening(path)

    def run(self) -> None:
        """Serve until `close` is called from another thread."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                if self._closing:
                    return
                raise
            with connection:
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        """One peer; a slow, silent or hostile one costs its own connection and nothing else."""
        connection.settimeout(_PEER_DEADLINE_S)
        with suppress(OSError):
            try:
                request = _object(_line(connection, _MAX_REQUEST))
            except (ValueError, RecursionError) as error:
                answer = error_answer("bad request: {reason}", AgentError.exit_code, reason=error)
            else:
                answer = self._handle(request)
            connection.sendall(json.dumps(answer).encode() + b"\n")

    def close(self) -> None:
        """Stop listening and remove the socket file; harmless twice."""
        if not self._closing:
            self._closing = True
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            self._listener.close()
            with suppress(FileNotFoundError):
                os.unlink(self._path)  # noqa: PTH108 - as above


def error_answer(text: str, exit_code: int, **fields: Any) -> Json:
    """An answer that says why there is no document."""
    return {
        "v": 1,
        "error": {
            "text": text,
            "exit": exit_code,
            "fields": {key: str(value) for key, value in fields.items()},
        },
    }


def _listening(path: str) -> socket.socket:
    """A listening socket; a file that a killed daemon left is replaced.

    The lock on the state directory, which our caller holds, says that nobody listens there.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - as above
    old_mask = os.umask(0o117)
    try:
        _with_short_name(path, listener.bind)
    except BaseException:
        listener.close()
        raise
    finally:
        os.umask(old_mask)
    listener.listen(8)
    return listener


def _connected(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_PEER_DEADLINE_S)
        _with_short_name(path, connection.connect)
    except BaseException:
        connection.close()
        raise
    return connection


def _with_short_name(path: str, use: Callable[[str], None]) -> None:
    """Use `path` as a socket address: those hold 107 bytes, state directories may be longer."""
    if len(os.fsencode(path)) < 100:
        use(path)
        return
    directory, name = os.path.split(path)
    descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        use(f"/proc/self/fd/{descriptor}/{name}")
    finally:
        os.close(descriptor)


def _object(line: bytes) -> Json:
    request = json.loads(line)
    if not isinstance(request, dict):
        raise ValueError("not an object")  # noqa: TRY004 - the peer's mistake, not a type of ours
    return request


def _line(connection: socket.socket, limit: int) -> bytes:
    """One line, without its end.

    Raises:
        ValueError: longer than `limit`, or the peer stopped in the middle.
    """
    data = bytearray()
    while not data.endswith(b"\n"):
        chunk = connection.recv(65536)
        data += chunk
        if not chunk:
            raise ValueError("the line is not complete")
        if len(data) > limit:
            raise ValueError("the line is too long")
    return bytes(data[:-1])
