"""Does data pass? A few small requests over one way, within a budget of bytes.

What is sent and how answers are read stands here; `Sockets` carries it. The budget counts what the
air carries as nearly as it can be told from above: payload, and the headers of IP, TCP and UDP.
Sources: RFC 1035 (DNS), RFC 9110 (HTTP), RFC 6585 section 6 (511).
"""

import ipaddress
import math
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from agent.diagnosis.facts import HostAnswer
from agent.i18n import mark
from sim.reading import Absent

CONNECT_S: Final = 5.0
RECEIVE_S: Final = 5.0
_DOWNLOAD_S: Final = 10.0
_TCP_BYTES: Final = 7 * 40 + 20  # SYN to last ACK
_UDP_BYTES: Final = 28
_SEGMENT, _SEGMENT_BYTES = 1360, 2 * 40
_LEAST_BYTES: Final = _TCP_BYTES + 300  # with a request
_QUERY_BYTES: Final = 700  # a name server's answer is 512 bytes at most (RFC 1035 section 2.3.4)
_ENOUGH_FOR_A_RATE: Final = 4096
_MOST_OF_A_BODY: Final = 16 * 1024
_NO_CONTENT: Final = ("/generate_204", "/gen_204")
_DNS_PORT, _HTTPS_PORT, _HTTP_PORT = 53, 443, 80
_A, _AAAA, _SOA, _IN = 1, 28, 6, 1

NO_HOSTS: Final = mark("no probe.hosts are configured")
NO_NAME_SERVER: Final = mark("no name server is known")
BUDGET_SPENT: Final = mark("the byte budget, or the time, is spent")
NOT_MEASURED: Final = mark("too little came to tell a rate")
NOT_TRIED: Final = mark("not tried")
A_PAGE: Final = "page"


class Way(NamedTuple):
    """How requests leave: by interface, from an address, or (both None) as the system wants."""

    interface: str | None = None
    source: str | None = None


ANY_WAY: Final = Way()


class PathError(Exception):
    """No answer; `left`: something went out, `came`: something came back all the same."""

    def __init__(self, *, left: bool, came: bool = False) -> None:
        super().__init__("no answer")
        self.left = left
        self.came = came


class Connection(Protocol):
    """A TCP connection."""

    def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            PathError: it did not go out.
        """
        ...

    def receive(self, limit: int, timeout_s: float) -> bytes:
        """What comes next, at most `limit` bytes; b"" at the end, or where nothing came in time."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Sockets(Protocol):
    """How bytes get to the network."""

    def connect(self, address: str, port: int, way: Way) -> Connection:
        """A connection.

        Raises:
            PathError: none came about.
        """
        ...

    def ask(self, address: str, port: int, data: bytes, way: Way) -> bytes:
        """The answer to one datagram.

        Raises:
            PathError: none came.
        """
        ...


class Target(NamedTuple):
    """One of `probe.hosts`: `host[:port]`, or `http://host[:port]/path[#text of the page]`."""

    name: str
    host: str
    port: int
    path: str | None = None
    expected: str = ""


class Plan(NamedTuple):
    """What to try: targets, name servers (address, port), the way, and the bytes it may cost."""

    targets: tuple[Target, ...]
    name_servers: tuple[tuple[str, int], ...]
    way: Way
    budget_bytes: int
    until: float = math.inf
    """Nothing new is tried after this time of the clock."""


class Outcome(NamedTuple):
    """What came of it; names as in `Facts`. `left_out` are targets for which no byte was left."""

    hosts: tuple[HostAnswer, ...] | Absent
    dns_answers: bool | Absent
    bytes_left: bool
    bytes_came: bool
    foreign_answer: str
    rate_bps: int | Absent
    unbound_answers: bool | Absent
    spent_bytes: int
    left_out: tuple[str, ...]


