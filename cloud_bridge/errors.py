"""What can go wrong on the way to the cloud, by who is at fault."""


class BridgeError(Exception):
    """Base of all errors of this package."""


class OutboxError(BridgeError, OSError):
    """The outbox could not keep a row; what it held before is untouched. `reason` in words."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class UplinkError(BridgeError, OSError):
    """The broker cannot be used: `reason` in words, `detail` as the system or broker said it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class MessageError(BridgeError, ValueError):
    """Bytes from a topic that are no message of ours; `reason` in words, never the bytes."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BackendStoreError(BridgeError, OSError):
    """The backend's database could not be opened or written; nothing was acknowledged."""


def reason(text: str, /) -> str:
    """`text` itself: marks an English text of the closed set that a user may get to see."""
    return text
