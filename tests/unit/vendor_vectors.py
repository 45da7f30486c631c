"""Vectors for the commands of Chinese makers: own lines, shaped as the source beside them shows."""

from modem.commands import signal as sig
from modem.commands import sim_access
from modem.commands.sim_access import PinRetries
from modem.commands.vendor import fibocom, huawei, meig, neoway, onemo, openluat, zte
from modem.snapshot import UsageCounters
from modem.urcs import RejectReported
from sim.identifiers import Iccid, Plmn
from sim.reading import Absent

NONE = Absent("the modem gave none")
TEST_NET = Plmn("001", "01")
OFF = Absent("not registered")
DISPUTED = Absent("sources dispute the unit")
NOWHERE = sig.Signal(OFF, OFF, OFF, OFF, OFF)
ICCID = Iccid("89001010000000000018")


def cell(*levels: object) -> sig.Signal:
    """Signal of a cell that says whose it is."""
    return sig.Signal(*levels, plmn=TEST_NET)


def said(value: object) -> Absent:
    return Absent(f"modem answered {value}")


HUAWEI = [
    # Huawei's Balong AT command table (ELS-AN00): the example of ^REJINFO
    (
        huawei.ReadLastReject(),
        ['^REJINFO: 00101,1,19,2,4,19,"1A2B","FF","0000000001A2B3C4",33'],
        RejectReported(
            Plmn("001", "01"), "ps", 19, "lte", "attach", 19, "1A2B", "FF", "0000000001A2B3C4", 33
        ),
    ),
    (huawei.ReadLastReject(), ["^REJINFO: ,0,0,0,0,0"], NONE),
    # The same table: the fields of ^MONSC by network, empty ones, and NONE
    (
        huawei.ReadServingCell(),
        ["^MONSC: LTE,001,01,1650,1A2B3C4,9C,247C,-94,-11.5,-66"],
        cell(-66, -94.0, -11.5),
    ),
    (
        huawei.ReadServingCell(),
        ["^MONSC: NR,001,01,627264,1,12A3B4C5D,1A4,00247C,-65,-9,29"],
        cell(NONE, -65.0, -9.0, 29.0),
    ),
    (
        huawei.ReadServingCell(),
        ["^MONSC: NR,001,01,627264,1,12A3B4C5D,1A4,00247C,-1256,-348,-188"],
        cell(NONE, said(-1256), said(-348), said(-188)),
    ),
    (
        huawei.ReadServingCell(),
        ["^MONSC: WCDMA,001,01,10700,100,1A2B3C,247C,-85,-77,-8,6,0"],
        sig.Signal(-77),
    ),
    (
        huawei.ReadServingCell(),
        ["^MONSC: GSM,001,01,1,62,11,1A2B,247C,-71,,"],
        sig.Signal(-71),
    ),
    (huawei.ReadServingCell(), ["^MONSC: LTE,001,01,1650,,,,,,"], cell()),
    (huawei.ReadServingCell(), ["^MONSC: TD_SCDMA,001,01,10054,1,2,3,4,-80"], NONE),
    (huawei.ReadServingCell(), ["^MONSC: NONE"], NOWHERE),
    (huawei.ReadNetwork(), ["^MONSC: LTE,001,01,1650,1A2B3C4,9C,247C,-94,-11.5,-66"], TEST_NET),
    (huawei.ReadNetwork(), ["^MONSC: NONE"], OFF),
    # MT5700M recording of 5G standalone; its RSRQ index does not fit ^MONSC
    (huawei.ReadSignal(), ['^HCSQ: "NR",77,241,31'], sig.Signal(NONE, -64.0, DISPUTED, 28.0)),
    # The same on non-standalone: a line for each network
    (
        huawei.ReadSignal(),
        ['^HCSQ: "LTE",58,46,150,23', '^HCSQ: "NR",50,140,30'],
        sig.Signal(-63, -95.0, -8.5, 9.8),
    ),
    (huawei.ReadSignal(), ['^HCSQ:"WCDMA",30,30,58'], sig.Signal(-91)),
    # oFono's SIM driver: state, tries for the due code, then PUK1, PIN1, PUK2, PIN2
    (huawei.ReadPinRetriesOfHuawei(), ["^CPIN: READY,,10,3,10,3"], PinRetries(3, 10)),
    (huawei.ReadPinRetriesOfHuawei(), ["^CPIN: SIM PIN,2,10,2,10,3"], PinRetries(2, 10)),
]

