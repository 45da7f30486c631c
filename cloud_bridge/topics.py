"""Topics: `{root}/{gw}/{kind}`, for example `sw/1/a1b2c3d4e5/report`. Pure."""

import re
from typing import Final, NamedTuple

from cloud_bridge.errors import MessageError

DEFAULT_ROOT: Final = "sw/1"
KINDS: Final = frozenset(
    {"state", "birth", "report", "event", "evidence", "cmd", "res", "account", "ack"}
)
_GW = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_ROOT = re.compile(r"[^/+#\s\0][^+#\s\0]{0,98}[^/+#\s\0]|[^/+#\s\0]")


class Topic(NamedTuple):
    """Whose topic, and which."""

    gw: str
    kind: str


def check_root(root: str) -> str:
    """`root` itself.

    Raises:
        ValueError: empty, with a wildcard or white space, or a slash at an end.
    """
    if not _ROOT.fullmatch(root):
        raise ValueError("a topic root has no wildcard, no white space and no slash at its ends")
    return root


def check_gw(gw: str) -> str:
    """`gw` itself.

    Raises:
        ValueError: longer than 40 characters, or others than letters, digits, `_ . -`.
    """
    if not _GW.fullmatch(gw):
        raise ValueError("a gateway id has 1-40 letters, digits, '_', '.' or '-'")
    return gw


def build(root: str, gw: str, kind: str) -> str:
    """The topic of `kind` of gateway `gw`.

    Raises:
        ValueError: an unknown kind, or an id that cannot stand in a topic.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    return f"{check_root(root)}/{check_gw(gw)}/{kind}"


def parse(root: str, topic: str) -> Topic:
    """Gateway and kind of `topic`.

    Raises:
        MessageError: not below `root`, or not of our shape.
    """
    prefix = root + "/"
    levels = topic[len(prefix) :].split("/") if topic.startswith(prefix) else []
    if len(levels) != 2 or not _GW.fullmatch(levels[0]) or levels[1] not in KINDS:
        raise MessageError("not a topic of ours")
    return Topic(*levels)
