"""An eUICC's number and its list of profiles, as its ISD-R tells them; nothing here changes one.

Which requests can be sent at all is fixed in `sim.apdu`. Source: GSMA SGP.22, ASN.1 module
RSPDefinitions (read); clauses 5.7.15 (ES10c.GetProfilesInfo) and 5.7.20 (ES10c.GetEID, both
unread).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from sim.apdu import ask_euicc, class_on_channel, select_by_aid
from sim.errors import (
    ApduProtocolError,
    FileDecodeError,
    IdentifierError,
    ReaderError,
    SimError,
    StatusWordError,
)
from sim.exchange import checked, exchange
from sim.files.directories import ISD_R
from sim.identifiers import Eid, Iccid
from sim.inspector import reason_of
from sim.instructions import ASK_EID, ASK_PROFILES, ASK_PROFILES_WHOLE
from sim.logical_channel import close_channel, open_channel
from sim.reading import Absent
from sim.status_words import is_not_found
from sim.tlv import Tlv, read_tlvs
from sim.transport.base import ApduTransport

T = TypeVar("T")

NOT_AN_EUICC = "not an eUICC"
NOT_TOLD = "the card does not tell"
NOT_SET = "not set"
UNREADABLE = "unreadable answer"

_EID_ANSWER, _LIST_ANSWER = 0xBF3E, 0xBF2D
_LIST_OK, _PROFILE = 0xA0, 0xE3
_EID = _ICCID = 0x5A
_STATE, _NICKNAME, _PROVIDER, _NAME, _CLASS = 0x9F70, 0x90, 0x91, 0x92, 0x95
_STATES = {0: "disabled", 1: "enabled"}
_CLASSES = {0: "test", 1: "provisioning", 2: "operational"}


class StoredProfile(NamedTuple):
    """A profile on an eUICC; the three texts are as the card has them.

    `state` is `enabled` or `disabled`, `profile_class` `test`, `provisioning` or `operational`.
    """

    iccid: Iccid | Absent
    state: str | Absent
    profile_class: str | Absent
    name: str | Absent
    nickname: str | Absent
    provider: str | Absent


class Euicc(NamedTuple):
    """What an eUICC says of itself."""

    eid: Eid | Absent
    profiles: tuple[StoredProfile, ...] | Absent

    @property
    def has_enabled(self) -> bool | None:
        """Whether a profile is enabled; None where the list does not tell."""
        if isinstance(self.profiles, Absent):
            return None
        return any(profile.state == "enabled" for profile in self.profiles)

    def to_json(self) -> dict[str, Any]:
        """The member `euicc` of `simward sim read --json`; `absent` has the reason of each null."""
        reasons: dict[str, str] = {}
        listed = _plain(self.profiles, "profiles", reasons)
        document = {
            "eid": _plain(self.eid, "eid", reasons),
            "profiles": None
            if listed is None
            else [
                {key: _plain(it, f"profiles.{at}.{key}", reasons) for key, it in _members(each)}
                for at, each in enumerate(listed)
            ],
        }
        return {**document, "absent": reasons}


def no_euicc(reason: str) -> Euicc:
    """What is known of an eUICC where there is none, or no way to one."""
    return Euicc(Absent(reason), Absent(reason))


class IsdR:
    """The ISD-R, which is selected on logical channel `channel` of the transport.

    Through AT+CGLA the modem puts the channel into the class byte: then `channel` is 0.
    """

    def __init__(self, transport: ApduTransport, channel: int = 0) -> None:
        self._transport = transport
        self._channel = channel

    def eid(self) -> Eid:
        """The eUICC's number.

        Raises:
            FileDecodeError: an answer that holds none.
            StatusWordError: the card refuses.
            ReaderError, ApduProtocolError: no answer, or none that is one.
        """
        return eid_of_answer(self._ask(ASK_EID))

    def profiles(self) -> tuple[StoredProfile, ...]:
        """The profiles in the card's order.

        A card that does not take a list of what is wanted is asked for all it tells, pictures too.

        Raises:
            as `eid`.
        """
        try:
            return profiles_of_answer(self._ask(ASK_PROFILES))
        except (StatusWordError, FileDecodeError):
            return profiles_of_answer(self._ask(ASK_PROFILES_WHOLE))

    def read(self) -> Euicc:
        """Both; what the card refuses or garbles is Absent.

        Raises:
            ReaderError: the way to the card is broken.
        """
        return Euicc(_told(self.eid), _told(self.profiles))

    def _ask(self, question: bytes) -> bytes:
        return checked(exchange(self._transport, ask_euicc(question, self._channel)), "STORE DATA")


@contextmanager
def isd_r(transport: ApduTransport) -> Iterator[IsdR]:
    """The ISD-R of the card, on a logical channel that is closed again.

    Raises:
        StatusWordError: the card opens no channel, or has no ISD-R (6A82).
        ReaderError, ApduProtocolError: no answer, or none that is one.
    """
    number = open_channel(transport)
    try:
        select = select_by_aid(ISD_R, class_on_channel(0x00, number))
        checked(exchange(transport, select), "SELECT ISD-R")
        yield IsdR(transport, number)
    finally:
        close_channel(transport, number)


def eid_of_answer(content: bytes) -> Eid:
    """From GetEuiccDataResponse.

    Raises:
        FileDecodeError: it holds none.
    """
    name = "GetEuiccDataResponse"
    number = _inside(_inside(Tlv(0, content, 0, 0), _EID_ANSWER, name), _EID, name)
    try:
        return Eid(number.value.hex().upper())
    except IdentifierError as error:
        raise FileDecodeError(name, number.value_offset, error.reason) from error


def profiles_of_answer(content: bytes) -> tuple[StoredProfile, ...]:
    """From ProfileInfoListResponse.

    Raises:
        FileDecodeError: it is no list; `profileInfoListError` is none either.
    """
    name = "ProfileInfoListResponse"
    entries = _inside(_inside(Tlv(0, content, 0, 0), _LIST_ANSWER, name), _LIST_OK, name)
    return tuple(
        _profile(entry, name)
        for entry in read_tlvs(entries.value, name, entries.value_offset)
        if entry.tag == _PROFILE
    )


def _inside(outer: Tlv, tag: int, name: str) -> Tlv:
    for inner in read_tlvs(outer.value, name, outer.value_offset):
        if inner.tag == tag:
            return inner
    raise FileDecodeError(name, outer.offset, "a data object is missing")


def _profile(entry: Tlv, name: str) -> StoredProfile:
    told = {each.tag: each.value for each in read_tlvs(entry.value, name, entry.value_offset)}

    def text(tag: int) -> str | Absent:
        value = told.get(tag, b"").decode("utf-8", "replace")
        return value or Absent(NOT_SET)

    return StoredProfile(
        iccid=_iccid(told.get(_ICCID)),
        state=_word(told.get(_STATE), _STATES),
        profile_class=_word(told.get(_CLASS), _CLASSES),
        name=text(_NAME),
        nickname=text(_NICKNAME),
        provider=text(_PROVIDER),
    )


def _iccid(content: bytes | None) -> Iccid | Absent:
    if content is None:
        return Absent(NOT_TOLD)
    try:
        return Iccid.from_file(content)
    except IdentifierError:
        return Absent(UNREADABLE)


def _word(content: bytes | None, words: dict[int, str]) -> str | Absent:
    if content is None:
        return Absent(NOT_TOLD)
    return words.get(int.from_bytes(content, "big")) or Absent(UNREADABLE)


def why_not(error: SimError) -> str:
    """Why there is nothing to tell, in words of a closed set or the modem's own."""
    if isinstance(error, StatusWordError):
        return NOT_AN_EUICC if is_not_found(error.sw) else error.meaning
    return reason_of(error) if isinstance(error, ReaderError) else UNREADABLE


def _members(profile: StoredProfile) -> Iterator[tuple[str, Any]]:
    return (
        ("class" if key == "profile_class" else key, it) for key, it in profile._asdict().items()
    )


def _plain(value: Any, path: str, reasons: dict[str, str]) -> Any:
    """The JSON form of a value; the reason of a null goes into `reasons`."""
    if isinstance(value, Absent):
        reasons[path] = value.reason
        return None
    return value.value if isinstance(value, Eid | Iccid) else value


def _told(ask: Callable[[], T]) -> T | Absent:
    try:
        return ask()
    except (StatusWordError, FileDecodeError, ApduProtocolError) as error:
        return Absent(why_not(error))