FIBOCOM = [
    # modemdata's FM150 addon and QModem: a heading before the cells, ratios in halves
    (
        fibocom.ReadCellInfo(),
        [
            "+GTCCINFO:",
            "LTE service cell:",
            "1,4,001,01,247C,1A2B3C4,672,1A4,103,100,26,47,47,20",
            "LTE neighbor cell:",
            "2,4,,,FFFF,,672,1A5,,30,30,12",
        ],
        cell(NONE, -94.0, -10.0, 13.0),
    ),
    (
        fibocom.ReadCellInfo(),
        [
            "+GTCCINFO:",
            "NR service cell:",
            "1,9,001,01,00247C,12A3B4C5D,9923F,2A5,5078,500,73,92,92,69",
        ],
        cell(NONE, -65.0, -9.0, 13.0),
    ),
    (fibocom.ReadCellInfo(), ["+GTCCINFO:", "WCDMA service cell:", "1,2,001,01,1,2,3,4,5"], NONE),
    # FM350-GL on 5G: QModem and modemdata dispute the ratio
    (
        fibocom.ReadCellInfoOfMediatek(),
        ["+GTCCINFO:", "1,9,001,01,247C,12A3B4C5D,627264,420,5078,500,13,92,92,69"],
        cell(NONE, -65.0, -9.0, DISPUTED),
    ),
    # FM350 field report: an MNC without its zeros is no number of a network
    (
        fibocom.ReadCellInfoOfMediatek(),
        ["+GTCCINFO:", "1,4,001,1,1234,000123456,1802,470,103,100,-4,39,39,7"],
        sig.Signal(NONE, -102.0, -16.5, -2.0),
    ),
    # L860 field report: kind 4 is LTE's serving cell, 5 a neighbour
    (
        fibocom.ReadNetworkOfXmm(),
        [
            '+XMCI: 5,001,02,"0x00D5","0x0020EB18"',
            '+XMCI: 4,001,01,"0x00D5","0x0020EB17","0x01F6","0x0000071C","0x00004D6C"',
        ],
        TEST_NET,
    ),
    (fibocom.ReadNetworkOfXmm(), ['+XMCI: 5,001,02,"0x00D5","0x0020EB18"'], OFF),
    # Field notes of an FM350-GL and, without the blank, of an FM150-AE
    (fibocom.ReadSlot(), ['+GTDUALSIM : 1, "SUB2", "NO SERVICE"'], 2),
    (fibocom.ReadSlot(), ['+GTDUALSIM: 0,"SUB1","No Service"'], 1),
    (fibocom.ReadSlot(), ["+GTDUALSIM: 7"], said(7)),
]

ZTE = [
    # A public MC271x driver
    (zte.ReadZteIccid(), ["+ZGETICCID: 89001010000000000018"], ICCID),
    # modemdata's addon for MF823 and MF831 on LTE: RSRP, RSRQ, RSSI, SINR
    (zte.ReadSignalLevels(), ["+ZRSSI: -95,-11,-65,12.5"], sig.Signal(-65, -95.0, -11.0, 12.5)),
    (zte.ReadSignalLevels(), ["+ZRSSI: -71"], sig.Signal(-71)),
    (zte.ReadSignalLevels(), ["+ZRSSI: -85,-8"], NONE),
    # A gateway maker's mapper for sticks on 3G: no signs, 1000 is none
    (zte.ReadSignalLevels(), ["+ZRSSI: 75,16,170"], sig.Signal(-75)),
    (zte.ReadSignalLevels(), ["+ZRSSI: 1000,1000,1000"], sig.Signal(said(1000))),
    # oFono's SIM driver
    (zte.ReadPinRetriesOfZte(), ["+ZPINPUK: 3,10"], PinRetries(3, 10)),
]

