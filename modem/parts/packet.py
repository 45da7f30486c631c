"""Packet contexts, usage counters, facility locks."""

from modem.commands.base import GAVE_NONE
from modem.commands.locks import ReadFacilityLock
from modem.commands.packet_domain import (
    ContextDefinition,
    DynamicContext,
    ReadAddresses,
    ReadAttachment,
    ReadContexts,
    ReadDynamicContext,
)
from modem.interview import UNSUPPORTED, Interview, part_of
from modem.snapshot import FacilityLocks, PacketContext, PacketFacts, UsageCounters
from sim.reading import Absent, Reading, absent

Addresses = dict[int, tuple[str, ...] | Absent]
_ASK_ONE_BY_ONE = 2


def read_packet(ask: Interview) -> PacketFacts:
    """Contexts as defined and as active, the addresses of the active ones, and attachment."""
    defined = ask.ask(ReadContexts())
    definitions = {each.cid: each for each in defined.known or ()}
    states = _read_states(ask, definitions)
    active = states.known or {}
    addresses: Addresses = {}
    if states.known is None:
        active, addresses, names = _other_ways(ask, definitions)
        definitions = {**names, **definitions}
    elif on := [cid for cid in sorted(active) if active[cid]]:
        addresses = _told_by_definition(ask, definitions, on) or _read_addresses(ask, on)
    return PacketFacts(
        attached=_attached(ask, states, active),
        contexts=_contexts(defined, definitions, states, active, addresses),
    )


def _read_states(
    ask: Interview, definitions: dict[int, ContextDefinition]
) -> Reading[dict[int, bool]]:
    """Which contexts are active; an answer without a line says nothing of those that exist."""
    states: Reading[dict[int, bool]] = ask.ladder("context_states")
    if states.known == {} and definitions:
        return part_of(states, lambda _: None)
    return states


def _attached(
    ask: Interview, states: Reading[dict[int, bool]], active: dict[int, bool]
) -> Reading[bool]:
    """An active context proves attachment; else the modem is asked."""
    if any(active.values()):
        return Reading(value=True, source=states.source, taken_at=states.taken_at)
    return ask.ask(ReadAttachment())


def _told_by_definition(
    ask: Interview, definitions: dict[int, ContextDefinition], cids: list[int]
) -> Addresses:
    """Of a family whose +CGDCONT? has the addresses in use: those, if none is missing."""
    told: Addresses = {cid: definitions[cid].addresses for cid in cids if cid in definitions}
    return told if ask.profile.address_in_definition and all(map(told.get, cids)) else {}


def _read_addresses(ask: Interview, cids: list[int]) -> Addresses:
    """One or two contexts are asked one by one; more, or a refusal, by the form for all."""
    found: Addresses = {}
    if len(cids) <= _ASK_ONE_BY_ONE:
        for cid in cids:
            answer = ask.ask(ReadAddresses(cid))
            if isinstance(answer.value, Absent):
                found[cid] = answer.value
            else:
                found[cid] = answer.value.get(cid, Absent(GAVE_NONE))
        if any(not isinstance(value, Absent) for value in found.values()):
            return found
    answer = ask.ask(ReadAddresses())
    for cid in cids:
        if isinstance(answer.value, Absent):
            found.setdefault(cid, answer.value)
        else:
            found[cid] = answer.value.get(cid, Absent(GAVE_NONE))
    return found


def _other_ways(
    ask: Interview, definitions: dict[int, ContextDefinition]
) -> tuple[dict[int, bool], Addresses, dict[int, ContextDefinition]]:
    """Where +CGACT is refused: what the family's own stack says, else the dynamic parameters."""
    own: Reading[dict[int, tuple[bool, tuple[str, ...]]]] = ask.ladder("context_addresses")
    if own.known:
        return (
            {cid: state for cid, (state, _) in own.known.items()},
            {cid: addresses for cid, (_, addresses) in own.known.items()},
            {},
        )
    answer = ask.ask(ReadDynamicContext(min(definitions, default=1)))
    context = answer.known
    if context is None or not context.addresses:
        return {}, {}, {}
    return (
        {context.cid: True},
        {context.cid: context.addresses},
        {context.cid: _definition(context)},
    )


def _definition(context: DynamicContext) -> ContextDefinition:
    return ContextDefinition(context.cid, None, context.apn, ())


def _contexts(
    defined: Reading[tuple[ContextDefinition, ...]],
    definitions: dict[int, ContextDefinition],
    states: Reading[dict[int, bool]],
    active: dict[int, bool],
    addresses: Addresses,
) -> Reading[tuple[PacketContext, ...]]:
    cids = sorted({*definitions, *active})
    if not cids and isinstance(defined.value, Absent):
        return Reading(defined.value, defined.source, defined.taken_at)
    missing = Absent(defined.reason or GAVE_NONE)
    contexts = tuple(
        _context(cid, definitions.get(cid), missing, _state(cid, states, active), addresses)
        for cid in cids
    )
    return Reading(contexts, defined.source, defined.taken_at)


def _state(cid: int, states: Reading[dict[int, bool]], active: dict[int, bool]) -> bool | Absent:
    """A context that +CGACT answers without is not active; without +CGACT it is not known."""
    if cid in active:
        return active[cid]
    return states.value if isinstance(states.value, Absent) else False


def _context(
    cid: int,
    definition: ContextDefinition | None,
    missing: Absent,
    active: bool | Absent,
    addresses: Addresses,
) -> PacketContext:
    own: tuple[str, ...] | Absent = ()
    if active is True:
        own = addresses.get(cid, Absent(GAVE_NONE))
    elif isinstance(active, Absent):
        # Nordic prints the address in use here; others repeat zeros.
        own = (definition.addresses if definition else ()) or active
    return PacketContext(
        cid=cid,
        pdp_type=_said(definition and definition.pdp_type, missing),
        apn=_said(definition and definition.apn, missing),
        active=active,
        addresses=own,
    )


def _said(value: str | None, missing: Absent) -> str | Absent:
    return missing if value is None else value


def read_usage(ask: Interview) -> Reading[UsageCounters]:
    """The modem's own counters, by the family's own command."""
    return ask.ladder("usage")


def read_locks(ask: Interview) -> FacilityLocks:
    """The device locks, each asked on its own."""
    return FacilityLocks(*(_read_lock(ask, name) for name in ("PS", "PF", "PN", "PU", "PP", "PC")))


def _read_lock(ask: Interview, facility: str) -> Reading[bool]:
    if f"lock_{facility.lower()}" in ask.profile.unsupported:
        return absent(UNSUPPORTED)
    return ask.ask(ReadFacilityLock(facility))
