import importlib
import inspect
import pkgutil

import pytest

import modem.commands
from modem.at.command import Command
from modem.commands import control, identity, sim_access
from modem.commands import registration as reg
from modem.commands import signal as sig
from modem.commands.locks import ReadFacilityLock
from modem.commands.packet_domain import ReadContexts, ReadContextStates
from modem.commands.vendor import quectel, ublox
from modem.errors import AtProtocolError
from sim.reading import Absent
from tests.unit.command_vectors import ABSTRACT, STATUS, VECTORS


def command_classes():
    for info in pkgutil.walk_packages(modem.commands.__path__, "modem.commands."):
        module = importlib.import_module(info.name)
        for _, found in inspect.getmembers(module, inspect.isclass):
            own = found.__module__ == module.__name__ and not found.__name__.startswith("_")
            if own and issubclass(found, Command) and found not in ABSTRACT:
                yield found


@pytest.mark.parametrize(
    ("command", "lines", "value"),
    VECTORS,
    ids=[
        f"{i}-{type(c).__module__.split('.')[-1]}.{type(c).__name__}"
        for i, (c, _, _) in enumerate(VECTORS)
    ],
)
def test_a_command_owns_its_lines_and_knows_what_they_mean(command, lines, value):
    owned = tuple(line for line in lines if command.owns(line))
    assert list(owned) == lines
    assert command.parse(owned) == value


@pytest.mark.parametrize("found", list(command_classes()), ids=lambda found: found.__name__)
def test_every_command_class_has_a_specification_and_a_vector(found):
    assert found.__doc__
    assert any(type(command) is found for command, _, _ in VECTORS)


FOREIGN = [
    "^RSSI:14",
    "+CREG: 1",
    '+CREG: 5,"00A1","0010CE2F",7',
    '+CMTI: "SM",3',
    "%CESQ: 0,0,0,0",
]
FOREIGN_WORDS = [
    ">>>>",
    "RDY",
    "SMS DONE",
    "PB DONE",
    "Call Ready",
    "MODEM:STARTUP",
    "NORMAL POWER DOWN",
]


@pytest.mark.parametrize("line", FOREIGN)
@pytest.mark.parametrize("command", [command for command, _, _ in VECTORS], ids=lambda c: c.text)
def test_no_command_takes_an_unsolicited_line_for_its_own(command, line):
    assert not command.owns(line)


@pytest.mark.parametrize("line", FOREIGN_WORDS)
@pytest.mark.parametrize(
    "command",
    [
        identity.ReadManufacturer(),
        identity.ReadIdentification(),
        identity.ReadImei(),
        sim_access.ReadImsi(),
    ],
    ids=lambda c: c.text,
)
def test_words_of_a_boot_are_no_identity(command, line):
    assert not command.owns(line)


@pytest.mark.parametrize("final", ["0", "4"])
@pytest.mark.parametrize(
    "command", [identity.ReadManufacturer(), identity.ReadRevision(), identity.ReadIdentification()]
)
def test_a_final_result_in_numbers_is_no_identity(command, final):
    assert not command.owns(final)


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        (control.ReadFunctionality(), ["+CFUN: (0-1,4-7),(0-1)"]),  # ZTE K3565
        (identity.ReadImei(), []),
        (reg.ReadRegistration("cs"), []),
        (sim_access.TransmitApdu(STATUS), ['+CSIM:000063CF"']),
        (sim_access.TransmitApdu(STATUS), ['+CSIM: 4,"900"']),
        (sim_access.AccessFile(176, 1, 0, 0, 0), ['+CRSM: x,0,"00"']),
        (sim_access.AccessFile(176, 1, 0, 0, 0), ['+CRSM: 144,0,"0G"']),
        (ReadFacilityLock("SC"), ["+CLCK: 9"]),
        (ReadContexts(), ['+CGDCONT: x,"IP"']),
        (ReadContextStates(), ["+CGACT:"]),
        (quectel.ReadPinRetriesOfSc(), ['+QPINC: "P2",3,10']),
        (ublox.ReadUsage(), ["+UGCNTRD: 1,2,3"]),
    ],
    ids=lambda value: value.text if isinstance(value, Command) else None,
)
def test_lines_that_are_no_answer_are_a_protocol_error(command, lines):
    with pytest.raises(AtProtocolError):
        command.parse(tuple(lines))


