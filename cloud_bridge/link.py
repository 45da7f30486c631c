"""One MQTT connection over paho, driven by its owner's thread: what happened comes as events.

paho's own queue, window, reconnect and thread are not used. A client object lives for one
connection, so nothing is resent behind our back: paho 2 forgets its window after a reconnect
(eclipse-paho/paho.mqtt.python issue 492), and its queue is memory that a power cut empties.

Sources: OASIS MQTT 5.0 and 3.1.1 (unread), paho-mqtt 2 documentation.
"""

import select
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cloud_bridge.air import Air, on_air
from cloud_bridge.errors import UplinkError, reason
from cloud_bridge.tls import ResumingContext

MQTT_5: Final = MQTTProtocolVersion.MQTTv5
MQTT_311: Final = MQTTProtocolVersion.MQTTv311

NO_MATCHING_SUBSCRIBERS: Final = 0x10

REFUSED_PROTOCOL: Final = reason("the broker does not speak this version of MQTT")
CLOSED: Final = reason("the broker closed the connection")
NO_ANSWER: Final = reason("the broker does not answer")
NO_NAME: Final = reason("the broker's name cannot be resolved")
NOT_MQTT: Final = reason("the broker does not speak MQTT")
TAKES_NOTHING: Final = reason("the broker does not take our messages")
NO_SUBSCRIPTION: Final = reason("the broker does not let us subscribe")

_REFUSALS: Final = {
    0x84: REFUSED_PROTOCOL,
    0x85: reason("the broker refuses the client id"),
    0x86: reason("the broker refuses the user name or password"),
    0x87: reason("the broker does not authorise this client"),
    0x88: reason("the broker is unavailable"),
    0x89: reason("the broker is busy"),
    0x8A: reason("the broker has banned this client"),
    0x8C: reason("the broker refuses the user name or password"),
    0x97: reason("the broker's quota is used up"),
    0x9F: reason("the broker limits connections"),
}
_REFUSED: Final = reason("the broker refuses the connection")
_HOW_OFTEN_PAHO_LOOKS_S: Final = 30.0


@dataclass(frozen=True)
class Target:
    """Which broker, and who we are; `password` never shows in `repr`."""

    host: str
    port: int
    client_id: str
    tls: ssl.SSLContext | None = None
    username: str | None = None
    password: "Secret | None" = None
    keepalive_s: int = 900
    session_expiry_s: int = 0
    connect_timeout_s: float = 10.0
    receive_maximum: int = 20
    interface: str | None = None
    """Only over this one (SO_BINDTODEVICE), whatever the routes say."""


class Secret(str):
    """A text that hides in `repr`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(...)"


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int
    tls: bool


def parse_url(url: str) -> Address:
    """The address in `mqtt://host[:port]` (1883) or `mqtts://host[:port]` (8883).

    Raises:
        ValueError: another scheme, no host, a port out of range, or a user in it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise ValueError("a broker is mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")
    if parts.username or parts.password or parts.path.strip("/") or parts.query:
        raise ValueError("a broker's URL has a host and a port, nothing else")
    tls = parts.scheme == "mqtts"
    return Address(parts.hostname, parts.port or (8883 if tls else 1883), tls)


class Will(NamedTuple):
    """What the broker says for us when we are gone; `delay_s` on MQTT 5 only."""

    topic: str
    payload: bytes
    delay_s: int


class Connected(NamedTuple):
    """CONNACK, with the broker's limits; `session_kept`: it queued for us while we were away."""

    receive_maximum: int
    maximum_packet: int
    topic_aliases: int
    session_kept: bool = False


class Subscribed(NamedTuple):
    """SUBACK of one topic."""

    mid: int
    ok: bool


class Published(NamedTuple):
    """PUBACK; on 3.1.1 `code` is always 0."""

    mid: int
    code: int
    words: str

    @property
    def failed(self) -> bool:
        """Whether the broker did not take the message."""
        return self.code >= 0x80


class Message(NamedTuple):
    """PUBLISH from the broker; `topic` is empty where it was no UTF-8."""

    topic: str
    payload: bytes
    retained: bool
    again: bool
    mid: int
    qos: int


class Closed(NamedTuple):
    """The end; `before_connack` where the broker never said yes or no.

    `code` is the reason code of a CONNACK that says no (3.1.1's in its MQTT 5 form), else None.
    """

    reason: str
    detail: str
    before_connack: bool
    code: int | None = None


Event = Connected | Subscribed | Published | Message | Closed