MEIG = [
    # Public tests of QModem's MeiG script, and the script: 15th to 17th field
    (
        meig.ReadServingCell(),
        ['^CELLINFO: "LTE","FDD",001,01,0,420,0,1A2B3C4,247C,3,20,0,0,0,-88,-9,134'],
        cell(NONE, -88.0, -9.0, 13.4),
    ),
    (
        meig.ReadServingCell(),
        ["^CELLINFO:5G,TDD,001,01,12A3B4C5D,420,00247C,78,100,0,0,0,0,0,-81,-10,175"],
        cell(NONE, -81.0, -10.0, 17.5),
    ),
    (meig.ReadServingCell(), ["^CELLINFO: WCDMA,001,01"], NONE),
    # A router's slot switch and its test: number and use of each slot in turn
    (meig.ReadSlot(), ["^SIMSLOT: 1,1,1,0"], 1),
    (meig.ReadSlot(), ["^SIMSLOT: 1,0,1,1"], 2),
]

NEOWAY = [
    # A public N5xx driver: in quotes, lower case, letters inside
    (
        neoway.ReadMyccid(),
        ['$MYCCID: "898600a1179400000001"'],
        Iccid("898600A1179400000001"),
    ),
    # QModem's Neoway script: the fields of +NETDMSGEX by network
    (
        neoway.ReadServingCell(),
        [
            '+NETDMSGEX: "FDD LTE","001+01",3,1650,247C,1A2B3C4,420,-66,100,-945,-115,134,-663',
        ],
        cell(-66, -94.5, -11.5, 13.4),
    ),
    (
        neoway.ReadServingCell(),
        ['+NETDMSGEX: "NR to 5GCN","001+01",78,627264,12A3B4C5D,420,-815,-105,175'],
        cell(NONE, -81.5, -10.5, 17.5),
    ),
    (neoway.ReadServingCell(), ['+NETDMSGEX: "WCDMA","001+01",1,10700'], NONE),
    (neoway.ReadSlot(), ["+SIMCROSS: 2"], 2),
    (neoway.ReadSlot(), ["+SIMCROSS: 1,1"], 1),
    (neoway.ReadSlot(), ["+SIMCROSS: 9"], said(9)),
]

ONEMO = [
    (onemo.ReadServingCell(), [], NOWHERE),
    # China Mobile's extended AT manual: the counters beside the block errors
    (onemo.ReadUsage(), ['+MUESTATS: "bler",0,0,40,0,211,74,5,2,2,2'], UsageCounters(211, 74)),
]

OPENLUAT = [
    # QModem's recording of an Air724UG
    (
        openluat.ReadServingCell(),
        ["+CCED:LTE current cell:001,01,001010123456789,0,3,n100,1650,27439044,51,19,9340,38,81"],
        cell(NONE, -90.0, -10.5),
    ),
    (openluat.ReadServingCell(), ["+CCED:GSM current cell info:001,01,247C"], NONE),
    (openluat.ReadServingCell(), [], NOWHERE),
    # openLuat's guide to the card of Air780E
    (openluat.ReadLuatSlot(), ["+SIMCROSS:1"], 2),
    (sim_access.ReadSimState(), ["+CPIN: SIM REMOVED 0"], "SIM REMOVED"),
]

VENDOR_VECTORS = [*HUAWEI, *FIBOCOM, *ZTE, *MEIG, *NEOWAY, *ONEMO, *OPENLUAT]
