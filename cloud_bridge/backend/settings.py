"""Where the backend listens, and as whom."""

from dataclasses import dataclass
from typing import Final

from cloud_bridge import link, topics
from cloud_bridge.tls import tls_context

BATCH: Final = 200
"""Messages stored in one transaction at most."""


@dataclass(frozen=True)
class ConsumerSettings:
    """Where to listen; `ack_every_s` is how often a gateway that sends steadily gets an `ack`.

    Where rows are missing, or came twice, it gets one at once, then at most every `eager_s`, and
    ever more seldom while that does not help.
    """

    url: str
    root: str = topics.DEFAULT_ROOT
    client_id: str = "simward-backend"
    username: str | None = None
    password: link.Secret | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    keepalive_s: int = 60
    session_expiry_s: int = 7 * 86_400
    connect_timeout_s: float = 10.0
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 10.0
    ack_every_s: float = 3600.0
    eager_s: float = 5.0


def target_of(settings: ConsumerSettings) -> link.Target:
    """The broker, as a link wants it.

    Raises:
        ValueError: the URL cannot be used.
        UplinkError: a certificate or key file cannot be used.
    """
    address = link.parse_url(settings.url)
    context = None
    if address.tls:
        context = tls_context(settings.ca, settings.cert, settings.key)
    return link.Target(
        address.host,
        address.port,
        client_id=settings.client_id,
        tls=context,
        username=settings.username,
        password=settings.password,
        keepalive_s=settings.keepalive_s,
        session_expiry_s=settings.session_expiry_s,
        connect_timeout_s=settings.connect_timeout_s,
        receive_maximum=BATCH,
    )
