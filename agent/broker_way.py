"""The uplink that the configuration describes."""

from pathlib import Path
from typing import Final

from agent.broker_login import password_in
from agent.config import Settings
from agent.config_files import check_readable
from agent.errors import ConfigError
from agent.version import __version__
from cloud_bridge.errors import UplinkError
from cloud_bridge.uplink import Uplink
from cloud_bridge.uplink_settings import UplinkPort, UplinkSettings

_KEEPALIVE_S: Final = (30, 65535)


def uplink_of(
    settings: Settings, port: UplinkPort, *, gw: str, store: str, boot: int
) -> Uplink | None:
    """The uplink; None where no broker is configured. Nothing is connected yet.

    Raises:
        ConfigError: the broker's URL, or a file that the configuration names, cannot be used.
    """
    broker = settings.broker
    if broker.url is None:
        return None
    low, high = _KEEPALIVE_S
    password = password_in(broker.password_file)
    for name in ("ca", "cert", "key"):
        check_readable(f"broker.{name}", getattr(broker, name))
    if broker.key is not None and broker.cert is None:
        raise ConfigError(
            "{name} is of no use without {what}", name="broker.key", what="broker.cert"
        )
    try:
        return Uplink(
            UplinkSettings(
                url=broker.url,
                gw=gw,
                store=store,
                boot=boot,
                software=f"simward {__version__}",
                root=settings.topics.root,
                username=broker.username,
                password=password,
                ca=_path(broker.ca),
                cert=_path(broker.cert),
                key=_path(broker.key),
                interface=broker.interface,
                keepalive_s=broker.keepalive_s
                or min(max(int(settings.report.interval_s), low), high),
                # Who reports often does not wait long for a broker that was away briefly.
                backoff_cap_s=min(max(settings.report.interval_s / 3, 5.0), 300.0),
            ),
            port,
        )
    except UplinkError as error:
        raise ConfigError(
            "broker: {reason} ({detail})", reason=error.reason, detail=error.detail
        ) from error
    except ValueError as error:
        raise ConfigError("broker: {reason}", reason=str(error)) from error


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