def target_of(text: str) -> Target:
    """A target as it stands in the configuration.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(text if "://" in text else f"//{text}")
    if parts.scheme not in {"", "http", "https"} or not parts.hostname or parts.username:
        raise ValueError(text)
    plain = parts.scheme == "http" or (not parts.scheme and parts.port == _HTTP_PORT)
    port = parts.port or (_HTTP_PORT if plain else _HTTPS_PORT)
    name = parts.hostname if parts.port is None else f"{parts.hostname}:{port}"
    if not plain:
        return Target(name, parts.hostname, port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(name, parts.hostname, port, path, parts.fragment)


class _NoRoomError(Exception):
    """Neither budget nor time holds the next step."""


class _Seen(NamedTuple):
    """What one target did."""

    answered: bool
    foreign: str = ""
    rate_bps: int | None = None


def walk(plan: Plan, sockets: Sockets, clock: Callable[[], float]) -> Outcome:
    """Try every target over the plan's way; where none answers, once without a way."""
    return _Walk(plan, sockets, clock).outcome()


class _Walk:
    """One walk, with what it has cost so far."""

    def __init__(self, plan: Plan, sockets: Sockets, clock: Callable[[], float]) -> None:
        self._plan = plan
        self._sockets = sockets
        self._clock = clock
        self._spent = 0
        self._left = self._came = False
        self._names: bool | None = None
        self._left_out: list[str] = []

    def outcome(self) -> Outcome:
        """All of it."""
        seen: dict[str, _Seen] = {}
        for target in self._plan.targets:
            try:
                seen[target.name] = self._try(target, self._plan.way)
            except _NoRoomError:
                self._left_out.append(target.name)
        works = any(each.answered for each in seen.values())
        if not works and self._names is None and self._plan.name_servers:
            with suppress(_NoRoomError):
                self._query(".", _SOA, self._plan.way)
        names, left, came = self._names, self._left, self._came
        hosts = tuple(HostAnswer(name, each.answered) for name, each in seen.items())
        foreign = next((each.foreign for each in seen.values() if each.foreign), "")
        rates = [each.rate_bps for each in seen.values() if each.rate_bps is not None]
        missing = Absent(BUDGET_SPENT if self._left_out else NO_HOSTS)
        return Outcome(
            hosts=hosts or missing,
            dns_answers=Absent(NO_NAME_SERVER) if names is None else names,
            bytes_left=left,
            bytes_came=came,
            foreign_answer=foreign,
            rate_bps=max(rates) if rates else Absent(NOT_MEASURED),
            unbound_answers=self._unbound(hosts),
            spent_bytes=self._spent,
            left_out=tuple(self._left_out),
        )

    def _unbound(self, hosts: tuple[HostAnswer, ...]) -> bool | Absent:
        """Whether any target answers when the system chooses the way; tried where none did."""
        if not hosts or any(each.answered for each in hosts) or self._plan.way == ANY_WAY:
            return Absent(NOT_TRIED)
        tried = [target for target in self._plan.targets if target.name not in self._left_out]
        try:
            return any(self._try(target, ANY_WAY).answered for target in tried)
        except _NoRoomError:
            return Absent(BUDGET_SPENT)

    def _room(self) -> int:
        return self._plan.budget_bytes - self._spent

    def _need(self, count: int) -> None:
        if self._room() < count or self._clock() >= self._plan.until:
            raise _NoRoomError

    def _try(self, target: Target, way: Way) -> _Seen:
        address = self._address(target.host, way)
        if address is None:
            return _Seen(answered=False)
        self._need(_LEAST_BYTES)
        try:
            connection = self._sockets.connect(address, target.port, way)
        except PathError as error:
            self._note(error, _TCP_BYTES)
            return _Seen(answered=False)
        self._note(PathError(left=True, came=True), _TCP_BYTES)
        try:
            return _Seen(answered=True) if target.path is None else self._get(target, connection)
        except PathError:
            return _Seen(answered=False)
        finally:
            connection.close()

    def _note(self, what: PathError, cost: int) -> None:
        self._left = self._left or what.left
        self._came = self._came or what.came
        self._spent += cost if what.left else 0

    def _get(self, target: Target, connection: Connection) -> _Seen:
        request = (
            f"GET {target.path} HTTP/1.0\r\nHost: {target.host}\r\nConnection: close\r\n\r\n"
        ).encode()
        connection.send(request)
        self._spent += len(request) + 40
        data, rate = self._download(connection)
        return _judged(target, data, rate)

    def _download(self, connection: Connection) -> tuple[bytes, int | None]:
        """What comes, as far as the budget allows, and bits a second behind the first part."""
        data, first, first_at = bytearray(), 0, 0.0
        deadline = self._clock() + _DOWNLOAD_S
        while (limit := min(_MOST_OF_A_BODY - len(data), self._payload_room())) > 0:
            left_s = min(RECEIVE_S, deadline - self._clock())
            part = connection.receive(min(limit, _SEGMENT), left_s) if left_s > 0 else b""
            if not part:
                break
            if not data:
                first, first_at = len(part), self._clock()
            data += part
            self._spent += len(part) + _SEGMENT_BYTES
        passed_s = max(self._clock() - first_at, 0.001)
        enough = len(data) >= _ENOUGH_FOR_A_RATE or (data and self._clock() >= deadline)
        return bytes(data), int((len(data) - first) * 8 / passed_s) if enough else None

    def _payload_room(self) -> int:
        return self._room() - _SEGMENT_BYTES

    # Names

    def _address(self, host: str, way: Way) -> str | None:
        with suppress(ValueError):
            return str(ipaddress.ip_address(host))
        for kind in (_A, _AAAA):
            found = self._query(host, kind, way)
            if found is None:
                return None
            if found:
                return found[0]
        return None

    def _query(self, name: str, kind: int, way: Way) -> list[str] | None:
        """The addresses that a name server gives; None where none answers."""
        request = dns_query(name, kind)
        for address, port in self._plan.name_servers:
            self._need(_QUERY_BYTES)
            try:
                answer = self._sockets.ask(address, port, request, way)
            except PathError as error:
                self._note(error, len(request) + _UDP_BYTES)
                continue
            cost = len(request) + len(answer) + 2 * _UDP_BYTES
            self._note(PathError(left=True, came=True), cost)
            found = dns_addresses(answer, request[:2])
            if found is not None:
                self._names = True
                return found
        if self._plan.name_servers and self._names is None:
            self._names = False
        return None


