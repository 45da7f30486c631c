"""For each command class: lines of our own, shaped as the sources show, and what they mean.

Shapes from vendor manuals, recordings and drivers' tests (see each command's module); identifiers
are test ones. A class without an entry fails a test.
"""

from modem.commands import (
    base,
    calls,
    context_setup,
    control,
    identity,
    packet_domain,
    phonebook,
    sim_access,
    sms,
)
from modem.commands import registration as reg
from modem.commands import signal as sig
from modem.commands.changing import DeleteEntry, DeleteMessage
from modem.commands.locks import ReadFacilityLock
from modem.commands.pin import ChangePin, EnterPin, SetCardLock
from modem.commands.sms_send import SendMessage
from modem.commands.vendor import fibocom, huawei, nordic, onemo, quectel, quectel_nb, simcom, ublox
from modem.snapshot import LastError, UsageCounters
from sim.identifiers import Iccid, Imei, Imsi, Msisdn, Plmn
from sim.pin import PinValue
from sim.reading import Absent
from sim.update import _Update
from tests.unit.module_vectors import MODULE_VECTORS
from tests.unit.vendor_vectors import VENDOR_VECTORS

NONE = Absent("the modem gave none")
OFF = Absent("not registered")
ICCID = Iccid("89001010000000000018")
IMEI = Imei("356938035643809")
IMSI = Imsi("001010123456789")
MSISDN = Msisdn("+99900000001")
NETWORK = Plmn("001", "01")
STATUS = bytes.fromhex("80F2000000")
NOWHERE = sig.Signal(OFF, OFF, OFF, OFF, OFF)


def said(value: object) -> Absent:
    return Absent(f"modem answered {value}")


