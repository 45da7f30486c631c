"""An eUICC's number and profiles: what is asked, what is understood, and what is left alone."""

import json
from dataclasses import replace

import pytest

from agent.cli import main
from agent.i18n import set_language
from agent.report import Seen, Stamp, birth_body, event_body, events, seen
from modem.card_access import read_euicc
from modem.engine import Engine
from modem.service import ModemService
from modem.simulator.card_slot import load_card
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from modem.simulator.profile import ModemProfile
from modem.simulator.scenario import read_scenario
from modem.vendors.select import load_profile
from sim.apdu import CommandApdu, ask_euicc
from sim.errors import ApduProtocolError, FileDecodeError, ReaderError, StatusWordError
from sim.euicc import Euicc, StoredProfile, eid_of_answer, isd_r, profiles_of_answer
from sim.identifiers import Eid, Iccid
from sim.instructions import ASK_EID
from sim.reading import Absent, absent
from sim.simulator import SimulatedCard
from sim.transport.pcsc import for_t1
from tests.device_stream import DeviceStream
from tests.unit.service_helpers import TAKEN_AT, ScriptedModem
from tests.unit.snapshot_helpers import MODEM, read, with_card

EID = "89001012012341234012345678901224"
ENABLED, OTHER = "89001010000000000075", "89001010000000000091"
BOTH = (
    StoredProfile(Iccid(ENABLED), "enabled", "operational", "IoT 100", "gateway", "Test Net"),
    StoredProfile(
        Iccid(OTHER), "disabled", "provisioning", "Bootstrap", Absent("not set"), "Other Test Net"
    ),
)


class Asked:
    """A card whose commands are kept; those that begin with `refused` are answered with 6D00."""

    name = "asked"

    def __init__(self, card, refused=()):
        self.card, self.refused, self.commands = card, refused, []

    def transmit(self, command):
        self.commands.append(command)
        if command.startswith(tuple(self.refused)):
            return b"\x6d\x00"
        return self.card.transmit(command)

    def close(self):
        pass


def euicc_card(**more):
    table = {"eid": EID, "profile": [], **more}
    return SimulatedCard.load({"name": "e", "kind": "euicc", "euicc": table})


def through(transport):
    with isd_r(transport) as asked:
        return asked.read()


# The card


def test_the_number_and_the_profiles_are_read():
    assert through(Asked(load_card("euicc"))) == Euicc(Eid(EID), BOTH)


def test_the_basic_channel_is_only_asked_for_another_one_which_is_closed_again():
    card = Asked(load_card("euicc"))
    through(card)
    basic = [command.hex() for command in card.commands if command[0] & 0x43 == 0]
    assert basic == ["0070000001", "0070800100"]
    assert {command[1] for command in card.commands} == {0x70, 0xA4, 0xC0, 0xE2}


def test_the_channel_is_closed_where_the_card_has_no_isd_r_too():
    card = Asked(load_card("usim_test"))
    with pytest.raises(StatusWordError) as told:
        through(card)
    assert told.value.sw == 0x6A82
    assert card.commands[-1].hex() == "0070800100"


def test_a_card_that_takes_no_list_of_wishes_is_asked_for_all():
    profile = {"name": "A", "provider": "B", "class": "test", "identity": {"iccid": ENABLED}}
    card = Asked(euicc_card(takes_tag_list=False, profile=[profile]))
    (told,) = through(card).profiles
    assert (told.iccid, told.profile_class) == (Iccid(ENABLED), "test")
    assert sum(command[1] == 0xE2 for command in card.commands) == 3


def test_a_card_without_profiles_has_an_empty_list():
    assert through(Asked(euicc_card())) == Euicc(Eid(EID), ())


def test_what_the_card_refuses_is_absent_and_the_rest_is_told():
    refused = bytes.fromhex("81E291000CBF2D"), bytes.fromhex("81E2910003BF2D")
    told = through(Asked(load_card("euicc"), refused))
    assert told.eid == Eid(EID)
    assert isinstance(told.profiles, Absent)
    assert told.has_enabled is None


