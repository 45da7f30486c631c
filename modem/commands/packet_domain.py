"""Packet contexts: defined, active, addressed; attached or not.

3GPP TS 27.007 clauses 10.1.1 (+CGDCONT), 10.1.9 (+CGATT), 10.1.10 (+CGACT), 10.1.14 (+CGPADDR)
and 10.1.23 (+CGCONTRDP); all unread.
"""

import re
from typing import NamedTuple

from modem.at.syntax import split_fields, to_int
from modem.commands.base import PrefixedCommand, SettingCommand

_IPV4 = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
_IPV6 = re.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+")
_OCTETS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){15}")
# Air724 writes both families into one field: `IPV4:10.0.0.1 IPV6:2001:db8::1`.
_FAMILY = re.compile(r"IPV[46]:", re.IGNORECASE)


def addresses_of(text: str) -> tuple[str, ...]:
    """The IP addresses in one field, as the modem wrote them; `0.0.0.0` and `::` are none.

    An IPv6 address in 16 dotted octets (27.007's default, FM350) is rewritten with colons.
    """
    found = []
    for word in _FAMILY.sub(" ", text).split():
        address = _from_octets(word) if _OCTETS.fullmatch(word) else word
        if (_IPV4.fullmatch(address) or _IPV6.fullmatch(address)) and address.strip("0.:"):
            found.append(address)
    return tuple(found)


def _from_octets(text: str) -> str:
    from ipaddress import IPv6Address

    octets = [int(octet) for octet in text.split(".")]
    return str(IPv6Address(bytes(octets))) if max(octets) <= 255 else text


class ContextDefinition(NamedTuple):
    """One line of +CGDCONT?; None for what it leaves out."""

    cid: int
    pdp_type: str | None
    apn: str | None
    addresses: tuple[str, ...]


class ReadContexts(PrefixedCommand[tuple[ContextDefinition, ...]]):
    """AT+CGDCONT?: the contexts as defined."""

    text = "AT+CGDCONT?"
    prefixes = ("+CGDCONT",)

    def parse(self, lines: tuple[str, ...]) -> tuple[ContextDefinition, ...]:
        """One for each line, as they come; none is an answer too."""
        found = []
        for row in self.rows(lines) if lines else ():
            fields = [*row, None, None, None, None]
            cid = to_int(fields[0])
            if cid is None:
                raise self.refuse(lines)
            pdp_type = fields[1].upper() if fields[1] else None
            found.append(ContextDefinition(cid, pdp_type, fields[2], addresses_of(fields[3] or "")))
        return tuple(found)


class ReadContextStates(PrefixedCommand[dict[int, bool]]):
    """AT+CGACT?: which contexts are active, by cid."""

    text = "AT+CGACT?"
    prefixes = ("+CGACT",)

    def parse(self, lines: tuple[str, ...]) -> dict[int, bool]:
        """True for an active context."""
        states: dict[int, bool] = {}
        for row in self.rows(lines) if lines else ():
            cid, state = (to_int(field) for field in [*row, None, None][:2])
            if cid is None or state is None:
                raise self.refuse(lines)
            states[cid] = state == 1
        return states


class SetContextState(SettingCommand):
    """AT+CGACT=<state>,<cid>: bring a context up or down; the network may take its time."""

    timeout_s = 60.0

    def __init__(self, cid: int, *, active: bool) -> None:
        self.text = f"AT+CGACT={int(active)},{cid}"


class ReadAttachment(PrefixedCommand[bool]):
    """AT+CGATT?: whether the modem is attached to packet service."""

    text = "AT+CGATT?"
    prefixes = ("+CGATT",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> bool:
        """True for attached."""
        state = to_int(self.bodies(lines)[-1])
        if state not in {0, 1}:
            raise self.refuse(lines)
        return state == 1


class SetAttachment(SettingCommand):
    """AT+CGATT=<state>: attach to packet service, or leave it; the network may take its time."""

    timeout_s = 75.0

    def __init__(self, *, attached: bool) -> None:
        self.text = f"AT+CGATT={int(attached)}"


class ReadAddresses(PrefixedCommand[dict[int, tuple[str, ...]]]):
    """AT+CGPADDR: the addresses of one context, or (`cid` None) of all."""

    prefixes = ("+CGPADDR",)

    def __init__(self, cid: int | None = None) -> None:
        self.text = "AT+CGPADDR" if cid is None else f"AT+CGPADDR={cid}"

    def parse(self, lines: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
        """Addresses by cid; a context without one has an empty tuple."""
        found: dict[int, tuple[str, ...]] = {}
        for body in self.bodies(lines) if lines else ():
            fields = split_fields(body)
            cid = to_int(fields[0]) if fields else None
            if cid is None:
                raise self.refuse(lines)
            more = tuple(a for field in fields[1:] for a in addresses_of(field or ""))
            found[cid] = tuple(dict.fromkeys(found.get(cid, ()) + more))
        return found


class DynamicContext(NamedTuple):
    """One line of +CGCONTRDP: an active context; None for what it leaves out."""

    cid: int
    apn: str | None
    addresses: tuple[str, ...]
    name_servers: tuple[str, ...] = ()


class ReadDynamicContext(PrefixedCommand[DynamicContext | None]):
    """AT+CGCONTRDP=<cid>: an active context as the network gave it."""

    prefixes = ("+CGCONTRDP",)

    def __init__(self, cid: int) -> None:
        self.text = f"AT+CGCONTRDP={cid}"

    def parse(self, lines: tuple[str, ...]) -> DynamicContext | None:
        """The context with its addresses; None where the modem has no line for it."""
        if not lines:
            return None
        cid: int | None = None
        apn: str | None = None
        addresses: tuple[str, ...] = ()
        servers: tuple[str, ...] = ()
        for row in self.rows(lines):
            fields = [*row, *(None,) * 7]
            cid, apn = to_int(fields[0]), fields[2] or apn
            addresses += _local_addresses(fields[3] or "")
            servers += tuple(a for field in fields[5:7] for a in addresses_of(field or ""))
        if cid is None:
            raise self.refuse(lines)
        return DynamicContext(cid, apn, addresses, tuple(dict.fromkeys(servers)))


def _local_addresses(field: str) -> tuple[str, ...]:
    """Local addresses; the subnet mask that Release 9 glues on (8 or 32 octets) is cut off."""
    found: tuple[str, ...] = ()
    for word in field.split():
        octets = word.split(".")
        half = len(octets) // 2
        found += addresses_of(".".join(octets[:half]) if len(octets) in {8, 32} else word)
    return found
