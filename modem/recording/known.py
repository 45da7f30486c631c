"""What `simward status` itself read of a subscriber, a device or a place: surely to be replaced.

The shapes of answers by which `identifiers.py` finds them are guesses that hold for any modem; what
a command of the modem's profile understood is certain, however short or oddly placed it was.
"""

from collections.abc import Iterator

from modem.snapshot import ModemSnapshot, PacketFacts, Registration, SimFacts
from sim.reading import Absent


def known_identifiers(snapshot: ModemSnapshot) -> Iterator[tuple[str, str]]:
    """Kind and value of each, in its plainest form."""
    if snapshot.identity is not None and (imei := snapshot.identity.imei.known):
        yield "imei", imei.value
    if snapshot.sim is not None:
        yield from _of_card(snapshot.sim)
    if snapshot.registration is not None:
        yield from _of_registration(snapshot.registration)
    if snapshot.operator is not None and (name := snapshot.operator.name.known):
        yield "name", name
    if snapshot.packet is not None:
        yield from _of_contexts(snapshot.packet)


def known_networks(snapshot: ModemSnapshot) -> list[str]:
    """The codes of networks, as digits."""
    found = [reject.plmn for reject in snapshot.rejects or ()]
    if snapshot.operator is not None:
        found.append(snapshot.operator.plmn.value)
    return [plmn.mcc + plmn.mnc for plmn in found if not isinstance(plmn, Absent)]


def _of_card(card: SimFacts) -> Iterator[tuple[str, str]]:
    if imsi := card.imsi.known:
        yield "imsi", imsi.value
    for iccid in (card.iccid.known, card.modem_iccid.known):
        if iccid is not None:
            yield "iccid", iccid.value
    for number in (card.msisdn.known, card.smsc.known):
        if number is not None:
            yield "number", number.value.removeprefix("+")
    if eid := card.eid.known:
        yield "eid", eid.value
    if spn := card.spn.known:
        yield "name", spn


def _of_registration(registration: Registration) -> Iterator[tuple[str, str]]:
    for domain in registration:
        if (there := domain.known) is not None:
            for place in (there.area, there.ci):
                if not isinstance(place, Absent):
                    yield "place", place


def _of_contexts(packet: PacketFacts) -> Iterator[tuple[str, str]]:
    for context in packet.contexts.known or ():
        if not isinstance(context.apn, Absent):
            yield "apn", context.apn
