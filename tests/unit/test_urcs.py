import pytest

from modem import urcs
from modem.commands.signal import Signal
from modem.urcs import parse_urc
from sim.identifiers import Plmn


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("+CPIN: READY", urcs.SimStateChanged("ready")),
        ("+CPIN: NOT INSERTED", urcs.SimStateChanged("absent")),
        ("+CPIN: SIM REMOVED 0", urcs.SimStateChanged("absent")),
        ("+CPIN: READY 0", urcs.SimStateChanged("ready")),
        ("+QSIMSTAT: 1,0", urcs.CardMoved(inserted=False)),
        ("#QSS: 1", urcs.CardMoved(inserted=True)),
        ("#QSS: 0", urcs.CardMoved(inserted=False)),
        ("#QSS: 3", urcs.SimStateChanged("ready")),
        ("#QSS: 1,0,1", urcs.CardMoved(inserted=False)),  # read: setting, status, slot
        ("^SCKS: 0", urcs.CardMoved(inserted=False)),
        ("^SCKS: 1,1", urcs.CardMoved(inserted=True)),
        ("%XSIM: 1", urcs.SimStateChanged("ready")),
        ("%XSIM: 0,1", urcs.SimStateChanged("pin_required")),
        ("%XSIM: 0,9", urcs.SimStateChanged("faulty")),
        ("+UUSIMSTAT: 0", urcs.SimStateChanged("absent")),
        ("+UUSIMSTAT: 6", urcs.SimStateChanged("ready")),
        ("^SYSSTART", urcs.BootProgressed("boot")),
        ("+KSUP: 0", urcs.BootProgressed("boot")),
        ("REBOOT_CAUSE_APPLICATION_AT", urcs.BootProgressed("boot")),
        ("RDY", urcs.BootProgressed("ready")),
        ("*ATREADY: 1", urcs.BootProgressed("at_ready")),
        ("MODEM:STARTUP", urcs.BootProgressed("boot")),
        ("+QIND: PB DONE", urcs.BootProgressed("phonebook_ready")),
        ("POWERED DOWN", urcs.PoweredDown()),
        ("^RSSI:14", urcs.SignalChanged(Signal(rssi_dbm=-85))),
        ("%CESQ: 21,1,18,1", urcs.SignalChanged(Signal(rsrp_dbm=-119.0, rsrq_db=-10.5))),
        ("+CGEV: NW DETACH", urcs.PacketEventReported("nw_detach")),
        ("+CGEV: ME PDN ACT 3,2", urcs.PacketEventReported("me_act_primary", cid=3, reason=2)),
        (
            "+CGEV: NW DEACT 3, 2, 1",
            urcs.PacketEventReported("nw_deact_secondary", cid=2, parent_cid=3, event_type=1),
        ),
        (
            "+CGEV: NW REACT IP, 10.0.0.1, 1",
            urcs.PacketEventReported("nw_react", cid=1, pdp_type="IP", address="10.0.0.1"),
        ),
        ("+SIM: Removed", urcs.CardMoved(inserted=False)),
        ("+SIM READY", urcs.CardMoved(inserted=True)),
        ("+SIM DROP", urcs.CardMoved(inserted=False)),
        ("^SIMST:255", urcs.CardMoved(inserted=False)),
        ("^SIMST: 1,0", urcs.CardMoved(inserted=True)),
        ("^SIMSQ: 0,1", urcs.CardMoved(inserted=True)),
        ("^SIMSQ: 1,99", urcs.CardMoved(inserted=False)),
        ("+ESIMS: 0,1", urcs.CardMoved(inserted=False)),
        ("+ESIMS: 1,29", urcs.CardMoved(inserted=True)),
        ("+MATREADY", urcs.BootProgressed("at_ready")),
        ("REBOOTING", urcs.BootProgressed("boot")),
        ("POWER OFF", urcs.PoweredDown()),
        ("+CNEC_EMM: 11", urcs.NetworkErrorReported("emm", 11)),
        ("+CNEC_ESM: 54,2", urcs.NetworkErrorReported("esm", 54, 2)),
        (
            '^REJINFO:00101,1,19,2,4,19,"0026F8","FF","0A444202",33',
            urcs.RejectReported(
                Plmn("001", "01"), "ps", 19, "lte", "attach", 19, "0026F8", "FF", "0A444202", 33
            ),
        ),
        (
            "^REJINFO：00101,2,13,0,0,13",
            urcs.RejectReported(
                Plmn("001", "01"), "cs+ps", 13, "gsm", "lau", 13, None, None, None, None
            ),
        ),
        (
            "^DSFLOWRPT:0000000A,00000001,00000002,00000000000003E8,00000000000007D0,0,0",
            urcs.UsageReported(10, 1, 2, 1000, 2000),
        ),
    ],
)
def test_an_unsolicited_line_is_an_event(line, event):
    found = parse_urc(line)
    assert (type(found), found) == (type(event), event)


@pytest.mark.parametrize(
    ("line", "domain", "stat", "cause"),
    [
        ("+CREG: 1", "cs", 1, None),
        ('+CGREG: 1,"1422","00000142",3,"00"', "ps", 1, None),
        ("+CEREG: 3,,,,0,8", "eps", 3, 8),
        ("+C5GREG: 0", "nr5g", 0, None),
        ('+CREG: 2,5,"0502","0404736D"', "cs", 5, None),  # MD400 repeats <n>
    ],
)
def test_a_registration_line_is_a_change_in_its_domain(line, domain, stat, cause):
    event = parse_urc(line)
    assert isinstance(event, urcs.RegistrationChanged)
    assert (event.domain, event.facts.stat) == (domain, stat)
    if cause is not None:
        assert event.facts.reject_cause == cause


@pytest.mark.parametrize(
    "line",
    [
        "",
        "OK",
        "#QSS: 9",
        "^SCKS: 2",
        "%XSIM: 0",
        "+UUSIMSTAT: 9",
        "+CREG:",
        "+CGEV: SOMETHING NEW",
        "^DSFLOWRPT: x",
        "+XYZ: 1",
        "^REJINFO:",
        "%CESQ: 1",
        "+CNEC_ESM: x",
        "^SIMST: 2",  # the network took it for invalid, the card is where it was
        "^SIMSQ: 1,12",
        "+ESIMS: 1",
    ],
)
def test_a_line_of_no_known_meaning_is_no_event(line):
    assert parse_urc(line) is None
