"""The road to the broker, step by step: name, TCP, TLS, MQTT; each over `broker.interface`.

The MQTT step uses the configured credentials with a client id of its own, no will, no session and
no subscription: the daemon's connection is not disturbed. All steps together
cost 8 kB with TLS and EC certificates on both sides (docs/doctor.md).
"""

import secrets
import socket
import ssl
import time
from contextlib import closing
from typing import Final, NamedTuple

from agent.broker_login import password_in
from agent.doctor.checks.certificates import judged
from agent.doctor.checks.service import daemon_health
from agent.doctor.finding import (
    Finding,
    Seen,
    Unreadable,
    failure,
    fine,
    not_applicable,
    unknown,
    warning,
    worst,
)
from agent.doctor.surroundings import Surroundings
from agent.doctor.x509 import validity
from agent.errors import ConfigError
from agent.i18n.said import Said, say
from cloud_bridge.encoding import FRAME_BYTES, MAX_MESSAGE_BYTES
from cloud_bridge.errors import UplinkError
from cloud_bridge.link import (
    CLOSED,
    MQTT_5,
    MQTT_311,
    NO_NAME,
    Address,
    Closed,
    Connected,
    Link,
    Target,
    connected_socket,
    parse_url,
)
from cloud_bridge.tls import ResumingContext, tls_context

DEADLINE_S: Final = 40.0
_STEP_S: Final = 8.0


class Reached(NamedTuple):
    """A TCP connection that came about: from where to where, and how long it took."""

    here: str
    there: str
    took_ms: int


class Handshake(NamedTuple):
    """What TLS came to."""

    version: str
    cipher: str
    certificate: bytes


def _address(s: Surroundings) -> Address:
    url = s.settings.broker.url
    if url is None:
        raise _NoBroker
    return parse_url(url)


class _NoBroker(Exception):  # noqa: N818 - never leaves this module
    """There is nothing to reach."""


_NO_BROKER = say("no broker is configured: simward only records")


def name(s: Surroundings) -> Finding:
    """Whether the broker's name leads to addresses."""
    try:
        host = _address(s).host
    except _NoBroker:
        return not_applicable(_NO_BROKER)
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
        return not_applicable(say("the broker is given as an address: {host}", host=host))
    except (socket.gaierror, UnicodeError):
        pass
    found = s.once("broker addresses", lambda: _resolved(host))
    if isinstance(found, str):
        do = say("see the name servers; is the name in broker.url right?")
        said = say("the name {host} cannot be resolved: {error}", host=host, error=found)
        return failure(said, do, Seen("getaddrinfo", found))
    seen = tuple(Seen("getaddrinfo", address) for address in found)
    return fine(say("{host} is {address}", host=host, address=found[0]), *seen)


def _resolved(host: str) -> list[str] | str:
    """The addresses, or what the resolver says against it."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return _words(error)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def tcp(s: Surroundings) -> Finding:
    """Whether the broker's port takes connections."""
    try:
        address = _address(s)
    except _NoBroker:
        return not_applicable(_NO_BROKER)
    reached = _tcp(s)
    if isinstance(reached, Finding):
        return reached
    place = f"{address.host}:{address.port}"
    way = Seen("connect", f"{reached.here} -> {reached.there}")
    return fine(say("{place} takes connections ({ms} ms)", place=place, ms=reached.took_ms), way)


def _tcp(s: Surroundings) -> Reached | Finding:
    return s.once("broker tcp", lambda: _connection(s, _address(s)))


def _connection(s: Surroundings, address: Address) -> Reached | Finding:
    began = time.monotonic()
    try:
        with closing(_socket(s, address)) as sock:
            took_ms = round((time.monotonic() - began) * 1000)
            return Reached(_place(sock.getsockname()), _place(sock.getpeername()), took_ms)
    except (socket.gaierror, UnicodeError) as error:  # the second: no name of the DNS
        return unknown(say("{reason}", reason=NO_NAME), Seen("getaddrinfo", _words(error)))
    except OSError as error:
        place = f"{address.host}:{address.port}"
        said = say("{place} cannot be reached: {error}", place=place, error=_words(error))
        do = say("see default route and firewalls on the way: {place} by TCP", place=place)
        interface = s.settings.broker.interface
        seen = (place, None if interface is None else f"over {interface}")
        return failure(said, do, Seen("connect", " ".join(filter(None, seen))))


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _socket(s: Surroundings, address: Address) -> socket.socket:
    return connected_socket(address.host, address.port, _STEP_S, s.settings.broker.interface)


def _place(address: tuple[object, ...]) -> str:
    return f"{address[0]}:{address[1]}"


def tls(s: Surroundings) -> Finding:
    """Whether the broker proves who it is, and takes our certificate where we have one."""
    try:
        address = _address(s)
    except _NoBroker:
        return not_applicable(_NO_BROKER)
    if not address.tls:
        return not_applicable(say("broker.url is mqtt://: nothing is encrypted"))
    if isinstance(_tcp(s), Finding):
        return unknown(say("the broker cannot be reached"))
    result = s.once("broker tls", lambda: _handshake(s, address))
    if isinstance(result, Finding):
        return result
    seen = Seen("TLS", f"{result.version} {result.cipher}")
    do = say("have the broker's owner renew it")
    dated = judged(s, validity(result.certificate), f"{address.host} certificate", do)
    said = say("{version}, the broker is trusted", version=result.version)
    return worst(
        [
            dated._replace(said=say("the broker's certificate: {what}", what=dated.said)),
            fine(said, seen),
        ]
    )


