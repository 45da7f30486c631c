"""One command and its whole answer over a transport, T=0 steps included."""

from sim.apdu import CommandApdu, ResponseApdu
from sim.errors import ApduProtocolError, StatusWordError
from sim.status_words import meaning
from sim.t0 import Done, is_continuation, next_step
from sim.transport.base import ApduTransport

_MAX_STEPS = 64  # 16 KiB: a list of profiles with their pictures is long


def exchange(transport: ApduTransport, command: CommandApdu) -> ResponseApdu:
    """The card's final answer to `command`, data of all parts joined.

    A warning (62xx, 63xx) that came before the data stays the status word.

    Raises:
        ReaderError: the way to the card is broken.
        ApduProtocolError: no answer, or a card that goes on for ever.
    """
    sent, data, warning = command, b"", 0
    for _ in range(_MAX_STEPS):
        response = ResponseApdu.from_bytes(transport.transmit(sent.to_bytes()))
        step = next_step(sent, response)
        data += response.data
        if isinstance(step, Done):
            if warning and (step.ok or not data):
                return ResponseApdu(data, warning)
            return ResponseApdu(data, response.sw)
        if response.sw1 in {0x62, 0x63} and not is_continuation(sent):
            warning = response.sw
        sent = step.command
    raise ApduProtocolError(f"{command.text}: no end after {_MAX_STEPS} steps")


def is_success(sw: int) -> bool:
    """Whether the card did what was asked: 9000, 91xx (a proactive command waits) or 62xx.

    62xx is a warning that comes with a valid answer (end of file reached, file deactivated).
    """
    return sw == 0x9000 or sw >> 8 in {0x91, 0x62}


def checked(response: ResponseApdu, command: str) -> bytes:
    """The data of a success; `command` in words, for the error.

    Raises:
        StatusWordError: the card refused.
    """
    if not is_success(response.sw):
        raise StatusWordError(response.sw, meaning(response.sw), command)
    return response.data
