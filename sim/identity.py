"""Who a card is, in as few commands as that takes: ICCID, IMSI, AD, SPN, and what it says of PIN1.

Whoever wants whole files, or does not know their sizes, takes `sim.inspector`. Here the sizes are
those of the specifications (ETSI TS 102 221 clause 13.2, 3GPP TS 31.102 clauses 4.2.2, 4.2.12 and
4.2.18, all unread); a card with others says so (6Cxx) and is asked once more.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from sim.apdu import CLA_GSM, CLA_UICC, CommandApdu, read_binary, select_by_fid
from sim.errors import ApduProtocolError, FileDecodeError, IdentifierError
from sim.exchange import checked, exchange, is_success
from sim.fcp import FileInfo, parse_fcp, parse_gsm_select
from sim.files.base import is_blank
from sim.files.registry import find_file
from sim.identifiers import Iccid, Imsi
from sim.instructions import SELECT
from sim.pin import PinCounters, read_pin1
from sim.reading import Absent, Reading, absent
from sim.status_words import is_class_refused, is_not_found, meaning
from sim.transport.base import ApduTransport

T = TypeVar("T")

NOT_ON_THE_CARD = "not on the card"
NOT_SET = "not set"
UNREADABLE = "unreadable answer"
_MF, _DF_GSM = 0x3F00, 0x7F20
_USIM = bytes.fromhex("A0000000871002")
_NO_ANSWER_WANTED = 0x0C
_FOUND = frozenset({0x90, 0x91, 0x61, 0x9F, 0x62})
_NO_RIGHT = frozenset({0x6982, 0x6983, 0x9804, 0x9840})


class CardIdentity(NamedTuple):
    """What a card says of itself; `locked` is whether it wants PIN1 first."""

    iccid: Reading[Iccid]
    imsi: Reading[Imsi]
    mnc_length: Reading[int]
    spn: Reading[str]
    locked: bool
    pin1: PinCounters


def read_identity(transport: ApduTransport) -> CardIdentity:
    """The identity of the card; it is left in its USIM, or in DF.GSM.

    Raises:
        StatusWordError: it refuses to select the MF in either class: it is no SIM.
        ReaderError, ApduProtocolError: no answer, or none that is one.
    """
    cla, root = _root(transport)
    pin1 = read_pin1(transport, cla, root)
    iccid = _read(transport, cla, "EF.ICCID", 10)
    home = select_by_fid(_DF_GSM, cla) if cla == CLA_GSM else _select(cla, 0x04, _USIM)
    if not _is_there(transport, home):
        nothing = _File(None, 0x6A82)
        return _identity(pin1, iccid, nothing, nothing, nothing)
    return _identity(
        pin1,
        iccid,
        _read(transport, cla, "EF.IMSI", 9),
        _read(transport, cla, "EF.AD", 4),
        _read(transport, cla, "EF.SPN", 17),
    )


class _File(NamedTuple):
    """A file's content, or the status word that says why there is none."""

    content: bytes | None
    sw: int


def _root(transport: ApduTransport) -> tuple[int, FileInfo]:
    """The class that the card takes, and what it says of its MF."""
    answer = exchange(transport, select_by_fid(_MF, CLA_UICC))
    cla = CLA_UICC
    if is_class_refused(answer.sw):
        cla = CLA_GSM
        answer = exchange(transport, select_by_fid(_MF, CLA_GSM))
    content = checked(answer, "SELECT MF")
    try:
        return cla, parse_fcp(content) if content[:1] == b"\x62" else parse_gsm_select(content)
    except FileDecodeError:
        return cla, FileInfo("unknown")


def _select(cla: int, how: int, data: bytes) -> CommandApdu:
    return CommandApdu(cla, SELECT, how, _NO_ANSWER_WANTED, data)


def _is_there(transport: ApduTransport, command: CommandApdu) -> bool:
    """Select, and leave the answer where it is."""
    answer = transport.transmit(command.to_bytes())
    if len(answer) < 2:
        raise ApduProtocolError(f"{command.text}: no status word")
    return answer[-2] in _FOUND


def _read(transport: ApduTransport, cla: int, name: str, length: int) -> _File:
    fid = find_file(name).fid
    assert fid is not None
    wanted = fid.to_bytes(2, "big")
    command = select_by_fid(fid, cla) if cla == CLA_GSM else _select(cla, 0x00, wanted)
    if not _is_there(transport, command):
        return _File(None, 0x6A82)
    answer = exchange(transport, read_binary(0, length, cla))
    return _File(answer.data if is_success(answer.sw) else None, answer.sw)


def _identity(pin1: PinCounters, iccid: _File, imsi: _File, ad: _File, spn: _File) -> CardIdentity:
    return CardIdentity(
        iccid=_value("EF.ICCID", iccid, "iccid", Iccid),
        imsi=_value("EF.IMSI", imsi, "imsi", Imsi),
        mnc_length=_value("EF.AD", ad, "mnc_length", int),
        spn=_value("EF.SPN", spn, "spn", str),
        locked=imsi.sw in _NO_RIGHT,
        pin1=pin1,
    )


def _value(name: str, file: _File, key: str, kind: Callable[[Any], T]) -> Reading[T]:
    """One member of a file's value, or why there is none."""
    if file.content is None:
        return absent(NOT_ON_THE_CARD if is_not_found(file.sw) else meaning(file.sw))
    if is_blank(file.content):
        return Reading(Absent(NOT_SET), name)
    try:
        found = find_file(name).decode(file.content)[key]
        return Reading(Absent(NOT_SET) if found is None else kind(found), name)
    except (FileDecodeError, IdentifierError):
        return Reading(Absent(UNREADABLE), name)
