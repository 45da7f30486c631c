"""What to send next after a T=0 answer, as pure steps.

Sources: ETSI TS 102 221 clause 7.3.1.1 (unread); 3GPP TS 51.011 clause 9.4 (9Fxx, unread).
"""

from dataclasses import dataclass, replace

from sim.apdu import CLA_GSM, CLA_UICC_STATUS, CommandApdu, ResponseApdu
from sim.apdu import get_response as _get_response
from sim.instructions import GET_RESPONSE, SELECT


@dataclass(frozen=True)
class Send:
    """The exchange goes on: send `command`."""

    command: CommandApdu


@dataclass(frozen=True)
class Done:
    """The exchange is over; `pending` is the length of a proactive command that waits (91xx)."""

    response: ResponseApdu
    pending: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the card did what was asked: 9000 or 91xx."""
        return self.response.sw == 0x9000 or self.response.sw1 == 0x91


def next_step(command: CommandApdu, response: ResponseApdu) -> Send | Done:
    """What follows `response` to `command`.

    61xx and 9Fxx: fetch so many bytes. 6Cxx (class A0 also 67xx): the same command with the right
    Le. 62xx and 63xx without data after SELECT: there may be an answer to fetch all the same, Le
    00 asks for it (63Cx is a retry counter and has none). 91xx is 9000 with a proactive command
    pending.
    """
    sw1, sw2 = response.sw1, response.sw2
    if sw1 in {0x61, 0x9F}:
        return Send(_get_response(sw2 or 256, _class_of_answer(command)))
    if sw1 == 0x6C or (sw1 == 0x67 and sw2 and command.cla == CLA_GSM and command.le != sw2):
        return Send(replace(command, le=sw2 or 256))
    if sw1 in {0x62, 0x63} and sw2 >> 4 != 0xC and command.ins == SELECT and not response.data:
        return Send(_get_response(256, _class_of_answer(command)))
    return Done(response, pending=sw2 if sw1 == 0x91 else None)


def is_continuation(command: CommandApdu) -> bool:
    """Whether `command` fetches the rest of an earlier answer."""
    return command.ins == GET_RESPONSE


def _class_of_answer(command: CommandApdu) -> int:
    # GET RESPONSE belongs to the interindustry class: STATUS with 80 is answered over 00, and the
    # channel number in the low bits stays.
    return command.cla if command.cla == CLA_GSM else command.cla & ~CLA_UICC_STATUS