# command, lines that are its own, value
VECTORS = [
    (identity.ReadManufacturer(), ["Quectel"], "Quectel"),
    (identity.ReadManufacturer(), ['"Motorola CE, Copyright 2000"'], "Motorola CE, Copyright 2000"),
    (identity.ReadManufacturer(), ['+CGMI: ""'], NONE),
    (
        identity.ReadManufacturer(),
        ["+CGMI: Sierra Wireless, Incorporated"],
        "Sierra Wireless, Incorporated",
    ),
    (
        identity.ReadManufacturerByQuery(),
        ['+CGMI: "Fibocom Wireless Inc."'],
        "Fibocom Wireless Inc.",
    ),
    (identity.ReadModel(), [" MULTIBAND  900E  1800 "], "MULTIBAND  900E  1800"),
    (identity.ReadModel(), ["Model:LG-LX265"], "Model:LG-LX265"),
    (identity.ReadModel(), ["+GMM: L850 LTE Module,L850"], "L850 LTE Module"),
    (identity.ReadModelByQuery(), ['+CGMM: "FM350-GL"'], "FM350-GL"),
    (
        identity.ReadRevision(),
        ["V 08.62", "24-07-09", "(c) Nokia  "],
        "V 08.62\n24-07-09\n(c) Nokia",
    ),
    (identity.ReadRevisionByQuery(), ['+CGMR: "81600.0000.00.29"'], "81600.0000.00.29"),
    (identity.ReadImei(), ["356938035643809"], IMEI),
    (identity.ReadImei(), ["356938035643809,PH2155R3TR"], IMEI),
    (identity.ReadImei(), ['+CGSN: "35693803564380901"'], IMEI),
    (identity.ReadImei(), ["000000000000000"], NONE),
    (identity.ReadImeiByQuery(), ['+CGSN: "356938035643809"'], IMEI),
    (identity.ReadImeiByType(), ['+CGSN: "356938035643809"'], IMEI),
    (
        identity.ReadIdentification(),
        ["Quectel", "EC25", "Revision: EC25EFAR06A03M4G"],
        identity.Identification("Quectel", "EC25", "EC25EFAR06A03M4G", None),
    ),
    (
        identity.ReadIdentification(),
        ["Manufacturer: Some vendor", "Model: M1", "Revision:", "IMEI: 356938035643809"],
        identity.Identification("Some vendor", "M1", None, IMEI),
    ),
    (
        simcom.ReadSimcomIdentification(),
        ["Manufacturer: SIMCOM INCORPORATED", "Model: SIM7670G", "Revision: 2374B05", "B05V01"],
        identity.Identification("SIMCOM INCORPORATED", "SIM7670G", "2374B05", None),
    ),
    (control.ReadFunctionality(), ["+CFUN: 1,0"], 1),
    (control.SwitchEchoOff(), [], None),
    (control.SetNumericErrors(), [], None),
    (
        control.ReadLastError(),
        ['+CEER: "EMM reject",8,"EPS services and non-EPS services not allowed"'],
        LastError("EMM reject", "emm", 8),
    ),
    (control.ReadLastError(), ["+CEER:"], NONE),
    (control.ReadLastError(), ['+CEER: "N/A"'], NONE),
    (
        control.ReadLastError(),
        ["+CEER: 0,0,5,16,normal call clearing"],
        LastError("normal call clearing", "cc", 16),
    ),
    (
        control.ReadLastError(),
        ["+CEER: Deactivate Cause: SM34 (Service option temporarily out of order)"],
        LastError("Deactivate Cause: SM34 (Service option temporarily out of order)", "sm", 34),
    ),
    (
        control.ReadLastError(),
        ['+CEER: "No report available",0,"No cause information available"'],
        LastError("No report available", NONE, NONE),
    ),
    (control.ReadLastError(), ["+CEER: 0,NONE"], LastError("NONE", NONE, NONE)),
    (control.ReadLastError(), ['+CEER: "0 Unknown"'], LastError("Unknown", NONE, NONE)),
    (
        control.ReadLastError(),
        ["+CEER: EMM_CAUSE_ESM_FAILURE"],
        LastError("EMM_CAUSE_ESM_FAILURE", "emm", 19),
    ),
    (
        control.ReadLastError(),
        ["+CEER: EMM_CAUSE_EPS_AND_NON_EPS_SERVICES_NOT_ALLOWED"],
        LastError("EMM_CAUSE_EPS_AND_NON_EPS_SERVICES_NOT_ALLOWED", "emm", 8),
    ),
    (
        control.ReadLastError(),
        ["+CEER: EMM_CAUSE_OF_ITS_OWN"],
        LastError("EMM_CAUSE_OF_ITS_OWN", "emm", NONE),
    ),
    (control.ReadLastError(), ["+CEER: ESM cause: 33"], LastError("ESM cause: 33", "esm", 33)),
    (
        control.ReadLastError(),
        ["+CEER: Release Cause: CC16 (Normal call clearing)"],
        LastError("Release Cause: CC16 (Normal call clearing)", "cc", 16),
    ),
    (sim_access.ReadSimState(), ["+CPIN:PH-NET  PIN"], "PH-NET PIN"),
    (sim_access.ReadImsi(), ["001010123456789"], IMSI),
    (sim_access.ReadImsi(), ["000000000000000"], NONE),
    (sim_access.ReadImsiByQuery(), ['+CIMI: "001010123456789"'], IMSI),
    (sim_access.ReadIccid(), ["89001010000000000018"], ICCID),
    (sim_access.ReadIccid(), ['"98000101000000000081"'], ICCID),
    (sim_access.ReadIccid(), ["+CCID: FFFFFFFFFFFFFFFFFFFF"], NONE),
    (sim_access.ReadIccid(), ["00440000000000000018"], Absent("unreadable answer")),
    (sim_access.ReadIccidByName(), ["+ICCID: 89001010000000000018"], ICCID),
    (quectel.ReadQccid(), ["+QCCID: 8900101000000000001F"], Iccid("8900101000000000001")),
    (simcom.ReadCiccid(), ["+ICCID: 89001010000000000018"], ICCID),
    (huawei.ReadIccidOfCard(), ["^ICCID: 98000101000000000081"], ICCID),
    (nordic.ReadXiccid(), ["%XICCID: 8900101000000000001F"], Iccid("8900101000000000001")),
    (onemo.ReadMccid(), ["+MCCID: 89001010000000000018F"], ICCID),
    (
        sim_access.ReadOwnNumbers(),
        ['+CNUM: ,"",255', '+CNUM: "Own","99900000001",145'],
        MSISDN,
    ),
    (sim_access.ReadOwnNumbers(), ['+CNUM: ,"",255'], NONE),
    (sim_access.ReadOwnNumbers(), [], NONE),
    (sim_access.ReadServiceCentre(), ['+CSCA: "+99900000001",145'], MSISDN),
    (
        sim_access.ReadServiceCentre(),
        ['+CSCA: "002B00390039003900300030003000300030003000300031",145'],
        MSISDN,
    ),
    (sim_access.ReadServiceCentre(), ['+CSCA: "",129'], NONE),
    (
        sim_access.ReadPinRetries(),
        ["+CPINR: SIM PIN,2,3", "+CPINR: SIM PUK,10,10"],
        sim_access.PinRetries(2, 10),
    ),
    (sim_access.ReadPin1Retries(), ['+CPINR: "SIM PIN",1'], sim_access.PinRetries(1, None)),
    (sim_access.ReadPuk1Retries(), ['+CPINR: "SIM PUK",9'], sim_access.PinRetries(None, 9)),
    (
        quectel.ReadPinRetriesOfSc(),
        ['+QPINC: "SC",3,10', '+QPINC: "P2",3,10'],
        sim_access.PinRetries(3, 10),
    ),
    (ublox.ReadPinCounts(), ["+UPINCNT: 3,2,10,9"], sim_access.PinRetries(3, 10)),
    (
        sim_access.AccessFile(176, 0x2FE2, 0, 0, 10),
        ['+CRSM: 144, 0,"98000101000000000081"'],
        sim_access.FileAnswer(0x9000, bytes.fromhex("98000101000000000081")),
    ),
    (
        sim_access.AccessFile(176, 0x6F46, 0, 0, 17),
        ["+CRSM: 106,130"],
        sim_access.FileAnswer(0x6A82, b""),
    ),
    (
        sim_access.ChangeFile(_Update(0, 0xDC, 1, 4, b"\xff\xff"), 0x6F3A, path="7F10"),
        ["+CRSM: 144,0"],
        sim_access.FileAnswer(0x9000, b""),
    ),
    (sms.ReadMessageMode(), ["+CMGF: 0"], 0),
    (sms.SetMessageMode(0), [], None),
    (
        sms.ReadMessageStoreNames(),
        ['+CPMS: ("SM","ME","MT"),("SM","ME"),("SM","ME")'],
        ("SM", "ME", "MT"),
    ),
    (
        sms.ReadMessageStores(),
        ['+CPMS: "SM",6,10,"ME",0,23,"SM",6,10'],
        (
            sms.StoreState("SM", 6, 10),
            sms.StoreState("ME", 0, 23),
            sms.StoreState("SM", 6, 10),
        ),
    ),
    (sms.ChooseMessageStore("ME"), ["+CPMS: 2,23,6,10,6,10"], sms.StoreState("ME", 2, 23)),
    (
        sms.ListMessages(),
        ["+CMGL: 3,1,,18", "0791990900009000040B"],
        (sms.StoredPdu(3, 1, bytes.fromhex("0791990900009000040B")),),
    ),
    (sms.ListMessages(), [], ()),
    (DeleteMessage(3), [], None),
    (
        phonebook.ReadPhonebookNames(),
        ['+CPBS: ("ME","SM","MT","ON","DC","MC","RC","EN")'],
        ("ME", "SM", "MT", "ON", "DC", "MC", "RC", "EN"),
    ),
    (phonebook.ReadPhonebook(), ['+CPBS: "ME",3,256'], phonebook.BookState("ME", 3, 256)),
    (phonebook.ReadPhonebook(), ['+CPBS: "SM"'], phonebook.BookState("SM", None, None)),
    (phonebook.ChoosePhonebook("ME"), [], None),
    (phonebook.ReadEntryRange(), ["+CPBR: (1-3),30,30"], (1, 3)),
    (phonebook.ReadEntryRange(), ["+CPBR: (1,2,5-9),20,14"], (1, 9)),
    (
        phonebook.ReadEntries(1, 50),
        ['+CPBR: 1,"#121#",129,"My, Tempo",0', '+CPBR: 16,"",,"0041"'],
        (
            phonebook.StoredEntry(1, "#121#", "My, Tempo", '"#121#",129,"My, Tempo",0'),
            phonebook.StoredEntry(16, None, "0041", '"",,"0041"'),
        ),
    ),
    (
        phonebook.ReadEntries(7, charset="UCS2"),
        ['+CPBR: 7,"+99900000031",145,"738B5C0F660E"'],
        (phonebook.StoredEntry(7, "+99900000031", "王小明", '"+99900000031",145,"738B5C0F660E"'),),
    ),
    (
        phonebook.ReadEntries(7, charset="UCS2"),
        ['+CPBR: 7,"002B003900390039",145,"004"'],
        (phonebook.StoredEntry(7, "+999", "004", '"002B003900390039",145,"004"'),),
    ),
    (
        phonebook.ReadEntries(1, charset="HEX"),
        ['+CPBR: 1,"123",129,4265726C696E00', '+CPBR: 2,"123",129,4040'],
        (
            phonebook.StoredEntry(1, "123", "Berlin", '"123",129,4265726C696E00'),
            phonebook.StoredEntry(2, "123", "4040", '"123",129,4040'),
        ),
    ),
    (phonebook.ReadEntries(1, 50), ['+CPBR: 1,"",,""'], ()),
    (phonebook.ReadEntries(1, 50), [], ()),
    (phonebook.ReadCharset(), ['+CSCS: "IRA"'], "IRA"),
    (phonebook.SetCharset("UCS2"), [], None),
    (DeleteEntry(3), [], None),
    (EnterPin(PinValue("1234")), [], None),
    (SetCardLock(PinValue("1234"), enabled=True), [], None),
    (ChangePin(PinValue("1234"), PinValue("4321")), [], None),
    (sim_access.TransmitApdu(STATUS), ['+CSIM:8, "000063c1"'], bytes.fromhex("000063C1")),
    (sim_access.OpenChannel(b"\xa0"), ["+CCHO: 1"], 1),
    (sim_access.OpenChannel(b"\xa0"), ["2"], 2),
    (sim_access.TransmitOnChannel(1, STATUS), ["+CGLA: 4,9000"], bytes.fromhex("9000")),
    (sim_access.CloseChannel(1), ["+CCHC"], None),
    (
        reg.ReadRegistration("cs"),
        ['+CREG: 2,1,"00A8","5355E8D",7'],
        reg.RegistrationAnswer(2, 1, "00A8", "5355E8D", "7", None, None),
    ),
    (reg.SetRegistrationReports("eps", 3), [], None),
    (
        reg.ReadOperator(),
        ['+COPS:0,2,"00101",7'],
        reg.OperatorAnswer(0, 2, "00101", "7"),
    ),
    (
        reg.ReadOperator(),
        ['+COPS: 0,0,"4E2D56FD79FB52A8",7'],
        reg.OperatorAnswer(0, 0, "中国移动", "7"),
    ),
    (reg.ReadOperator(), ["+COPS: 0"], reg.OperatorAnswer(0, None, None, None)),
    (reg.ReadOperator(), ['+COPS: 0,0,"N/A",7'], reg.OperatorAnswer(0, 0, None, "7")),
    (reg.SetOperatorStyle(2), [], None),
    (
        quectel.ReadNetworkInfo(),
        ['+QNWINFO: "FDD LTE","00101","LTE BAND 3",1650'],
        Plmn("001", "01"),
    ),
    (quectel.ReadNetworkInfo(), ["+QNWINFO: No Service"], OFF),
    (sig.ReadSignalQuality(), ["+CSQ: 9, 99"], sig.Signal(rssi_dbm=-95, ber=said(99))),
    (sig.ReadSignalQuality(), ["+CSQ: 99,99"], sig.Signal(rssi_dbm=said(99), ber=said(99))),
    (sig.ReadSignalQualityByQuery(), ["+CSQ: 15,6"], sig.Signal(rssi_dbm=-83, ber=6)),
    (
        sig.ReadExtendedSignal(),
        ["+CESQ: 99,99,255,255,20,40"],
        sig.Signal(said(99), -101.0, -10.0, NONE, said(99)),
    ),
    (
        nordic.ReadNordicSignal(),
        ["+CESQ: 99,99,255,255,31,62"],
        sig.Signal(said(99), -78.0, -4.0, NONE, said(99)),
    ),
    (
        fibocom.ReadSignal(),
        ["+XCESQ: 0,99,99,255,255,19,46,-32"],
        sig.Signal(said(99), -95.0, -10.5, -16.0, said(99)),
    ),
    (
        fibocom.ReadCellInfo(),
        [
            "+GTCCINFO:",
            "1,4,001,01,1234,000123456,1802,470,103,100,-4,39,39,7",
            "2,4,,,FFFF,,,,,53,53,0",
        ],
        sig.Signal(rsrp_dbm=-102.0, rsrq_db=-16.5, sinr_db=-2.0, plmn=Plmn("001", "01")),
    ),
    (huawei.ReadSignal(), ['^HCSQ:"LTE",30,19,66,0'], sig.Signal(-91, -122.0, -20.0, -7.0)),
    (huawei.ReadSignal(), ['^HCSQ: "NOSERVICE"'], NOWHERE),
    (quectel.ReadSignal(), ['+QCSQ: "LTE",52,-83,207,-14'], sig.Signal(-52, -83.0, -14.0, 21.4)),
    (quectel.ReadSignal(), ['+QCSQ: "NOSERVICE"'], NOWHERE),
    (
        quectel.ReadSignalInDb(),
        ['+QCSQ: "NR5G",-89,15,-11'],
        sig.Signal(NONE, -89.0, -11.0, 15.0),
    ),
    (
        quectel.ReadServingCell(),
        [
            (
                '+QENG: "servingcell","NOCONN","LTE","FDD",001,01,A1A9566,113,550,1,3,3,61EA,'
                "-84,-11,-56,2,-"
            )
        ],
        sig.Signal(-56, -84.0, -11.0, Absent("sources dispute the unit"), plmn=NETWORK),
    ),
    (
        quectel.ReadServingCellInDb(),
        [
            (
                '+QENG: "servingcell","CONNECT","NR5G-SA","TDD",001,01,760BF0114,702,76010F,'
                "633984,78,100,-89,-8,15,18"
            )
        ],
        sig.Signal(NONE, -89.0, -8.0, 15.0, plmn=NETWORK),
    ),
    (
        simcom.ReadSystemInfo(),
        ["+CPSI: LTE,Online,001-01,0x0830,110132496,22,EUTRAN-BAND40,39092,3,3,-200,-1057,-660,4"],
        sig.Signal(-66, -105.7, -20.0, 4.0, plmn=NETWORK),
    ),
    (
        simcom.ReadSystemInfo(),
        ["+CPSI: LTE,Online,001-01,0x260A,196089506,299,EUTRAN-BAND7,2850,5,5,21,47,43,17"],
        sig.Signal(rsrp_dbm=-94.0, rsrq_db=-9.5, plmn=NETWORK),
    ),
    (
        simcom.ReadSystemInfo(),
        [
            "+CPSI: LTE,Online,001-01,0x7496,251941991,203,EUTRAN-BAND8,3740,3,3,-92,-672,-418,14",
            "+CPSI: NR5G_NSA,5,NR5G_BAND78,627264,-920,-110,18",
        ],
        sig.Signal(-42, -67.2, -9.2, 14.0, plmn=NETWORK),
    ),
    (simcom.ReadSystemInfo(), ["+CPSI: NO SERVICE,Online"], NOWHERE),
    (
        onemo.ReadServingCell(),
        ['+MUESTATS: "scell",6,001,01,3684,,498,-920,-108,-812,-32768'],
        sig.Signal(-81, -92.0, -10.8, said(-32768), plmn=Plmn("001", "01")),
    ),
    (
        packet_domain.ReadContexts(),
        ['+CGDCONT: 1,"IP","iot.example","0.0.0.0",0,0', '+CGDCONT: 5,"ipv4v6",,"",0,0'],
        (
            packet_domain.ContextDefinition(1, "IP", "iot.example", ()),
            packet_domain.ContextDefinition(5, "IPV4V6", None, ()),
        ),
    ),
    (packet_domain.ReadContexts(), [], ()),
    (packet_domain.ReadContextStates(), ["+CGACT: 1,1", "+CGACT: 5, 0"], {1: True, 5: False}),
    (packet_domain.ReadAttachment(), ["+CGATT: 0"], False),
    (
        packet_domain.ReadAddresses(1),
        ['+CGPADDR: 1,"10.64.0.25","2001:db8::1"'],
        {1: ("10.64.0.25", "2001:db8::1")},
    ),
    (
        packet_domain.ReadAddresses(2),
        ['+CGPADDR: 2,"10.64.0.25"', '+CGPADDR: 2,"10.64.0.25"'],
        {2: ("10.64.0.25",)},
    ),
    (
        packet_domain.ReadAddresses(),
        [
            '+CGPADDR: 5,"IPV4:10.0.0.1 IPV6:2001:db8::1"',
            "+CGPADDR: 6,0.0.0.0,0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
            '+CGPADDR: 7,"32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"',
        ],
        {5: ("10.0.0.1", "2001:db8::1"), 6: (), 7: ("2001:db8::1",)},
    ),
    (
        packet_domain.ReadDynamicContext(4),
        ['+CGCONTRDP: 4,5,"iot.example","10.0.0.1.255.255.255.255","10.0.0.2"'],
        packet_domain.DynamicContext(4, "iot.example", ("10.0.0.1",)),
    ),
    (packet_domain.ReadDynamicContext(4), [], None),
    (
        packet_domain.ReadDynamicContext(1),
        ['+CGCONTRDP: 1,5,"iot.example","10.0.0.1",,"198.51.100.1","198.51.100.2"'],
        packet_domain.DynamicContext(
            1, "iot.example", ("10.0.0.1",), ("198.51.100.1", "198.51.100.2")
        ),
    ),
    (
        context_setup.ReadContextRows(),
        ['+CGDCONT: 1,"IP","iot.example","0.0.0.0",0,0', "+CGDCONT: 5,IPV4V6,,"],
        (
            context_setup.ContextRow(1, ("IP", "iot.example", "0.0.0.0", "0", "0")),
            context_setup.ContextRow(5, ("IPV4V6", None, None)),
        ),
    ),
    (context_setup.ReadContextRows(), [], ()),
    (context_setup.DefineContext(1, ("IP", "iot.example")), [], None),
    (
        # A BG96 with password, a WP76 without, one that has none set.
        context_setup.ReadAuthentication(),
        ['+CGAUTH: 1,2,"u","p"', '+CGAUTH: 2,1,"u"', "+CGAUTH: 3,0"],
        (
            context_setup.Authentication(1, 2, ("u", "p")),
            context_setup.Authentication(2, 1, ("u",)),
            context_setup.Authentication(3, 0, ()),
        ),
    ),
    (context_setup.SetAuthentication(context_setup.Authentication(1, 0, ())), [], None),
    (
        quectel.ReadContextLogin(1),
        ['+QICSGP: 1,"iot.example","u","p",2'],
        (context_setup.Authentication(1, 2, ("u", "p"), ("1", "iot.example")),),
    ),
    (quectel.ReadContextLogin(2), ['+QICSGP: 0,"","","",0'], ()),
    (quectel.SetContextLogin(context_setup.Authentication(1, 0, (), ("1", ""))), [], None),
    (
        quectel_nb.ReadAutoConnect(),
        ["+NCONFIG:AUTOCONNECT,TRUE", "+NCONFIG:CR_0859_SI_AVOID,FALSE"],
        True,
    ),
    (
        quectel_nb.ReadAutoConnect(),
        ['+NCONFIG: "CR_0859_SI_AVOID","TRUE"', '+NCONFIG: "AUTOCONNECT","FALSE"'],
        False,
    ),
    (quectel_nb.SetAutoConnect(on=False), [], None),
    (packet_domain.SetContextState(1, active=True), [], None),
    (packet_domain.SetAttachment(attached=False), [], None),
    (control.SetFunctionality(0), [], None),
    (
        reg.SearchNetworks(),
        ['+COPS: (2,"Test, (Net)","Test","00101",7),(3,"","","00102",0),(1,A,A,001003),,(0-4)'],
        (
            reg.NetworkInTheAir("00101", forbidden=False),
            reg.NetworkInTheAir("00102", forbidden=True),
            reg.NetworkInTheAir("001003", forbidden=False),
        ),
    ),
    (
        reg.SearchNetworks(),
        ['+COPS: (2,"Test","Test","00101",7),(3,"Test","Test","00101",2),,(0-4),(0-2)'],
        (reg.NetworkInTheAir("00101", forbidden=True),),
    ),
    (reg.SearchNetworks(), ["+COPS: ,,(0,1,2,3,4),(0-2)"], ()),
    (SendMessage("+99900000001", "SIMWARD"), ["+CMGS: 12"], 12),
    (calls.Dial("+99900000001"), [], None),
    (
        calls.ReadCalls(),
        ["+CLCC: 1,0,0,1,0", '+CLCC: 2,0,3,0,0,"+99900000001",145'],
        (calls.Call(True, calls.ACTIVE, False), calls.Call(True, calls.ALERTING, True)),
    ),
    (calls.ReadCalls(), [], ()),
    (calls.HangUp(), [], None),
    (calls.HangUpByH(), [], None),
    (quectel.ReadActiveContexts(), ['+QIACT: 1,1,1,"10.64.0.25"'], {1: (True, ("10.64.0.25",))}),
    (ReadFacilityLock("PS"), ["+CLCK: 1"], True),
    (ReadFacilityLock("SC"), ["+CLCK: 0,7"], False),
    (quectel.ReadUsage(), ["+QGDCNT: 3832,4618"], UsageCounters(3832, 4618)),
    (
        quectel.ReadUsageUnisoc(),
        ["+QGDCNT: 1,2"],
        UsageCounters(1, 2, "sources dispute the order of sent and received"),
    ),
    (quectel.ReadUsageWithout5g(), ["+QGDCNT: 0,0"], said("0,0")),
    (
        quectel.ReadUsageWithout5g(),
        ["+QGDCNT: 1,2"],
        UsageCounters(1, 2, "5G standalone traffic is not counted"),
    ),
    (
        quectel.ReadUsageOf5g(),
        ["+QGDNRCNT: 1,2"],
        UsageCounters(1, 2, "sources dispute the order of sent and received"),
    ),
    (
        huawei.ReadUsage(),
        ["^DSFLOWQRY: 0000000A,0001E240,0002DC6C,00000064,00000000000003E8,00000000000007D0"],
        UsageCounters(1000, 2000),
    ),
    (
        nordic.ReadUsage(),
        ["%XCONNSTAT=2,3,45,60,708,650"],
        UsageCounters(45000, 60000, "counted in whole kilobytes"),
    ),
    (
        ublox.ReadUsage(),
        ["+UGCNTRD: 1, 100, 0, 100, 0", "+UGCNTRD: 2,0,0,1397316870,113728263578"],
        UsageCounters(1397316970, 113728263578),
    ),
    (ublox.ReadUsage(), [], NONE),
    (onemo.ReadUsage(), ['+MUESTATS: "bler",0,0,40,0,211,74,5,2,2,2'], UsageCounters(211, 74)),
    *MODULE_VECTORS,
    *VENDOR_VECTORS,
]
ABSTRACT = {base.PrefixedCommand, base.BareCommand, base.SettingCommand, base.ShapedCommand}
