"""The number of an eUICC, and whether a profile is enabled on it."""

from typing import TypeVar

from modem.commands.base import GAVE_NONE
from modem.commands.sim_access import OpenChannel
from modem.interview import UNSUPPORTED, Interview
from sim.errors import SimError
from sim.files.directories import ISD_R
from sim.identifiers import Eid
from sim.reading import Absent, Reading, absent

T = TypeVar("T")


def read_eid(ask: Interview) -> Reading[Eid]:
    """By the family's own command, else over a logical channel to the ISD-R (AT+CCHO).

    A card that has no ISD-R costs one command; why the modem opened no channel is the reason.
    """
    own: Reading[Eid] = ask.ladder("eid", of_card=True)
    if own.known is not None or own.reason == GAVE_NONE:
        return own
    if "card_channels" in ask.profile.unsupported:
        return absent(UNSUPPORTED)
    opened = ask.ask(OpenChannel(ISD_R))
    if isinstance(opened.value, Absent):
        return Reading(opened.value, opened.source, opened.taken_at)
    return _over_channel(ask, opened.value)


def read_bare_euicc(ask: Interview, *, patiently: bool) -> tuple[Reading[Eid], bool]:
    """The number of an eUICC that shows no card, and whether it is known that none is enabled.

    `patiently`: also by AT+CSIM, over a channel of our own.
    """
    if not patiently:
        eid = read_eid(ask)
        if eid.known is None:
            return eid, False
    from modem.card_access import read_euicc

    taken_at = ask.now()
    try:
        euicc = read_euicc(ask)
    except SimError as error:
        from sim.euicc import why_not

        return Reading(Absent(ask.lost or why_not(error)), "", taken_at), False
    return Reading(euicc.eid, "AT+CGLA", taken_at), euicc.has_enabled is False


def _over_channel(ask: Interview, session: int) -> Reading[Eid]:
    from modem.card_access import LogicalChannelTransport
    from sim.euicc import IsdR, why_not

    taken_at = ask.now()
    channel = LogicalChannelTransport(ask, ISD_R, session=session)
    eid: Eid | Absent
    try:
        eid = IsdR(channel).eid()
    except SimError as error:
        eid = Absent(ask.lost or why_not(error))
    finally:
        channel.close()
    return Reading(eid, channel.name, taken_at)
