"""Every error that may reach a user: its exit code, and one line in words."""

import errno
from dataclasses import dataclass, field
from typing import Any

from agent.errors import AgentError
from agent.exits import CARD, CLOUD, FAULT, REFUSED, UNREACHABLE, USAGE
from agent.i18n import mark, reason_text, t

_REASONS = frozenset({"reason", "error", "detail"})
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
_NO_OUTPUT = mark("standard output cannot be written: {reason}")
MODEMMANAGER = "ModemManager"
_HELD_BY_MODEMMANAGER = mark(
    "{url}: {reason}; three ways out: --modemmanager inhibit takes the modem while simward works,"
    " a second AT port (see simward ports), or a udev rule (docs/modemmanager.md)"
)
_FAULT = mark("a fault of simward's own: {error}")


@dataclass(frozen=True)
class Complaint:
    """What to say of an error: exit code, catalogue text, fields."""

    exit_code: int
    text: str
    fields: dict[str, Any] = field(default_factory=dict)

    def in_words(self) -> str:
        """The line, in the language spoken; reasons are translated too, names and keys are not."""
        fields = {
            key: reason_text(value) if key in _REASONS and isinstance(value, str) else value
            for key, value in self.fields.items()
        }
        return _one_line(t(self.text, **fields))


def _one_line(text: str) -> str:
    """`text` without line breaks and what else would move a terminal's cursor."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def describe(error: BaseException) -> Complaint:
    """The complaint about any error; one that nobody foresaw is a fault of our own."""
    if isinstance(error, AgentError):
        return Complaint(error.exit_code, error.text, error.fields)
    if isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE:
        # All other files and ports have errors of their own by now.
        return Complaint(USAGE, _NO_OUTPUT, {"reason": error.strerror})
    return (
        _of_modem(error)
        or _of_pin(error)
        or _of_card(error)
        or _of_cloud(error)
        or Complaint(FAULT, _FAULT, {"error": f"{type(error).__name__}: {error}"})
    )


def _of_modem(error: BaseException) -> Complaint | None:
    from modem.errors import (
        AtCommandError,
        AtProtocolError,
        AtTimeout,
        PortLost,
        PortTaken,
        PortUnavailable,
    )
    from modem.vendors.profile import ProfileError

    if isinstance(error, ProfileError):
        return Complaint(
            USAGE,
            mark("modem profile {profile}: {key}: {reason}"),
            {"profile": error.profile, "key": error.key, "reason": error.reason},
        )
    if isinstance(error, PortTaken) and MODEMMANAGER in error.programs:
        return Complaint(
            UNREACHABLE, _HELD_BY_MODEMMANAGER, {"url": error.url, "reason": error.reason}
        )
    if isinstance(error, PortUnavailable):
        return Complaint(
            UNREACHABLE, mark("{url}: {reason}"), {"url": error.url, "reason": error.reason}
        )
    if isinstance(error, PortLost):
        return Complaint(UNREACHABLE, mark("the modem went away ({error})"), {"error": str(error)})
    if isinstance(error, AtTimeout | AtProtocolError | AtCommandError):
        return Complaint(
            UNREACHABLE, mark("no modem answers at this port ({error})"), {"error": str(error)}
        )
    return None


def _of_card(error: BaseException) -> Complaint | None:
    from sim.errors import (
        ApduProtocolError,
        CardAbsent,
        FileDecodeError,
        IdentifierError,
        ReaderError,
        ReaderStuck,
        ReaderUnavailable,
        StatusWordError,
        UnknownFileError,
    )

    if isinstance(error, UnknownFileError):
        return Complaint(
            USAGE, mark("{name}: no card file that simward decodes"), {"name": error.name}
        )
    if isinstance(error, FileDecodeError):
        fields = {"file": error.file, "offset": error.offset, "reason": error.reason}
        return Complaint(CARD, mark("{file}: offset {offset}: {reason}"), fields)
    if isinstance(error, CardAbsent):
        return Complaint(CARD, mark("no card"))
    if isinstance(error, StatusWordError | ApduProtocolError | ReaderError):
        code, text = CARD, mark("the card cannot be read: {error}")
        if isinstance(error, ReaderUnavailable | ReaderStuck):
            code, text = UNREACHABLE, mark("card reader: {error}")
        return Complaint(code, text, {"error": str(error)})
    if isinstance(error, IdentifierError):
        fields = {"kind": error.kind, "reason": error.reason}
        return Complaint(USAGE, mark("{kind}: {reason}"), fields)
    return None


def _of_pin(error: BaseException) -> Complaint | None:
    from sim.errors import PinFormatError, PinRefused, PinWrong

    if isinstance(error, PinRefused):
        return Complaint(REFUSED, mark("no PIN was sent: {reason}"), {"reason": error.reason})
    if isinstance(error, PinFormatError):
        return Complaint(USAGE, mark("{error}"), {"error": str(error)})
    if not isinstance(error, PinWrong):
        return None
    if error.tries is None:
        return Complaint(CARD, mark("the card did not take the PIN"))
    text = mark("the card did not take the PIN; tries left: {tries}")
    return Complaint(CARD, text, {"tries": error.tries})


def _of_cloud(error: BaseException) -> Complaint | None:
    from cloud_bridge.errors import OutboxError, UplinkError

    if isinstance(error, UplinkError):
        fields = {"reason": error.reason, "detail": error.detail}
        return Complaint(CLOUD, mark("{reason} ({detail})"), fields)
    if isinstance(error, OutboxError):
        return Complaint(USAGE, mark("the store: {reason}"), {"reason": error.reason})
    return None
