"""Vectors for module makers' own commands: lines of our own, shaped as the named source shows."""

from modem.commands import control
from modem.commands import signal as sig
from modem.commands.sim_access import PinRetries
from modem.commands.vendor import (
    cinterion,
    nordic,
    quectel,
    quectel_nb,
    sequans,
    sierra,
    simcom,
    telit,
    ublox,
)
from modem.snapshot import LastError, UsageCounters
from sim.identifiers import Eid, Iccid, Imsi, Plmn
from sim.reading import Absent

NONE = Absent("the modem gave none")
OFF = Absent("not registered")
DISPUTED = Absent("sources dispute the unit")
ICCID = Iccid("89001010000000000018")
SHORT_ICCID = Iccid("8900101000000000001")
NETWORK = Plmn("001", "01")
NOWHERE = sig.Signal(OFF, OFF, OFF, OFF, OFF)
ORDER = "sources dispute the order of sent and received"
KILOBYTES = "counted in whole kilobytes"


def said(value: object) -> Absent:
    return Absent(f"modem answered {value}")


# command, lines that are its own, value
MODULE_VECTORS = [
    # HL7539 test bench: the cause as 100 and the standard's number, and in the standard's words
    (
        control.ReadLastError(),
        ['+CEER: "SM activation error",133,"Requested service option not subscribed"'],
        LastError("SM activation error", "sm", 33),
    ),
    # GM862 AT manual page 75: the text alone, without quotes
    (
        control.ReadLastError(),
        ["+CEER: Normal, unspecified"],
        LastError("Normal, unspecified", NONE, NONE),
    ),
    # EHS6 AT command set page 82
    (
        control.ReadLastError(),
        ['+CEER: "SM detach",0,"No cause information available"'],
        LastError("SM detach", "sm", NONE),
    ),
    # Telit: #CCID and #CIMI as a library's comments and trace show them
    (telit.ReadTelitIccid(), ["#CCID: 89001010000000000018"], ICCID),
    (telit.ReadTelitImsi(), ["#CIMI: 001010123456789"], Imsi("001010123456789")),
    # Telit: ModemManager's tests; the third field by QModem, which reads an FN990's slot there
    (telit.ReadSlot(), ["#QSS: 0,1"], NONE),
    (telit.ReadSlot(), ["#QSS:0, 3"], NONE),
    (telit.ReadSlot(), ["#QSS: 0,3,1"], 2),
    # Telit, 2G: a library's comment; registered and merely camping
    (
        telit.ReadNetworkStatus(),
        ['#RFSTS: "001 01",1001,-80,00DE,01,5,19,10,2,9878,"001010000000070","Test",1,2'],
        sig.Signal(rssi_dbm=-80),
    ),
    (
        telit.ReadNetworkStatus(),
        ['#RFSTS: ,1001,-77,00DE,01,5,19,10,2,9878,"001010000000070","",0,2'],
        sig.Signal(rssi_dbm=-77),
    ),
    # Telit, 3G: the layout in oFono's Telit driver
    (
        telit.ReadNetworkStatus(),
        [
            (
                '#RFSTS: "001 01",10836,94,-7.0,-80,-73,C352,0B,0,64,19,0,2,,0452F59,'
                '"001010000000070","Test",3,1'
            )
        ],
        sig.Signal(rssi_dbm=-73),
    ),
    # Telit, LTE: recorded LM960A18 transcript; without registration nothing stands there
    (
        telit.ReadNetworkStatus(),
        [
            (
                '#RFSTS: "001 01",66786,-101,-68,-13,2D18,255,,640,1,0,3089F02,"001010000000070",'
                '"Test",3,66'
            )
        ],
        sig.Signal(-68, -101.0, -13.0, plmn=NETWORK),
    ),
    (telit.ReadNetworkStatus(), ["#RFSTS: ,,,,,,,,,,,,,,0"], NOWHERE),
    # Telit: GM862 manual (2G), HSPA+ guide (3G), Telit LE910 notes (LTE)
    (
        telit.ReadServingCell(),
        ['#SERVINFO: 42,-93,"Test","00101",63,855E,03,1,,"II",01,6'],
        sig.Signal(rssi_dbm=-93),
    ),
    (
        telit.ReadServingCell(),
        ['#SERVINFO: 10763,-70,"Test","00101",95,55FA,64,3,-84,"II",01'],
        sig.Signal(rssi_dbm=-70),
    ),
    (
        telit.ReadServingCell(),
        ['#SERVINFO: 6400,-43,"Test","00101",00000AF,36EE,32,3,-60'],
        sig.Signal(rssi_dbm=-43, rsrp_dbm=-60.0),
    ),
    # Telit: field report of a refused forced registration
    (telit.ReadNetworkReject(), ["#CEERNET: 15"], LastError("network reject 15", NONE, 15)),
    (telit.ReadNetworkReject(), ["#CEERNET: 0"], NONE),
    # Telit: UC864 and GM862 manual pages; a library's sample with the sum last
    (
        telit.ReadDataVolume(),
        ["#GDATAVOL: 1,300,100,200", "#GDATAVOL: 2,0,0,0"],
        UsageCounters(100, 200),
    ),
    (telit.ReadDataVolume(), ["#GDATAVOL: 2,700,11,711"], UsageCounters(700, 11, ORDER)),
    (telit.ReadDataVolume(), [], NONE),
    # Telit: LE910 V2 AT manual pages 308 and 309
    (
        telit.ReadConsumption(),
        [f"#STATSCONSUME: {service},{amount},70" for service, amount in enumerate(range(12), 1)],
        UsageCounters(6000, 7000, KILOBYTES),
    ),
    (
        telit.ReadConsumption(),
        ["#STATSCONSUME: 7,0,0", "#STATSCONSUME: 8,0,0"],
        said("0,0"),
    ),
    (telit.ReadConsumption(), [], NONE),
    # Sierra: ModemManager's plugin, QModem
    (sierra.ReadIccidOfCard(), ["!ICCID: 89001010000000000018"], ICCID),
    (sierra.ReadPinCounts(), ["+CPINC: 3, 2, 10, 9"], PinRetries(3, 10)),
    (sierra.ReadSlot(), ["!UIMS: 0"], 1),
    (sierra.ReadSessionStates(), ["!SCACT: 1,1"], {1: True}),
    # Sierra: EM7455, columns set apart by tabs; two receivers, the main one first
    (
        sierra.ReadStatus(),
        [
            "!GSTATUS: ",
            "Current Time:  356\t\tTemperature: 40",
            "Reset Counter: 56\t\tMode:        ONLINE         ",
            "System mode:   LTE        \tPS state:    Attached     ",
            "LTE CA state:  ACTIVE      \t\tLTE Scell band:B12    ",
            "EMM state:     Registered     \tNormal Service ",
            "RRC state:     RRC Connected  ",
            "IMS reg state: No Srv  \t\t",
            "PCC RxM RSSI:  -48\t\tRSRP (dBm):  -78",
            "PCC RxD RSSI:  -64\t\tRSRP (dBm):  -94",
            "SCC RxM RSSI:  -52\t\tRSRP (dBm):  -83",
            "Tx Power:      0\t\tTAC:         00A1 (161)",
            "RSRQ (dB):     -17.4\t\tCell ID:     0010CE2F (1101359)",
            "SINR (dB):     -2.6",
        ],
        sig.Signal(-48, -78.0, -17.4, -2.6),
    ),
    # Sierra: columns set apart by blanks, as modemdata reads MC7710, EM7565 and EM9190
    (
        sierra.ReadStatus(),
        [
            "!GSTATUS:",
            "System mode:   LTE              PS state:    Attached",
            "RSSI (dBm):    -70              Tx Power:    0",
            "RSRP (dBm):    -101             TAC:         00A1 (161)",
        ],
        sig.Signal(rssi_dbm=-70, rsrp_dbm=-101.0),
    ),
    (
        sierra.ReadStatus(),
        [
            "!GSTATUS:",
            "System mode:   ENDC             PS state:    Attached",
            "PCC RxM RSSI:  -89              PCC RxM RSRP:  -117",
            "PCC RxD RSSI:  ---              PCC RxD RSRP:  ---",
            "NR5G RSRP (dBm):  -95           NR5G RSRQ (dB):  -11",
            "NR5G SINR (dB):   12",
        ],
        sig.Signal(-89, -117.0, -11.0, 12.0),
    ),
    (
        sierra.ReadAttachState(),
        ["!GSTATUS:", "EMM state:     Deregistered       No PLMN"],
        LastError("EMM state: Deregistered No PLMN", "emm", NONE),
    ),
    (
        sierra.ReadAttachState(),
        ["!GSTATUS:", "GMM (PS) state:DEREGISTERED     \tPLMN SEARCH  "],
        LastError("GMM (PS) state: DEREGISTERED PLMN SEARCH", "gmm", NONE),
    ),
    (sierra.ReadAttachState(), ["!GSTATUS:", "System mode:   LTE"], NONE),
    # Sierra HL78xx: Zephyr's HL7800 driver
    (
        sierra.ReadCellMeasurement(),
        ["+KCELLMEAS: -93,108,20,17,11"],
        sig.Signal(rsrp_dbm=-93.0, sinr_db=11.0),
    ),
    # Cinterion: test benches (^SCID), ModemManager (^SWWAN, ^SPIC, ^SMONI), EHS6 manual (^SMONI)
    (cinterion.ReadScid(), ["^SCID: 89001010000000000018"], ICCID),
    (cinterion.ReadSessionStates(), ["^SWWAN: 2,0,3", "^SWWAN: 3,1,1"], {2: False, 3: True}),
    (cinterion.ReadPinTries(), ["^SPIC: 3"], PinRetries(3, None)),
    (cinterion.ReadPukTries(), ["^SPIC: 10"], PinRetries(None, 10)),
    (
        cinterion.ReadServingCell(),
        ["^SMONI: 2G,71,-61,001,01,0143,83BA,33,33,3,6,G,NOCONN"],
        sig.Signal(rssi_dbm=-61),
    ),
    (
        cinterion.ReadServingCell(),
        ["^SMONI: 3G,10564,296,-7.5,-79,001,01,0143,00228FF,-92,-78,NOCONN"],
        sig.Signal(),
    ),
    (
        cinterion.ReadServingCell(),
        ["^SMONI: 4G,6300,20,10,10,FDD,001,01,BF75,0345103,350,33,-94,-12.5,NOCONN"],
        sig.Signal(rsrp_dbm=-94.0, rsrq_db=-12.5, plmn=NETWORK),
    ),
    (cinterion.ReadServingCell(), ["^SMONI: 4G,SEARCH"], NOWHERE),
    # Sequans: Monarch notes and logs
    (sequans.ReadSqnccid(), ['+SQNCCID:                   "89001010000000000018",""'], ICCID),
    (
        sequans.ReadEid(),
        ['+SQNCCID: "89001010000000000018","89001012012341234012345678901224"'],
        Eid("89001012012341234012345678901224"),
    ),
    (sequans.ReadEid(), ['+SQNCCID:                   "89001010000000000018",""'], NONE),
    (sequans.ReadEid(), ['+SQNCCID: "89001010000000000018","1"'], Absent("unreadable answer")),
    (
        sequans.ReadServingCell(),
        [
            (
                "+SQNMONI: Test Net Cc:001 Nc:01 RSRP:-90.00 CINR:18.00 RSRQ:-7.70 TAC:645 Id:176 "
                "EARFCN:6400 PWR:-74.52 PAGING:64"
            )
        ],
        sig.Signal(-75, -90.0, -7.7, 18.0, plmn=NETWORK),
    ),
    (
        sequans.ReadServingCell(),
        ["+SQNMONI: Test Cc:001 Nc:01 RSRP:-78.40 RSRQ:-15.60 TAC:678 Id:472 PWR:-55.02 BAND:8"],
        sig.Signal(-55, -78.4, -15.6, plmn=NETWORK),
    ),
    (
        sequans.ReadServingCell(),
        ["+SQNMONI: 00101 Cc:001 Nc:01 RSRP:-1 CINR:-1 RSRQ:-1 TAC:23330 EARFCN:2050 PWR:-1"],
        sig.Signal(said(-1), said(-1), plmn=NETWORK),
    ),
    (sequans.ReadServingCell(), ["+SQNMONI:"], NONE),
    # Nordic: Cellular Monitor's tests; the short form while it searches
    (
        nordic.ReadMonitor(),
        [
            (
                '%XMONITOR: 1,"","","00101","00A1",7,20,"0331C805",281,6400,53,42,"","00100001",'
                '"00000110","01011111"'
            )
        ],
        sig.Signal(rsrp_dbm=-87.0, sinr_db=18.0),
    ),
    (
        nordic.ReadMonitor(),
        ['%XMONITOR: 5,"","","00101","0901",7,20,"02024720",428,6300,255,255,"","00000010","",""'],
        sig.Signal(rsrp_dbm=said(255), sinr_db=said(255)),
    ),
    (nordic.ReadMonitor(), ["%XMONITOR: 2"], NOWHERE),
    (
        nordic.ReadNetwork(),
        ['%XMONITOR: 1,"","","00101","00A1",7,20,"0331C805",281,6400,53,42,"","00100001","",""'],
        NETWORK,
    ),
    (nordic.ReadNetwork(), ["%XMONITOR: 2"], OFF),
    # u-blox: the examples in ubxlib for SARA-R5, SARA-R422 (LTE-M, GSM), LARA-R6 (LTE, 3G), SARA-R4
    (
        ublox.ReadCellInfo(),
        [
            "+UCGED: 2",
            "6,4,001,01",
            "2525,5,50,50,e8fe,1a2d001,1,d60814d1,8001,01,28,31,13.75,3,1,10,28,-50,-6,0,255,255,0",
        ],
        sig.Signal(rsrp_dbm=-113.0, rsrq_db=-4.5, sinr_db=13.75),
    ),
    (
        ublox.ReadCellInfo(),
        [
            "+UCGED: 2",
            "6,001,01",
            '5110,12,10,10,830e,162,-86,-14,131,-1,3,255,128,"FB306E02"',
        ],
        sig.Signal(rsrp_dbm=-86.0, rsrq_db=-14.0, sinr_db=6.2),
    ),
    (
        ublox.ReadCellInfo(),
        ["+UCGED: 2", "2,4,001,01", "810,1,0000,01,0000,80,63,255,255,255"],
        sig.Signal(rssi_dbm=-48),
    ),
    (
        ublox.ReadCellInfoInTenths(),
        [
            "+UCGED: 2",
            "4,0,001,01",
            "2525,5,25,50,2b67,69f6bc7,111,00000000,ffff,ff,-74,-11,155.00,255,255,255,67,11,255",
        ],
        sig.Signal(rsrp_dbm=-74.0, rsrq_db=-11.0, sinr_db=15.5),
    ),
    (
        ublox.ReadCellInfoInTenths(),
        ["+UCGED: 2", "3,4,001,01", "4400,5,0000000,0000,80,9,4,62,42,255"],
        sig.Signal(),
    ),
    (
        ublox.ReadCellInfo(),
        ["+UCGED: 5", '+RSRP: 162,5110,"-075.00",', '+RSRQ: 162,5110,"-14.20",'],
        sig.Signal(rsrp_dbm=-75.0, rsrq_db=-14.2),
    ),
    (ublox.ReadCellInfo(), ["+UCGED: 0"], said(0)),
    # SIMCom: QModem (+SMSIMCFG), SIM7000 and SIM8200 logs (+CPSI)
    (simcom.ReadPinTries(), ["+SPIC: 3,10,0,10"], PinRetries(3, None)),
    (simcom.ReadPinTries(), ["+SPIC: 2,3,10,10"], PinRetries(2, None)),
    (simcom.ReadSlot(), ["+SMSIMCFG: 1,2"], 2),
    (
        simcom.ReadSystemInfo(),
        ["+CPSI: LTE CAT-M1,Online,001-01,0x2AFE,1234,149,EUTRAN-BAND20,6400,3,3,-12,-81,-52,10"],
        sig.Signal(-52, -81.0, -12.0, 10.0, plmn=NETWORK),
    ),
    (
        simcom.ReadSystemInfoAgain(),
        ["+CPSI: LTE,Online,001-01,0x00A1,1234,22,EUTRAN-BAND40,39092,3,3,-110,-915,-620,12"],
        sig.Signal(-62, -91.5, -11.0, 12.0, plmn=NETWORK),
    ),
    (
        simcom.ReadSystemInfo(),
        ["+CPSI: GSM,Online,001-01,0x182d,12401,27 EGSM 900,-64,2110,42-42"],
        sig.Signal(rssi_dbm=-64, plmn=NETWORK),
    ),
    (
        simcom.ReadSystemInfo(),
        ["+CPSI: NR5G_SA,Online,001-01,0x765D,4955280,0,NR5G_BAND78,640704,-770,-110,290"],
        sig.Signal(rsrp_dbm=-77.0, rsrq_db=-11.0, sinr_db=DISPUTED, plmn=NETWORK),
    ),
    (
        simcom.ReadSystemInfo(),
        ["+CPSI: WCDMA,Online,001-01,0xA809,11122855,WCDMA IMT 2000,279,10663,0,1.5,62,33,52,500"],
        sig.Signal(plmn=NETWORK),
    ),
    # Quectel: RM500U recording (+QUIMSLOT), EP06 and BG95 logs, LTE with and without 5G beside it
    (quectel.ReadSlot(), ["+QUIMSLOT: 2"], 2),
    (
        quectel.ReadServingCellInFifths(),
        [
            (
                '+QENG: "servingcell","NOCONN","LTE","FDD",001,01,A1A9566,113,550,1,3,3,61EA,'
                "-84,-11,-56,157,-"
            )
        ],
        sig.Signal(-56, -84.0, -11.0, 11.4, plmn=NETWORK),
    ),
    (
        quectel.ReadServingCell(),
        [
            (
                '+QENG: "servingcell","NOCONN","eMTC","FDD",001,01,B0DD811,152,5110,12,3,3,5003,'
                "-88,-11,-62,-,41"
            )
        ],
        sig.Signal(-62, -88.0, -11.0, NONE, plmn=NETWORK),
    ),
    (
        quectel.ReadServingCell(),
        [
            '+QENG: "servingcell","NOCONN"',
            '+QENG: "LTE","FDD",001,01,328261F,280,275,1,4,4,BE3,-99,-14,-66,7,4,30,-',
            '+QENG: "NR5G-NSA",001,01,920,-96,18,-10,648768,78,10,1',
        ],
        sig.Signal(-66, -99.0, -14.0, DISPUTED, plmn=NETWORK),
    ),
    (
        quectel.ReadServingCell(),
        ['+QENG: "servingcell","NOCONN","GSM",001,01,247C,1327,35,82,-,-52,255,255,0,53,179,1,-'],
        sig.Signal(rssi_dbm=-52),
    ),
    (
        quectel.ReadServingCell(),
        ['+QENG: "servingcell","NOCONN","WCDMA",001,01,75,6FE0090,10736,58,0,-78,-3,-,-,-,-,-'],
        sig.Signal(),
    ),
    (quectel.ReadServingCell(), ['+QENG: "servingcell","SEARCH"'], NOWHERE),
    # Quectel BC95: logs with and without a name before the lines; no cell
    (quectel_nb.ReadNccid(), ["+NCCID:8900101000000000001F"], SHORT_ICCID),
    (
        quectel_nb.ReadStatistics(),
        [
            "Signal power:-758",
            "Total power:-706",
            "TX power:230",
            "TX time:438",
            "RX time:16193",
            "Cell ID:3535136",
            "ECL:0",
            "SNR:132",
            "EARFCN:3518",
            "PCI:22",
            "RSRQ:-108",
            "OPERATOR MODE:4",
            "CURRENT BAND:5",
        ],
        sig.Signal(-71, -75.8, -10.8, 13.2),
    ),
    (
        quectel_nb.ReadStatistics(),
        ["+NUESTATS: Signal power:-683", "+NUESTATS: SNR:-58"],
        sig.Signal(rsrp_dbm=-68.3, sinr_db=-5.8),
    ),
    (quectel_nb.ReadStatistics(), ["Signal power:-32768", "Total power:-32768"], NOWHERE),
    # Quectel BC26 and BC660K: drivers' comments; one has a level that cannot be
    (
        quectel_nb.ReadServingCell(),
        ['+QENG: 0,1769,9,400,"00288516",-103,-9,-94,5,3,"A924",0,14,2'],
        sig.Signal(-94, -103.0, -9.0, 5.0),
    ),
    (
        quectel_nb.ReadServingCell(),
        ['+QENG: 0,2506,,176,"0BF576D1",-59,-6,31,21,5,"3095",0,-17,3'],
        sig.Signal(said(31), -59.0, -6.0, 21.0),
    ),
]
