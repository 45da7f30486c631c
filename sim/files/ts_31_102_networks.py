"""Networks: those that a card prefers, avoids, and takes for its own.

Sources: 3GPP TS 31.102 clauses 4.2.5 (EF.PLMNwAcT), 4.2.16 (EF.FPLMN), 4.2.53 (EF.OPLMNwAcT),
4.2.54 (EF.HPLMNwAcT), 4.2.56 of Release 99 (EF.RPLMNAcTD), 4.2.84 (EF.EHPLMN), 4.2.85
(EF.EHPLMNPI), 4.2.86 (EF.LRPLMNSI), 4.4.5 (DF.WLAN); TS 51.011 clauses 10.3.4 (EF.PLMNsel) and
10.3.30 (EF.CNL); all unread.
"""

from typing import TypedDict

from sim.files.base import EfSpec, Vector, is_blank
from sim.files.directories import GSM, USIM
from sim.files.fields import PlmnValue, hex_or_none, plmn
from sim.files.shapes import OWN, ChoiceFile, PlmnList, slots

_TEST_NETWORK: PlmnValue = {"mcc": "001", "mnc": "01"}
_LONG_NETWORK: PlmnValue = {"mcc": "001", "mnc": "001"}


class PlmnWithAct(PlmnValue):
    """A network, and on which technologies it is wanted."""

    act: list[str]


class PlmnActValue(TypedDict):
    """Networks in order of preference."""

    entries: list[PlmnWithAct]


# Words as in +COPS where it has one. E-UTRAN and GSM are refined by bits of their own below.
_ACT_BITS = (
    (0x8000, "utran"),
    (0x0800, "ngran"),
    (0x0040, "gsm_compact"),
    (0x0020, "cdma2000_hrpd"),
    (0x0010, "cdma2000_1xrtt"),
)
_EUTRAN = {0x4: ("lte", "nb_iot"), 0x5: ("nb_iot",), 0x6: ("lte",), 0x7: ("lte", "nb_iot")}
_GSM = {
    0x80: ("gsm", "ec_gsm_iot"),
    0x84: ("gsm",),
    0x88: ("ec_gsm_iot",),
    0x8C: ("gsm", "ec_gsm_iot"),
}


def act_words(bits: int) -> list[str]:
    """The technologies of an access technology identifier (TS 31.102 clause 4.2.5)."""
    words = [word for bit, word in _ACT_BITS if bits & bit]
    return [*words, *_EUTRAN.get(bits >> 12 & 0x7, ()), *_GSM.get(bits & 0x8C, ())]


class PlmnActList(EfSpec[PlmnActValue]):
    """A list of networks with technologies."""

    structure = "transparent"

    @classmethod
    def decode(cls, content: bytes) -> PlmnActValue:
        """The networks of the slots that are used."""
        entries: list[PlmnWithAct] = []
        for at, slot in slots(cls, content, 5):
            network = plmn(slot[:3], cls.name, at)
            if network["mcc"] is not None:
                act = act_words(int.from_bytes(slot[3:], "big"))
                entries.append({**network, "act": act})
        return {"entries": entries}


_ACT_VECTORS = (
    Vector(
        "00F11040000011008080FFFFFF0000",
        {
            "entries": [
                {"mcc": "001", "mnc": "01", "act": ["lte", "nb_iot"]},
                {"mcc": "001", "mnc": "001", "act": ["utran", "gsm", "ec_gsm_iot"]},
            ]
        },
        OWN,
    ),
    Vector(
        "00F1106884",
        {"entries": [{"mcc": "001", "mnc": "01", "act": ["ngran", "lte", "gsm"]}]},
        OWN,
    ),
    Vector("FFFFFF0000FFFFFF0000", {"entries": []}, OWN),
)


class EfPlmnWact(PlmnActList):
    """Networks that the user prefers."""

    name = "EF.PLMNwAcT"
    title = "user's networks"
    source = "TS 31.102 4.2.5, TS 51.011 10.3.35 (unread)"
    fid = 0x6F60
    parents = (USIM, GSM)
    vectors = _ACT_VECTORS


class EfOplmnWact(PlmnActList):
    """Networks that the operator prefers."""

    name = "EF.OPLMNwAcT"
    title = "operator's networks"
    source = "TS 31.102 4.2.53, TS 51.011 10.3.36 (unread)"
    fid = 0x6F61
    parents = (USIM, GSM)
    vectors = _ACT_VECTORS


class EfHplmnWact(PlmnActList):
    """The home network's technologies, preferred first."""

    name = "EF.HPLMNwAcT"
    title = "home network's technologies"
    source = "TS 31.102 4.2.54, TS 51.011 10.3.37 (unread)"
    fid = 0x6F62
    parents = (USIM, GSM)
    vectors = _ACT_VECTORS


class EfFplmn(PlmnList):
    """Networks that refused the card for good; the oldest first."""

    name = "EF.FPLMN"
    title = "forbidden networks"
    source = "TS 31.102 4.2.16, TS 51.011 10.3.16 (unread)"
    fid = 0x6F7B
    parents = (USIM, GSM)
    vectors = (
        Vector(
            "00F110FFFFFF001100FFFFFF",
            {"plmns": [{"mcc": "001", "mnc": "01"}, {"mcc": "001", "mnc": "001"}]},
            OWN,
        ),
        Vector("FFFFFFFFFFFFFFFFFFFFFFFF", {"plmns": []}, OWN),
    )