@pytest.mark.parametrize(
    "request_hex",
    ["BF31105A0A98000101000000000057810100", "BF32025A00", "BF330C", "BF3400", "BF3E035C0158"],
    ids=["enable", "disable", "delete", "reset", "another question"],
)
def test_nothing_but_the_questions_can_be_written_down(request_hex):
    content = bytes.fromhex(request_hex)
    with pytest.raises(ApduProtocolError):
        ask_euicc(content)
    with pytest.raises(ApduProtocolError):
        CommandApdu(0x80, 0xE2, 0x91, 0x00, content)


def test_a_question_in_parts_cannot_be_written_down():
    with pytest.raises(ApduProtocolError):
        CommandApdu(0x80, 0xE2, 0x11, 0x00, ASK_EID)
    with pytest.raises(ApduProtocolError):
        CommandApdu(0x80, 0xE2, 0x91, 0x01, ASK_EID)


@pytest.mark.parametrize(
    ("content", "offset"),
    [("", 0), ("BF3E00", 0), ("BF3E035A0199", 5), ("BF3E125A10" + "FF" * 16, 5)],
    ids=["nothing", "no number", "short", "no digits"],
)
def test_an_answer_without_a_number_says_where(content, offset):
    with pytest.raises(FileDecodeError) as told:
        eid_of_answer(bytes.fromhex(content))
    assert (told.value.file, told.value.offset) == ("GetEuiccDataResponse", offset)


def test_a_profile_that_says_nothing_or_nonsense_is_listed_with_reasons():
    content = bytes.fromhex("BF2D0DA00BE300E3075A01009F700107")
    unsaid, nonsense = profiles_of_answer(content)
    assert unsaid.iccid == unsaid.state == unsaid.profile_class == Absent("the card does not tell")
    assert nonsense.iccid == nonsense.state == Absent("unreadable answer")


def test_a_list_that_is_an_error_is_no_empty_list():
    with pytest.raises(FileDecodeError):
        profiles_of_answer(bytes.fromhex("BF2D03810101"))


def test_over_t1_a_question_says_that_it_wants_an_answer():
    question = ask_euicc(ASK_EID, 1).to_bytes()
    assert question.hex() == "81e2910006bf3e035c015a"
    assert for_t1(question) == question + b"\x00"


# Through a modem


def modem(card="euicc", name="quectel_ec25", without=(), **options):
    profile = ModemProfile.load(name)
    profile = replace(profile, without=profile.without | frozenset(without))
    return SimulatedModem(profile, load_card(card), **options)


def sim_read(capsys, device, *options, lang="en"):
    with serve_tcp(device) as port:
        code = main(["--lang", lang, "sim", "read", "--port", port.url, *options])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("SIMWARD_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SIMWARD_DEVICE__STATE_DIR", str(tmp_path / "state"))
    yield
    set_language("en")


@pytest.mark.parametrize("without", [(), ("+CCHO",)], ids=["AT+CGLA", "AT+CSIM"])
def test_sim_read_lists_the_profiles_by_either_way(capsys, without):
    device = modem(without=without)
    code, out, _ = sim_read(capsys, device, "--json")
    told = json.loads(out)["euicc"]
    assert (code, told["eid"]) == (0, EID)
    assert told["profiles"] == [
        {
            "iccid": ENABLED, "state": "enabled", "class": "operational",
            "name": "IoT 100", "nickname": "gateway", "provider": "Test Net",
        },
        {
            "iccid": OTHER, "state": "disabled", "class": "provisioning",
            "name": "Bootstrap", "nickname": None, "provider": "Other Test Net",
        },
    ]  # fmt: skip
    assert told["absent"] == {"profiles.1.nickname": "not set"}
    assert not device.state.channels


def test_where_no_way_leads_to_the_isd_r_the_modems_words_say_why(capsys):
    _, out, _ = sim_read(capsys, modem(without=("+CCHO", "+CSIM")), "--json")
    told = json.loads(out)["euicc"]
    assert (told["eid"], told["profiles"]) == (None, None)
    assert told["absent"]["eid"] == "ERROR"