@pytest.mark.parametrize(
    "line",
    ["+CREG: 0,1", '+CREG:002,001,"0001","0010"', "+CREG: 1,11", "+CREG:2,1,0001,0010"],
)
def test_an_answer_is_told_by_n_and_stat(line):
    assert reg.ReadRegistration("cs").owns(line)


@pytest.mark.parametrize(
    "line",
    [
        "+CREG: 1",
        "+CREG: 1,0001,0010,0",
        '+CREG: 001,"0001","0010",000',
        "+CREG: 11",
        "+CREG: 3,,,,0,8",
    ],
)
def test_an_unsolicited_registration_line_is_no_answer(line):
    assert not reg.ReadRegistration("cs").owns(line)


GIVE_NONE = Absent("the modem gave none")
UNREGISTERED = Absent("not registered")


@pytest.mark.parametrize(
    ("domain", "line", "area", "ci", "act"),
    [
        ("cs", "+CREG: 2,1,000B,2816, B, C2816", "000B", "00002816", Absent("modem answered B")),
        ("cs", "+CREG: 2,1,  0 5, 2715", Absent("modem answered 0 5"), "00002715", GIVE_NONE),
        ("cs", '+CREG: 2,1,"0B,"0100701",7', "000B", "00100701", "lte"),
        ("eps", "+CEREG: 2,1, 1F00, 20 ,79D903 ,7", "1F00", "0079D903", "lte"),
        ("eps", "+CEREG: 1,1,", GIVE_NONE, GIVE_NONE, GIVE_NONE),
        (
            "eps",
            '+CEREG: 2,1,"FFFE","FFFFFFFF",7',
            Absent("modem answered FFFE"),
            Absent("modem answered FFFFFFFF"),
            "lte",
        ),
        (
            "cs",
            '+CREG: 2,0,"0000","00000000"',
            Absent("modem answered 0000"),
            Absent("modem answered 00000000"),
            UNREGISTERED,
        ),
        ("cs", '+CREG: 2,1,"00FF","00000FFF",0', "00FF", "00000FFF", "gsm"),
        ("nr5g", '+C5GREG: 2,1,"76010F","760BF0114",11', "76010F", "760BF0114", "nr"),
        ("nr5g", '+C5GREG: 2,1,"010F","0BF0114",11', "010F", "000BF0114", "nr"),
        ("ps", '+CREG: 7,1,"54DB","0F6B0578",7,1,3,0,"abc"', "54DB", "0F6B0578", "lte"),
        (
            "eps",
            '+CEREG: 3,5,"54DB","0F6B0578",15',
            "54DB",
            "0F6B0578",
            Absent("modem answered 15"),
        ),
    ],
)
def test_a_location_has_the_contracts_form_however_it_was_written(domain, line, area, ci, act):
    answer = reg.ReadRegistration(domain).parse((line,))
    facts = reg.to_registration(answer, domain, reg.ACT_NAMES)
    assert (facts.area, facts.ci, facts.act) == (area, ci, act)