def _judged(target: Target, data: bytes, rate: int | None) -> _Seen:
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdecimal():
        return _Seen(answered=False)
    status = int(words[1])
    fields = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    if 300 <= status < 400:
        to = urlsplit(fields.get("location", "")).hostname or target.host
        elsewhere = to.removeprefix("www.") != target.host.removeprefix("www.")
        return _Seen(answered=False, foreign=to) if elsewhere else _Seen(answered=True)
    wanted_nothing = (target.path or "").endswith(_NO_CONTENT) and status != 204
    other_text = bool(target.expected) and target.expected.encode() not in body
    if status == 511 or (200 <= status < 300 and (wanted_nothing or other_text)):
        return _Seen(answered=False, foreign=A_PAGE)
    return _Seen(answered=True, rate_bps=rate)


def dns_query(name: str, kind: int) -> bytes:
    """A question for `name`, recursion wanted; the identifier is that of the name's bytes."""
    labels = [label.encode("idna") for label in name.strip(".").split(".") if label]
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    identifier = sum(question) * 257 % 65536
    header = struct.pack(">6H", identifier, 0x0100, 1, 0, 0, 0)
    return header + question + struct.pack(">2H", kind, _IN)


def dns_addresses(answer: bytes, identifier: bytes) -> list[str] | None:
    """The addresses in an answer; None where it is no answer to this question."""
    if len(answer) < 12 or answer[:2] != identifier or not answer[2] & 0x80:
        return None
    questions, answers = struct.unpack(">2H", answer[4:8])
    found = []
    try:
        at = 12
        for _ in range(questions):
            at = _after_name(answer, at) + 4
        for _ in range(answers):
            at = _after_name(answer, at)
            kind, _, _, length = struct.unpack(">HHIH", answer[at : at + 10])
            content = answer[at + 10 : at + 10 + length]
            if (kind, len(content)) in {(_A, 4), (_AAAA, 16)}:
                found.append(str(ipaddress.ip_address(content)))
            at += 10 + length
    except (IndexError, struct.error):
        pass  # what could be read until then counts
    return found


def _after_name(data: bytes, at: int) -> int:
    while length := data[at]:
        if length & 0xC0:
            return at + 2
        at += length + 1
    return at + 1
