"""Packet contexts and the sessions that run in them."""

from dataclasses import dataclass, replace

from modem.simulator.network import Network
from modem.simulator.profile import Context

_ONLY_IPV4, _ONLY_IPV6 = 50, 51


class SessionRefused(Exception):  # noqa: N818 - it is an answer, not a fault
    """The network refuses a session with an ESM (or SM) `cause`."""

    def __init__(self, cause: int) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True)
class Session:
    """A context that is up: its type as the network gave it, its addresses."""

    pdp_type: str
    addresses: tuple[str, ...]
    narrowed: int | None = None
    """`<reason>` of +CGEV where another type was given than wanted: 0 IPv4, 1 IPv6 alone."""


class Sessions:
    """Contexts by cid. Those that are active in the profile come up by themselves with service."""

    def __init__(self, contexts: tuple[Context, ...], *, dotted_ipv6: bool) -> None:
        self._start = contexts
        self._dotted = dotted_ipv6
        self.power_on()

    def power_on(self) -> None:
        """The contexts of the profile, none of them up yet."""
        self.contexts: dict[int, Context] = {context.cid: context for context in self._start}
        self._up: dict[int, Session] = {}
        self._stopped: set[int] = set()
        self._service = False

    def settle(self, service: bool, network: Network) -> list[int]:
        """Follow the data service; the contexts that went down with it."""
        lost = [] if service else sorted(self._up)
        if not service:
            self._up.clear()
            self._stopped.clear()
        for cid, context in self.contexts.items():
            if service and context.active and cid not in self._up and cid not in self._stopped:
                try:
                    self.start(cid, network)
                except SessionRefused:
                    self._stopped.add(cid)
        self._service = service
        return lost

    def define(self, cid: int, context: Context | None) -> None:
        """Write a context, or (None) take it away."""
        self.contexts.pop(cid, None)
        if context is not None:
            self.contexts[cid] = context
        self.contexts = dict(sorted(self.contexts.items()))

    def session(self, cid: int) -> Session | None:
        """What runs in the context, None where nothing does."""
        return self._up.get(cid)

    @property
    def any_up(self) -> bool:
        """Whether packets can flow in any context."""
        return bool(self._up)

    def start(self, cid: int, network: Network) -> Session:
        """Bring the context up.

        Raises:
            SessionRefused: with the network's cause.
            KeyError: there is no such context.
        """
        context = self.contexts[cid]
        rule = network.session_rule(context.apn, cid, context.pdp_type)
        if rule.cause is not None:
            raise SessionRefused(rule.cause)
        given, narrowed = context.pdp_type, None
        if rule.only is not None and rule.only != context.pdp_type.upper():
            only_ipv4 = rule.only.upper() == "IP"
            if context.pdp_type.upper() != "IPV4V6":
                raise SessionRefused(_ONLY_IPV4 if only_ipv4 else _ONLY_IPV6)
            given, narrowed = rule.only, 0 if only_ipv4 else 1
        self._stopped.discard(cid)
        self._up[cid] = Session(given, self._addresses(context, given), narrowed)
        return self._up[cid]

    def stop(self, cid: int) -> bool:
        """Take the context down; whether it was up."""
        self._stopped.add(cid)
        return self._up.pop(cid, None) is not None

    def restart_refused(self) -> None:
        """Let those try again that the network refused or the user stopped."""
        self._stopped.clear()

    def _addresses(self, context: Context, pdp_type: str) -> tuple[str, ...]:
        if context.addresses and pdp_type == context.pdp_type:
            return context.addresses
        wanted = pdp_type.upper()
        ipv4 = (f"10.64.{context.cid}.1",) if wanted != "IPV6" else ()
        ipv6 = (self._ipv6(context.cid),) if wanted in {"IPV6", "IPV4V6"} else ()
        return ipv4 + ipv6

    def _ipv6(self, cid: int) -> str:
        """Of the documentation's prefix, as 27.007 wants it by default or with colons."""
        octets = bytes.fromhex("20010db8") + bytes(3) + bytes((cid & 0xFF,)) + bytes(7) + b"\x01"
        if self._dotted:
            return ".".join(map(str, octets))
        groups = (octets[at : at + 2].hex() for at in range(0, 16, 2))
        return ":".join(group.lstrip("0") or "0" for group in groups)


def redefined(context: Context | None, pdp_type: str, apn: str, cid: int) -> Context:
    """The context as AT+CGDCONT writes it; one that comes up by itself goes on doing so."""
    if context is None:
        return Context(cid, pdp_type=pdp_type, apn=apn)
    same = (context.pdp_type, context.apn) == (pdp_type, apn)
    return replace(context, pdp_type=pdp_type, apn=apn, addresses=context.addresses if same else ())