def test_in_words_numbers_are_masked_unless_asked_for(capsys):
    _, out, _ = sim_read(capsys, modem())
    assert "EID" in out
    assert "IoT 100" in out
    for number in (EID, ENABLED, OTHER):
        assert number not in out
    assert EID in sim_read(capsys, modem(), "--full")[1]
    assert OTHER in sim_read(capsys, modem(), "--all", "--full")[1]


def test_in_chinese_too(capsys):
    out = sim_read(capsys, modem(), lang="zh")[1]
    assert [word for word in ("已启用", "未启用", "引导开通用", "服务商") if word not in out] == []
    assert [word for word in ("enabled", "disabled", "provider", "nickname") if word in out] == []
    assert "不是 eUICC" in sim_read(capsys, modem("usim_test"), lang="zh")[1]


def test_an_empty_euicc_cannot_be_used_and_says_so(capsys):
    code, out, told = sim_read(capsys, modem("euicc_empty"), "--json")
    assert (code, json.loads(out)["euicc"]["profiles"][0]["state"]) == (4, "disabled")
    assert told == "simward: the card cannot be used: eUICC without an enabled profile\n"


def test_a_trace_is_read_again_with_its_profiles(capsys, tmp_path):
    trace = str(tmp_path / "trace")
    for without in ((), ("+CCHO",)):
        first = json.loads(sim_read(capsys, modem(without=without), "--json", "--trace", trace)[1])
        assert main(["sim", "read", "--json", "--replay", trace]) == 0
        assert json.loads(capsys.readouterr().out)["euicc"] == first["euicc"]


def status(capsys, device, *options):
    with serve_tcp(device) as port:
        code = main(["status", "--port", port.url, "--json", *options])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["quectel_ec25", "fibocom_fm350", "simcom_a7670", "ublox_sara_r4"])
def test_an_euicc_without_an_enabled_profile_is_no_ready_card(capsys, name):
    device = modem("euicc_empty", name)
    code, document = status(capsys, device)
    assert (code, document["sim"]["state"]) == (4, "no_profile")
    assert (document["sim"]["iccid"], document["sim"]["imsi"]) == (None, None)
    assert not device.state.channels


def test_the_number_is_told_where_the_card_alone_is_wanted(capsys):
    device = modem()
    assert status(capsys, device, "--only", "sim")[1]["sim"]["eid"] == EID
    assert not device.state.channels
    _, other = status(capsys, modem("usim_test"), "--only", "sim")
    assert (other["sim"]["eid"], other["absent"]["sim.eid"]) == (None, "ERROR")


def test_a_family_that_tells_the_number_by_itself_is_asked_no_channel(capsys):
    device = modem("euicc", "sequans_gm02s")
    assert status(capsys, device, "--only", "sim")[1]["sim"]["eid"] == EID
    assert not [command for _, command in device.log if command.startswith("AT+CCHO")]


REFUSED_CHANNEL = ScriptedModem(
    {
        "AT+CPIN?": ["+CPIN: READY"],
        "AT+CRSM=176,12258,0,0,10": ['+CRSM: 144,0,"98000101000000000081"'],
        "AT+CIMI": ["001010123456789"],
        'AT+CCHO="A0000005591010FFFFFFFF8900000100"': ["+CME ERROR: 3"],
    }
)


def test_a_channel_that_the_modem_refuses_is_the_reason():
    profile = load_profile("quectel_ec2x")
    service = ModemService(REFUSED_CHANNEL, profile=profile, now=lambda: TAKEN_AT)
    assert service.read(frozenset({"sim"})).sim.eid.reason == "+CME ERROR: 3"
    with pytest.raises(ReaderError, match="CME ERROR: 3"):
        read_euicc(REFUSED_CHANNEL)


def test_a_channel_that_the_isd_r_does_not_answer_on_is_closed():
    device = ScriptedModem({'AT+CCHO="A0000005591010FFFFFFFF8900000100"': ["2"]})
    with pytest.raises(ReaderError):
        read_euicc(device)
    assert "AT+CCHC=2" in device.sent


# A profile switched behind our back


