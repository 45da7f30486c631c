"""The simulated eUICC: its EID, its profiles, and what its ISD-R says of them.

GSMA SGP.22 v2.x clause 5.7 (ES10 functions, unread): STORE DATA with GetEUICCData (BF3E),
ProfileInfoListRequest (BF2D), EuiccConfiguredAddressesRequest (BF3C). Tags and shapes are those
that the public sources of lpac (estkme-group) send and understand. Nothing here changes a profile
on command: `SimulatedCard.enable_profile` is how a test does it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.simulator.content import CardContent
from sim.simulator.encoding import data_object, swapped
from sim.simulator.tree import SimulatedDirectory

STORE_DATA = 0xE2
ISD_R = bytes.fromhex("A0000005591010FFFFFFFF8900000100")
_ISD_P = "A0000005591010FFFFFFFF89000011"
_LAST_BLOCK, _MORE_BLOCKS = 0x91, 0x11
_GET_DATA, _LIST_PROFILES, _ADDRESSES = 0xBF3E, 0xBF2D, 0xBF3C
_EID, _ICCID, _AID, _STATE = 0x5A, 0x5A, 0x4F, 0x9F70
_NICKNAME, _PROVIDER, _NAME, _CLASS = 0x90, 0x91, 0x92, 0x95
_USUAL = (_ICCID, _AID, _STATE, _NICKNAME, _PROVIDER, _NAME, _CLASS)
_TAG_LIST = 0x5C
_WRONG_INPUT = bytes.fromhex("BF2D03810101")  # profileInfoListError: incorrectInputValues
_CLASSES = {"test": 0, "provisioning": 1, "operational": 2}
_NOTHING_SUPPORTED = 0x6A88


@dataclass
class StoredProfile:
    """One profile on an eUICC: what the list says of it, and the files that it brings."""

    iccid: str
    content: CardContent
    name: str = ""
    provider: str = ""
    nickname: str | None = None
    profile_class: str = "operational"


@dataclass
class Euicc:
    """All profiles of one chip; `empty` is what it shows while none is enabled.

    `takes_tag_list`: whether it lets itself be told what to say of each profile.
    """

    eid: str
    profiles: list[StoredProfile]
    empty: CardContent
    enabled: str | None = None
    smdp: str = ""
    smds: str = ""
    takes_tag_list: bool = True
    isd_r: SimulatedDirectory = field(default_factory=lambda: SimulatedDirectory(0x7FFF, ISD_R))
    gathered: bytes = b""

    def content(self) -> CardContent:
        """What the card shows now."""
        wanted = self.enabled
        return next((p.content for p in self.profiles if p.iccid == wanted), self.empty)

    def enable(self, iccid: str | None) -> CardContent:
        """Exchange the profile: what the card shows from now on.

        Raises:
            KeyError: there is none with this ICCID.
        """
        if iccid is not None and iccid not in {profile.iccid for profile in self.profiles}:
            raise KeyError(iccid)
        self.enabled = iccid
        return self.content()


def store_data(euicc: Euicc, p1: int, data: bytes) -> tuple[bytes, int]:
    """The answer to one block of STORE DATA; status word alone until the last one came."""
    if p1 not in {_LAST_BLOCK, _MORE_BLOCKS}:
        return b"", 0x6A86
    euicc.gathered += data
    if p1 == _MORE_BLOCKS:
        return b"", 0x9000
    request, euicc.gathered = euicc.gathered, b""
    tag = int.from_bytes(request[:2], "big")
    if tag == _GET_DATA:
        return data_object(_GET_DATA, data_object(_EID, bytes.fromhex(euicc.eid))), 0x9000
    if tag == _LIST_PROFILES:
        return _profile_list(euicc, request[3:]), 0x9000
    if tag == _ADDRESSES:
        smdp = data_object(0x80, euicc.smdp.encode()) if euicc.smdp else b""
        return data_object(_ADDRESSES, smdp + data_object(0x81, euicc.smds.encode())), 0x9000
    return b"", _NOTHING_SUPPORTED


def _profile_list(euicc: Euicc, criteria: bytes) -> bytes:
    """ProfileInfoListResponse, with what the request's tag list names."""
    wanted: tuple[int, ...] = _USUAL
    if criteria:
        if not euicc.takes_tag_list or criteria[0] != _TAG_LIST:
            return _WRONG_INPUT
        wanted = _tags(criteria[2:])
    entries = [
        _entry(profile, at, wanted, is_on=profile.iccid == euicc.enabled)
        for at, profile in enumerate(euicc.profiles)
    ]
    return data_object(_LIST_PROFILES, data_object(0xA0, b"".join(entries)))


def _tags(names: bytes) -> tuple[int, ...]:
    """The tags of a tag list: those that end in 1F have a second byte."""
    found, rest = [], list(names)
    while rest:
        tag = rest.pop(0)
        if tag & 0x1F == 0x1F and rest:
            tag = tag << 8 | rest.pop(0)
        found.append(tag)
    return tuple(found)


def _entry(profile: StoredProfile, number: int, wanted: tuple[int, ...], *, is_on: bool) -> bytes:
    said = {
        _ICCID: swapped(profile.iccid, 10),
        _AID: bytes.fromhex(f"{_ISD_P}{number:02X}"),
        _STATE: bytes((is_on,)),
        _NICKNAME: None if profile.nickname is None else profile.nickname.encode(),
        _PROVIDER: profile.provider.encode(),
        _NAME: profile.name.encode(),
        _CLASS: bytes((_CLASSES[profile.profile_class],)),
    }
    told = [(tag, said.get(tag)) for tag in _USUAL if tag in wanted]
    return data_object(0xE3, b"".join(data_object(tag, it) for tag, it in told if it is not None))
