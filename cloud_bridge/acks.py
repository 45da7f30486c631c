"""`ack` as the gateway reads it: by hand, because the gateway's daemon loads no models for it."""

from typing import NamedTuple

from cloud_bridge import encoding
from cloud_bridge.errors import MessageError


class Ack(NamedTuple):
    """Every row of `store` up to `seq` is stored; `again`: what comes after it is to go again."""

    store: str
    seq: int
    again: bool


def read_ack(payload: bytes, gw: str) -> Ack | None:
    """The `ack` to `gw`; None where it is none, or another gateway's."""
    try:
        message = encoding.decode(payload)
    except MessageError:
        return None
    if message.get("v") != encoding.VERSION or message.get("gw") != gw:
        return None
    store, seq = message.get("store"), message.get("seq")
    if not isinstance(store, str) or type(seq) is not int:
        return None
    return Ack(store, seq, again=message.get("again") is True)