@pytest.mark.parametrize(
    ("domain", "line", "cause", "name"),
    [
        ("cs", "+CREG: 3,3,,,,0,2", 2, "IMSI unknown in HLR"),
        ("cs", "+CREG: 3,3,,,0,2", 2, "IMSI unknown in HLR"),
        ("cs", '+CREG: 3,3,"","",0,2', 2, "IMSI unknown in HLR"),
        ("ps", '+CGREG: 3,3,"","",0,7', 7, "GPRS services not allowed"),
        ("ps", '+CGREG: 2,3,"","",0,"07"', GIVE_NONE, GIVE_NONE),
        (
            "eps",
            '+CEREG: 3,3,"0001","00000101",0,8',
            8,
            "EPS services and non-EPS services not allowed",
        ),
        ("ps", '+CGREG: 3,3,"54DB","0F6B0578",7,"f0",0,7', 7, "GPRS services not allowed"),
        ("ps", "+CGREG: 3,3,,,,0,7", 7, "GPRS services not allowed"),
        ("eps", "+CEREG: 3,3,,,,0,8", 8, "EPS services and non-EPS services not allowed"),
        (
            "eps",
            '+CEREG: 5,3,"54DB","0F6B0578",7,0,11,"00100100","01000111"',
            11,
            "PLMN not allowed",
        ),
        ("eps", "+CEREG: 3,3,,,,1,8", 8, Absent("not a 3GPP cause")),
        ("eps", "+CEREG: 3,3,,,,0,0", Absent("modem answered 0"), Absent("modem answered 0")),
        ("eps", "+CEREG: 3,3,,,,0,255", Absent("modem answered 255"), Absent("modem answered 255")),
        ("nr5g", "+C5GREG: 3,3,,,,,,0,27", 27, "N1 mode not allowed"),
        ("nr5g", "+C5GREG: 3,3,,,,0,,0,27", 27, "N1 mode not allowed"),
        ("nr5g", "+C5GREG: 3,3,,,,,0,27", 27, "N1 mode not allowed"),
        ("nr5g", "+C5GREG: 3,3,,,,0,27", 27, "N1 mode not allowed"),
        ("nr5g", '+C5GREG: 2,3,"000001","000000101",11,1,"01"', GIVE_NONE, GIVE_NONE),
        ("eps", '+CEREG: 4,3,"54DB","0F6B0578",7,,,"00100100","01000111"', GIVE_NONE, GIVE_NONE),
        (
            "eps",
            "+CEREG: 0,1",
            Absent("registered, so there is no reject cause"),
            Absent("registered, so there is no reject cause"),
        ),
    ],
)
def test_a_reject_cause_is_read_where_the_domain_has_it(domain, line, cause, name):
    answer = reg.ReadRegistration(domain).parse((line,))
    facts = reg.to_registration(answer, domain, reg.ACT_NAMES)
    assert (facts.reject_cause, facts.reject_name) == (cause, name)


def test_a_line_under_the_own_name_goes_before_a_sisters():
    command = reg.ReadRegistration("ps")
    assert command.parse(("+CREG: 0,3", "+CGREG: 0,1")).stat == 1


def test_a_family_may_have_its_own_word_for_an_access_technology():
    assert reg.act_word("8", reg.act_names_of({8: "lte_m"}), GIVE_NONE) == "lte_m"
    assert reg.act_word("8", reg.ACT_NAMES, GIVE_NONE) == "ec_gsm_iot"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("READY", "ready"),
        ("SIM PIN", "pin_required"),
        ("SIM PUK", "puk_required"),
        ("SIM PIN2", "ready"),
        ("PH-SIM PIN", "ph_sim_lock"),
        ("PH-CORP PUK", "network_lock"),
        ("NOT INSERTED", "absent"),
        ("NOT READY", "busy"),
        ("EMPTY_EUICC", "no_profile"),
        ("SOMETHING NEW", "unknown"),
    ],
)
def test_the_words_of_cpin_are_states_of_the_contract(word, state):
    assert sim_access.sim_state_of_word(word) == state


@pytest.mark.parametrize(
    ("final", "state"),
    [
        ("+CME ERROR: 10", "absent"),
        ("+CME ERROR: SIM not inserted", "absent"),
        ("+CME ERROR: 13", "faulty"),
        ("+CME ERROR: SIM BUSY", "busy"),
        ("+CME ERROR: 5", "ph_sim_lock"),
        ("+CME ERROR: 44", "network_lock"),
        ("+CME ERROR: Network personalisation PIN required", "network_lock"),
        ("+CMS ERROR: 310", "absent"),
        ("+CMS ERROR: SIM PUK required", "puk_required"),
        ("+CMS ERROR: 500", "unknown"),
        ("+CME ERROR: 100", "unknown"),
        ("ERROR", "unknown"),
        ("timeout 5 s", "unknown"),
    ],
)
def test_a_refusal_of_cpin_is_a_state_of_the_contract(final, state):
    assert sim_access.sim_state_of_refusal(final) == state


def test_a_signal_sentinel_is_no_level():
    assert sig.ReadSignalQuality().parse(("+CSQ: 199,99",)).rssi_dbm == Absent("modem answered 199")