_LIST_VECTORS = (
    Vector("00F110001100FFFFFF", {"plmns": [_TEST_NETWORK, _LONG_NETWORK]}, OWN),
    Vector("FFFFFFFFFFFF", {"plmns": []}, OWN),
)


class EfPlmnSel(PlmnList):
    """Networks that the user of a SIM prefers."""

    name = "EF.PLMNsel"
    title = "user's networks"
    source = "TS 51.011 10.3.4 (unread)"
    fid = 0x6F30
    parents = (GSM,)
    vectors = _LIST_VECTORS


class EfEhplmn(PlmnList):
    """Networks that count as home, the best first."""

    name = "EF.EHPLMN"
    title = "networks that count as home"
    source = "TS 31.102 4.2.84 (unread)"
    fid = 0x6FD9
    parents = (USIM,)
    vectors = _LIST_VECTORS


class EfUplmnWlan(PlmnList):
    """Networks that the user prefers where WLAN leads to them."""

    name = "EF.UPLMNWLAN"
    title = "user's networks over WLAN"
    source = "TS 31.102 4.4.5.2 (unread)"
    fid = 0x4F42
    parents = (f"{USIM}/DF.WLAN",)
    vectors = _LIST_VECTORS


class EfOplmnWlan(PlmnList):
    """Networks that the operator prefers where WLAN leads to them."""

    name = "EF.OPLMNWLAN"
    title = "operator's networks over WLAN"
    source = "TS 31.102 4.4.5.3 (unread)"
    fid = 0x4F43
    parents = (f"{USIM}/DF.WLAN",)
    vectors = _LIST_VECTORS


class EfEhplmnPi(ChoiceFile):
    """Which of the networks that count as home are shown for choice."""

    name = "EF.EHPLMNPI"
    title = "which home networks are shown"
    source = "TS 31.102 4.2.85 (unread)"
    fid = 0x6FDB
    parents = (USIM,)
    field = "presentation"
    words = ("no_preference", "best_only", "all")
    vectors = (
        Vector("02", {"presentation": "all"}, OWN),
        Vector("07", {"presentation": "reserved"}, OWN),
        Vector("FF", {"presentation": None}, OWN),
    )


class EfLrplmnsi(ChoiceFile):
    """Which network a device tries first after it was switched on."""

    name = "EF.LRPLMNSI"
    title = "first network after switching on"
    source = "TS 31.102 4.2.86 (unread)"
    fid = 0x6FDC
    parents = (USIM,)
    field = "first_try"
    words = ("last_registered", "home")
    vectors = (
        Vector("00", {"first_try": "last_registered"}, OWN),
        Vector("01", {"first_try": "home"}, OWN),
        Vector("FF", {"first_try": None}, OWN),
    )


class CooperativeNetwork(PlmnValue):
    """A network, and which parts of it; None where all are meant."""

    network_subset: str | None
    service_provider: str | None
    corporate: str | None


class CnlValue(TypedDict):
    """Networks for whose cards a device may be personalised."""

    entries: list[CooperativeNetwork]


class EfCnl(EfSpec[CnlValue]):
    """Co-operative networks: to whose cards a device that is locked to this one is open."""

    name = "EF.CNL"
    title = "co-operative networks"
    source = "TS 31.102 4.2.50, TS 51.011 10.3.30 (unread)"
    fid = 0x6F32
    structure = "transparent"
    parents = (USIM, GSM)
    vectors = (
        Vector(
            "00F11021FFFFFFFFFFFFFFFF",
            {
                "entries": [
                    {**_TEST_NETWORK, "network_subset": "21", "service_provider": None,
                     "corporate": None}
                ]
            },
            OWN,
        ),
        Vector("FFFFFFFFFFFF", {"entries": []}, OWN),
    )  # fmt: skip

    @classmethod
    def decode(cls, content: bytes) -> CnlValue:
        """The entries that are used."""
        entries: list[CooperativeNetwork] = []
        for at, slot in slots(cls, content, 6):
            network = plmn(slot[:3], cls.name, at)
            if network["mcc"] is not None:
                parts = (hex_or_none(slot[place : place + 1]) for place in (3, 4, 5))
                subset, provider, corporate = parts
                entries.append(
                    {
                        **network,
                        "network_subset": subset,
                        "service_provider": provider,
                        "corporate": corporate,
                    }
                )
        return {"entries": entries}


class ActValue(TypedDict):
    """Technologies, by the words of EF.PLMNwAcT."""

    act: list[str]


class EfRplmnAct(EfSpec[ActValue]):
    """Technology of the last network (Release 99 only)."""

    name = "EF.RPLMNAcTD"
    title = "technology of the last network"
    source = "TS 31.102 Release 99 4.2.56 (unread)"
    fid = 0x6F65
    structure = "transparent"
    parents = (USIM,)
    vectors = (
        Vector("8000", {"act": ["utran"]}, OWN),
        Vector("0000", {"act": []}, OWN),
        Vector("FFFF", {"act": []}, OWN),
    )

    @classmethod
    def decode(cls, content: bytes) -> ActValue:
        """The technologies of the first two bytes."""
        cls.need(content, 2)
        if is_blank(content[:2]):
            return {"act": []}
        return {"act": act_words(int.from_bytes(content[:2], "big"))}