class Link:
    """One connection from CONNECT to its end. Not thread safe: one thread owns it."""

    def __init__(
        self,
        target: Target,
        protocol: MQTTProtocolVersion,
        *,
        clock: Callable[[], float],
        will: Will | None = None,
        manual_ack: bool = False,
        connack_timeout_s: float = 10.0,
    ) -> None:
        self._target = target
        self._connack_timeout_s = connack_timeout_s
        self._protocol = protocol
        self._clock = clock
        self._events: list[Event] = []
        self._connected = False
        self._closed = False
        self._connack_deadline = 0.0
        self._client = self._make_client(will, manual_ack=manual_ack)

    # Life

    def open(self) -> None:
        """Connect TCP and TLS (blocking, bounded), send CONNECT.

        Raises:
            UplinkError: with the reason in words.
        """
        target = self._target
        expiry: Properties | None = None
        if self._protocol == MQTT_5:
            expiry = _properties(
                PacketTypes.CONNECT,
                SessionExpiryInterval=target.session_expiry_s,
                ReceiveMaximum=target.receive_maximum,
            )
        try:
            with _words_for_network_errors():
                # On 3.1.1 the constructor decides about the session; a session there never
                # expires, so none is asked for.
                self._client.connect(
                    target.host,
                    target.port,
                    keepalive=target.keepalive_s,
                    clean_start=_UNSET if expiry is None else target.session_expiry_s == 0,
                    properties=expiry,
                )
        except UplinkError:
            self._closed = True
            if isinstance(target.tls, ResumingContext):
                target.tls.give_up()
            raise
        self._connack_deadline = self._clock() + self._connack_timeout_s

    def close(self) -> None:
        """Say DISCONNECT where we can, and let go of the socket."""
        self._remember_session()
        if not self._closed:
            self._closed = True
            self._client.disconnect()
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def drop(self) -> None:
        """Let go without DISCONNECT: the broker will say our will."""
        self._closed = True
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    # Work

    def step(self, timeout_s: float, wake: socket.socket | None = None) -> list[Event]:
        """What happened, waiting at most `timeout_s`, or until `wake` can be read."""
        sock = self._client.socket()
        if self._closed or sock is None:
            self._end(CLOSED)
            return self._take_events() or [Closed(CLOSED, "", before_connack=not self._connected)]
        readable = [sock] if wake is None else [sock, wake]
        writable = [sock] if self._client.want_write() else []
        ready = _pending(sock)
        if not ready:
            wait_s = max(0.0, min(timeout_s, self._wait_s()))
            can_read, can_write, _ = select.select(readable, writable, [], wait_s)
            ready = sock in can_read
            if can_write:
                self._guard(self._client.loop_write)
        if ready:
            self._guard(self._client.loop_read)
            while not self._closed and _pending(self._client.socket()):
                self._guard(self._client.loop_read)
        self._guard(self._client.loop_misc)
        if not self._connected and not self._closed and self._clock() >= self._connack_deadline:
            self._end(NO_ANSWER)
        return self._take_events()

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, alias: int = 0
    ) -> int | None:
        """The packet's id (QoS 1); None where the connection has just ended."""
        properties = None
        if alias and self._protocol == MQTT_5:
            properties = _properties(PacketTypes.PUBLISH, TopicAlias=alias)
        info = self._client.publish(topic, payload, 1, retain, properties)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def subscribe(self, topic: str) -> int | None:
        """The packet's id (QoS 1); None where the connection has just ended."""
        code, mid = self._client.subscribe(topic, 1)
        return mid if code == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def ack(self, mid: int) -> None:
        """PUBACK for a message (`manual_ack`)."""
        self._client.ack(mid, 1)

    def air(self) -> Air | None:
        """What the connection has cost on the air; None where that is not known, or it ended."""
        return None if self._closed else on_air(self._client.socket())

    # paho

    def _make_client(self, will: Will | None, *, manual_ack: bool) -> Client:
        target = self._target
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=target.client_id,
            clean_session=True if self._protocol == MQTT_311 else None,
            protocol=self._protocol,
            reconnect_on_failure=False,
            manual_ack=manual_ack,
        )
        client.interface = target.interface
        client.connect_timeout = target.connect_timeout_s
        client.max_inflight_messages_set(1000)
        if target.username is not None:
            client.username_pw_set(target.username, target.password)
        if target.tls is not None:
            client.tls_set_context(target.tls)
        if will is not None:
            properties = None
            if self._protocol == MQTT_5:
                properties = _properties(PacketTypes.WILLMESSAGE, WillDelayInterval=will.delay_s)
            client.will_set(will.topic, will.payload, 1, retain=True, properties=properties)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, _client: Client, _data: Any, flags: Any, code: ReasonCode, properties: Any
    ) -> None:
        if code.is_failure:
            words = _REFUSALS.get(code.value, _REFUSED)
            self._finish(Closed(words, str(code), before_connack=False, code=code.value))
            return
        self._connected = True
        self._remember_session()
        self._events.append(
            Connected(
                getattr(properties, "ReceiveMaximum", 65535),
                getattr(properties, "MaximumPacketSize", 268435455),
                getattr(properties, "TopicAliasMaximum", 0),
                session_kept=bool(flags.session_present),
            )
        )

    def _on_disconnect(
        self, _client: Client, _data: Any, flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        said = str(code) if flags.is_disconnect_packet_from_server else ""
        self._end(CLOSED, said)

    def _on_subscribe(
        self, _client: Client, _data: Any, mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        self._events.append(Subscribed(mid, not any(code.is_failure for code in codes)))

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, code: ReasonCode, _properties: Any
    ) -> None:
        self._remember_session()
        self._events.append(Published(mid, code.value, str(code)))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._events.append(
            Message(
                topic,
                bytes(message.payload),
                retained=message.retain,
                again=message.dup,
                mid=message.mid,
                qos=message.qos,
            )
        )

    # Inside

    def _guard(self, step: Callable[[], object]) -> None:
        """Run one step of paho; bytes that are no MQTT end the connection, nothing else."""
        if self._closed:
            return
        try:
            step()
        except (ValueError, LookupError, struct.error, TypeError, OSError) as error:
            self._end(NOT_MQTT, type(error).__name__)
        except Exception as error:
            # paho's own exceptions have two bases, both named MQTTException.
            if type(error).__module__.partition(".")[0] != "paho":
                raise
            self._end(NOT_MQTT, type(error).__name__)

    def _end(self, words: str, detail: str = "") -> None:
        self._finish(Closed(words, detail, before_connack=not self._connected))

    def _finish(self, event: Closed) -> None:
        if not self._closed:
            self._closed = True
            self._events.append(event)
            sock = self._client.socket()
            if sock is not None:
                sock.close()

    def _remember_session(self) -> None:
        if isinstance(self._target.tls, ResumingContext):
            self._target.tls.remember(self._client.socket())

    def _wait_s(self) -> float:
        if not self._connected:
            return self._connack_deadline - self._clock()
        # The broker may have asked for a shorter one; 0 is none.
        keepalive_s = self._client.keepalive or 4 * _HOW_OFTEN_PAHO_LOOKS_S
        return min(_HOW_OFTEN_PAHO_LOOKS_S, keepalive_s / 4)

    def _take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events


class _Client(Client):
    """paho's client on a socket of ours: paho knows source addresses, and no interfaces."""

    interface: str | None = None

    def _create_socket_connection(self) -> socket.socket:
        return connected_socket(self._host, self._port, self.connect_timeout, self.interface)


def connected_socket(
    host: str, port: int, timeout_s: float, interface: str | None = None
) -> socket.socket:
    """A TCP connection, over `interface` alone where one is named (SO_BINDTODEVICE, socket(7)).

    Raises:
        OSError: there is none: the last address's error, as from `socket.create_connection`.
    """
    if interface is None:
        return socket.create_connection((host, port), timeout_s)
    error: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(timeout_s)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
            sock.connect(address)
        except OSError as failed:
            sock.close()
            error = failed
        else:
            return sock
    raise error or OSError(f"no address of {host}")


_UNSET: Final = 3
"""paho's own "not MQTT 5" value of `clean_start` (`MQTT_CLEAN_START_FIRST_ONLY`)."""


def _properties(packet_type: int, **values: int) -> Properties:
    """MQTT 5 properties of a packet."""
    properties = Properties(packet_type)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def _pending(sock: object) -> bool:
    """Whether TLS holds bytes that `select` does not see."""
    return isinstance(sock, ssl.SSLSocket) and sock.fileno() >= 0 and sock.pending() > 0


class _words_for_network_errors:  # noqa: N801 - used as a `with` statement's words
    """Maps what socket and ssl raise to `UplinkError`, once."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, (OSError, ValueError)):
            raise UplinkError(_words(error), str(error)) from error


def _words(error: Exception) -> str:
    table: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLCertVerificationError, reason("the broker's certificate is not trusted")),
        (ssl.SSLError, reason("TLS with the broker failed")),
        (socket.gaierror, NO_NAME),
        (ConnectionRefusedError, reason("nobody listens at the broker's port")),
        (TimeoutError, NO_ANSWER),
    )
    for kind, words in table:
        if isinstance(error, kind):
            return words
    return reason("the broker cannot be reached")