def _context(s: Surroundings) -> ResumingContext:
    broker = s.settings.broker
    files = [None if each is None else str(each) for each in (broker.ca, broker.cert, broker.key)]
    try:
        return tls_context(*files)
    except UplinkError as error:
        raise Unreadable(say("{reason}", reason=error.reason)) from error


def _handshake(s: Surroundings, address: Address) -> Handshake | Finding:
    context = _context(s)
    try:
        with (
            closing(_socket(s, address)) as plain,
            closing(context.wrap_socket(plain, server_hostname=address.host)) as sock,
        ):
            cipher = sock.cipher()
            der = sock.getpeercert(binary_form=True) or b""
            return Handshake(sock.version() or "?", cipher[0] if cipher else "?", der)
    except ssl.SSLCertVerificationError as error:
        said = say("the broker's certificate is refused: {error}", error=error.verify_message)
        seen = Seen("TLS", f"{error.verify_message} ({error.verify_code})")
        return failure(said, _about(s, error.verify_code), seen)
    except ssl.SSLError as error:
        words = error.reason or str(error)
        do = say("is this the broker's port for TLS? Does it ask for a certificate of ours?")
        return failure(
            say("TLS with the broker failed: {error}", error=words), do, Seen("TLS", words)
        )
    except OSError as error:
        words = _words(error)
        do = say("is this the broker's port for TLS? Does it ask for a certificate of ours?")
        return failure(
            say("TLS with the broker failed: {error}", error=words), do, Seen("TLS", words)
        )


_NOT_YET, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64  # openssl x509_vfy.h


def _about(s: Surroundings, code: int) -> Said:
    if code in {_NOT_YET, _EXPIRED} and not s.synchronized():
        return say("set this machine's clock first: it is not synchronised")
    if code in {_NOT_YET, _EXPIRED}:
        return say("have the broker's owner renew it")
    if code in {_OTHER_HOST, _OTHER_ADDRESS}:
        return say("write the name in broker.url that stands in the certificate")
    return say("give in broker.ca the certificate of the CA that made the broker's")


def login(s: Surroundings) -> Finding:
    """Whether the broker takes the configured credentials."""
    try:
        address = _address(s)
    except _NoBroker:
        return not_applicable(_NO_BROKER)
    if isinstance(_tcp(s), Finding):
        return unknown(say("the broker cannot be reached"))
    context = None
    if address.tls:
        if isinstance(s.once("broker tls", lambda: _handshake(s, address)), Finding):
            return unknown(say("there is no TLS with the broker"))
        context = _context(s)
    try:
        password = password_in(s.settings.broker.password_file)
    except ConfigError as error:
        raise Unreadable(Said(error.text, error.fields)) from error
    target = Target(
        host=address.host,
        port=address.port,
        client_id=f"doctor{secrets.token_hex(6)}",
        tls=context,
        username=s.settings.broker.username,
        password=password,
        connect_timeout_s=_STEP_S,
        interface=s.settings.broker.interface,
    )
    return _logged_in(s, target)


def _logged_in(s: Surroundings, target: Target) -> Finding:
    answer: Connected | Closed | None = None
    for protocol, words in ((MQTT_5, "MQTT 5"), (MQTT_311, "MQTT 3.1.1")):
        answer = _tried(Link(target, protocol, clock=time.monotonic, connack_timeout_s=_STEP_S))
        if isinstance(answer, Connected):
            return _taken(answer, words, target.client_id)
        if not answer.before_connack and answer.code != _OTHER_VERSION:
            break
    assert isinstance(answer, Closed)  # the loop ran
    seen = Seen("CONNECT", f"client id {target.client_id}: {answer.detail or answer.reason}")
    said = say("{reason}", reason=answer.reason)
    # Some brokers name the client id, others refuse in general, or hang up.
    in_general = answer.code == _NOT_AUTHORISED or answer.reason == CLOSED
    if answer.code == _OTHER_ID or (in_general and _daemon_is_in(s)):
        do = say("see whether acks come: this test has a client id of its own, which was refused")
        return unknown(said, seen, do=do)
    do = say(
        "see broker.username, broker.password_file, broker.cert and the broker's log, which"
        " names the client id {name}",
        name=target.client_id,
    )
    return failure(said, do, seen)


def _taken(answer: Connected, words: str, client_id: str) -> Finding:
    """The broker said yes; whether it takes evidence, which is far longer than all else, too."""
    seen = Seen("CONNECT", f"{words}, client id {client_id}")
    said = say("the broker takes our credentials ({protocol})", protocol=words)
    if answer.maximum_packet >= MAX_MESSAGE_BYTES + FRAME_BYTES:
        return fine(said, seen)
    limit = Seen("CONNACK", f"maximum packet size {answer.maximum_packet}")
    do = say("have the broker take messages of 64 KiB: longer evidence goes by file alone")
    return warning(said, do, seen, limit)


def _tried(link: Link) -> Connected | Closed:
    """What the broker answered."""
    try:
        link.open()
        return _answer(link)
    except UplinkError as error:
        return Closed(error.reason, error.detail, before_connack=True)
    finally:
        link.close()


def _daemon_is_in(s: Surroundings) -> bool:
    """Whether the daemon has got in with the same credentials: then they are good."""
    try:
        health = daemon_health(s)
    except Unreadable:
        return False
    return health is not None and health.get("last_broker_s") is not None


# Reason codes of CONNACK (MQTT 5.0 clause 3.2.2.2, unread); paho gives 3.1.1's in this form too.
_OTHER_ID: Final = 0x85
_NOT_AUTHORISED: Final = 0x87
_OTHER_VERSION: Final = 0x84


def _answer(link: Link) -> Connected | Closed:
    while True:
        for event in link.step(_STEP_S):
            if isinstance(event, Connected):
                return event
            if isinstance(event, Closed):
                return event
