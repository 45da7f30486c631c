"""When to connect to the broker again, and with which version of MQTT. No I/O."""

from collections.abc import Callable
from typing import Final

from paho.mqtt.enums import MQTTProtocolVersion

from cloud_bridge.link import MQTT_5, MQTT_311, NO_ANSWER, REFUSED_PROTOCOL, Closed

_PATIENCE_S: Final = 3.0
_MAX_PATIENCE_S: Final = 60.0
_STEADY_S: Final = 60.0
"""A connection that held this long was no accident: the back-off begins anew after it."""


class Backoff:
    """Full jitter: a random part of a bound that doubles up to `cap_s`."""

    def __init__(self, base_s: float, cap_s: float, random: Callable[[], float]) -> None:
        self._base_s = base_s
        self._cap_s = cap_s
        self._random = random
        self._tries = 0

    def next_s(self) -> float:
        """How long to wait before the next try."""
        bound_s: float = min(self._cap_s, self._base_s * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return self._random() * bound_s

    def reset(self) -> None:
        """It works again."""
        self._tries = 0


class ProtocolChoice:
    """MQTT 5 first; 3.1.1 where the broker refuses it, hangs up on it, or never answers it.

    amqtt, which has no MQTT 5, reads past the end of such a CONNECT and waits for ever. A refusal
    is remembered. Silence proves little (a broker that just restarts is silent too), so after a
    day MQTT 5 is tried again.
    """

    _RETRY_S = 86_400.0

    def __init__(self) -> None:
        self.current: MQTTProtocolVersion = MQTT_5
        self._retry_at: float | None = None

    def about_to_connect(self, now: float) -> MQTTProtocolVersion:
        """Which version to try."""
        if self._retry_at is not None and now >= self._retry_at:
            self.current, self._retry_at = MQTT_5, None
        return self.current

    def ended(self, event: Closed, now: float) -> bool:
        """Whether the other version is worth a try at once."""
        if self.current == MQTT_5 and event.reason == REFUSED_PROTOCOL:
            self.current, self._retry_at = MQTT_311, None
            return True
        if self.current == MQTT_5 and event.before_connack:
            self.current, self._retry_at = MQTT_311, now + self._RETRY_S
            return True
        if self.current == MQTT_311 and event.before_connack and self._retry_at is not None:
            self.current, self._retry_at = MQTT_5, None
        return False


class Dialer:
    """When to connect, and with which version of MQTT."""

    def __init__(self, backoff: Backoff, clock: Callable[[], float]) -> None:
        self._backoff = backoff
        self._clock = clock
        self._choice = ProtocolChoice()
        self._connect_at = clock()
        self._online_since: float | None = None
        self._patience_s = _PATIENCE_S

    @property
    def patience_s(self) -> float:
        """How long to wait for CONNACK: little at first, because silence may mean "not MQTT 5"."""
        return self._patience_s

    @property
    def protocol_name(self) -> str:
        """The version in use, in words."""
        return "MQTT 5" if self._choice.current == MQTT_5 else "MQTT 3.1.1"

    def wait_s(self) -> float:
        """How long until the next try; 0 or less is now."""
        return self._connect_at - self._clock()

    def protocol(self) -> MQTTProtocolVersion:
        """Which version to try now."""
        return self._choice.about_to_connect(self._clock())

    def connected(self) -> None:
        """The broker said yes."""
        self._online_since = self._clock()
        self._patience_s = _PATIENCE_S

    def failed(self) -> None:
        """There was no connection at all."""
        self._connect_at = self._clock() + self._backoff.next_s()

    def closed(self, event: Closed) -> bool:
        """The connection ended; whether the other version is tried at once."""
        now = self._clock()
        if self._online_since is not None and now - self._online_since > _STEADY_S:
            self._backoff.reset()
        self._online_since = None
        tried_all = self._choice.current == MQTT_311
        if event.reason == NO_ANSWER and tried_all:
            self._patience_s = min(2 * self._patience_s, _MAX_PATIENCE_S)
        if self._choice.ended(event, now):
            self._connect_at = now
            return True
        self.failed()
        return False
