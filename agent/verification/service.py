"""What one service of a card did, and how that was found out. Pure."""

from typing import Any, Final, NamedTuple

Json = dict[str, Any]

DATA, SMS, VOICE = "data", "sms", "voice"
SERVICES: Final = (DATA, SMS, VOICE)
WORKS, FAILS, NOT_TESTED = "works", "fails", "not_tested"
STATES: Final = (WORKS, FAILS, NOT_TESTED)

HOSTS, CONTEXT, COUNTED = "hosts", "context", "counted"
SENT, RECEIVED, CALLED = "sent", "received", "called"
HOW: Final = (HOSTS, CONTEXT, COUNTED, SENT, RECEIVED, CALLED)
"""A host answered, the network granted a context, bytes were counted earlier; a message was sent,
one came in; a call was put through."""


class Service(NamedTuple):
    """`state` is of `STATES`; `how` of `HOW`, None where nothing was tried.

    `because` are paths with their values (`probe.hosts.hub.example=true`), or, for a service that
    was not tested, the reason.
    """

    state: str
    how: str | None = None
    because: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """As documents hold it."""
        return {"state": self.state, "how": self.how, "because": list(self.because)}

    @classmethod
    def from_json(cls, told: Any) -> "Service":
        """From such a document; what is none is a service that was not tested."""
        if not isinstance(told, dict) or told.get("state") not in STATES:
            return cls(NOT_TESTED)
        how, because = told.get("how"), told.get("because")
        return cls(
            told["state"],
            how if how in HOW else None,
            tuple(map(str, because)) if isinstance(because, list) else (),
        )


def not_tested(reason: str) -> Service:
    """Nothing was tried, and why."""
    return Service(NOT_TESTED, None, (reason,))