EUICC = with_card(iccid=read(Iccid(ENABLED), "EF.ICCID"), eid=read(Eid(EID), "ISD-R"))
SWITCHED = with_card(iccid=read(Iccid(OTHER), "EF.ICCID"), eid=read(Eid(EID), "ISD-R"))
EMPTY = with_card(
    state=read("no_profile"), iccid=absent("no profile on the card"), eid=read(Eid(EID), "ISD-R")
)
UNASKED = with_card(iccid=read(Iccid(ENABLED), "EF.ICCID"), eid=absent("not asked"))
PLAIN = with_card(iccid=read(Iccid(OTHER), "EF.ICCID"), eid=absent("not an eUICC"))
ANOTHER = with_card(
    iccid=read(Iccid(OTHER), "EF.ICCID"), eid=read(Eid("89001012012341234012345678901321"), "ISD-R")
)


def story(*snapshots):
    before, told = None, []
    for snapshot in snapshots:
        now = seen(snapshot, before or Seen())
        told.append(events(1, before, now))
        before = Seen.from_json(now.to_json())  # as after a restart
    return told


def test_another_profile_on_the_same_chip_is_a_switch_and_no_other_card():
    (_, ((code, args),)) = story(EUICC, SWITCHED)
    assert code == "profile_switched"
    assert args == {"slot": 1, "eid": EID, "iccid": OTHER, "was": ENABLED}
    assert event_body(code, args, Stamp(7, 1.0, None))["args"] == args


def test_a_profile_that_is_disabled_and_enabled_again_is_told_both_times():
    first, off, still, on = story(EUICC, EMPTY, EMPTY, EUICC)
    assert (first, still) == ([], [])
    ((_, was),), ((_, came),) = off, on
    assert (was["iccid"], was["was"]) == (None, ENABLED)
    assert (came["iccid"], came["was"]) == (ENABLED, None)
    assert off[0][0] == on[0][0] == "profile_switched"


@pytest.mark.parametrize(
    ("snapshots", "codes"),
    [
        ([UNASKED, EUICC, UNASKED, EUICC], [[], [], [], []]),
        ([EUICC, UNASKED, SWITCHED], [[], [], ["profile_switched"]]),
        ([EUICC, PLAIN], [[], ["card_changed"]]),
        ([EUICC, ANOTHER], [[], ["card_changed"]]),
    ],
    ids=["learnt later", "unasked between", "a plain card instead", "another eUICC"],
)
def test_what_is_a_switch_and_what_is_another_card(snapshots, codes):
    assert [[code for code, _ in told] for told in story(*snapshots)] == codes


def test_the_number_is_in_the_birth():
    body = birth_body({1: EUICC}, {"synchronized": True, "at": None, "up_s": 5.0})
    assert body["cards"][0]["eid"] == EID
    assert "eid" not in birth_body({1: MODEM}, {"synchronized": True})["cards"][0]


def test_a_simulated_euicc_switches_by_the_clock_and_says_so(capsys):
    steps = [{"at_s": 0, "profile": OTHER}]
    device = modem(scenario=read_scenario("test", {"step": steps}))
    device.poll(1.0)
    assert status(capsys, device, "--only", "sim")[1]["sim"]["iccid"] == OTHER
    device.switch_profile(None)
    assert status(capsys, device, "--only", "sim")[1]["sim"]["state"] == "no_profile"
    registration = status(capsys, device)[1]["registration"]
    assert registration["eps"]["state"] == "not_registered"
    device.switch_profile("89001010000000000018")  # not on this chip
    assert status(capsys, device, "--only", "sim")[1]["sim"]["state"] == "no_profile"


def test_a_profile_switched_in_a_modem_is_the_event_of_its_next_sample():
    device = modem()
    stream = DeviceStream(device)
    service = ModemService(Engine(stream, clock=stream.clock), now=lambda: TAKEN_AT)
    shown = [service.read(sample=True)]
    for profile in (OTHER, None):
        device.switch_profile(profile)
        shown.append(service.read(sample=True))
    _, ((code, args),), ((_, gone),) = story(*shown)
    assert (code, args["was"], args["iccid"]) == ("profile_switched", ENABLED, OTHER)
    assert (gone["was"], gone["iccid"]) == (OTHER, None)
    assert [each.sim.state.known for each in shown] == ["ready", "ready", "no_profile"]
