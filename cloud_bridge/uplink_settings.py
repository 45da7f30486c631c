"""What an uplink needs: where to and as whom, and whom it tells what it learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cloud_bridge import encoding, link, topics
from cloud_bridge.tls import tls_context


class UplinkPort(Protocol):
    """What the uplink tells the owner of the outbox; no method may block."""

    def wants_rows(self, after_seq: int, limit: int) -> None:
        """Answer with `Uplink.offer(after_seq, outbox.unsent(after_seq, limit))`, also if empty."""

    def on_delivered(self, seqs: tuple[int, ...]) -> None:
        """The broker took these rows: `Outbox.delivered`."""

    def on_refused(self, seq: int, reason: str) -> None:
        """The broker will never take this evidence: `Outbox.set_aside`."""

    def on_ack(self, store: str, seq: int, *, replayed: bool) -> None:
        """The backend has all up to `seq`: `Outbox.acknowledge`."""

    def on_connected(self, protocol: str) -> None:
        """The broker answers; `protocol` is `MQTT 5` or `MQTT 3.1.1`."""

    def on_problem(self, reason: str, detail: str) -> None:
        """Something is in the way: once per change of `reason`, not once per try."""


@dataclass(frozen=True)
class UplinkSettings:
    """Where to, and as whom. Times in seconds; `will_delay_s` counts on MQTT 5 only."""

    url: str
    gw: str
    store: str
    boot: int
    software: str
    root: str = topics.DEFAULT_ROOT
    username: str | None = None
    password: link.Secret | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    keepalive_s: int = 900
    session_expiry_s: int = 7 * 86_400
    will_delay_s: int = 60
    connect_timeout_s: float = 10.0
    ack_grace_s: float = 1.0
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 300.0
    interface: str | None = None


def target_of(settings: UplinkSettings) -> link.Target:
    """The broker, as a link wants it.

    Raises:
        ValueError: the URL or the gateway's id cannot be used.
        UplinkError: a certificate or key file cannot be used.
    """
    address = link.parse_url(settings.url)
    context = None
    if address.tls:
        context = tls_context(settings.ca, settings.cert, settings.key)
    return link.Target(
        address.host,
        address.port,
        client_id=topics.check_gw(settings.gw),
        tls=context,
        username=settings.username,
        password=settings.password,
        keepalive_s=settings.keepalive_s,
        session_expiry_s=settings.session_expiry_s,
        connect_timeout_s=settings.connect_timeout_s,
        interface=settings.interface,
    )


def state_message(
    settings: UplinkSettings, budget: Mapping[str, Any] | None, *, on: bool, why: str | None
) -> bytes:
    """`state` of this gateway; `why` it is not there, `budget` where one is counted."""
    state: dict[str, Any] = {"v": encoding.VERSION, "gw": settings.gw, "on": on}
    state |= {"boot": settings.boot, "store": settings.store, "software": settings.software}
    if why is not None:
        state["why"] = why
    if budget is not None:
        state["budget"] = dict(budget)
    return encoding.encode(state)
