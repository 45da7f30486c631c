"""`simward sim read` through a modem: every way to the card, every card, every refusal."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from agent.cli import main
from agent.i18n import set_language
from modem.card_access import read_ef_iccid
from modem.simulator.card_slot import load_card
from modem.simulator.faults import Wrapper
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from modem.simulator.profile import CannedAnswer, ModemProfile
from sim.inspector import inspect
from sim.transport.memory import MemoryTransport
from tests.fault.cards import card
from tests.fault.meddling import Meddler, swap_in_silence

USIM_AID = bytes.fromhex("A0000000871002")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("SIMWARD_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SIMWARD_DEVICE__STATE_DIR", str(tmp_path / "state"))
    yield
    set_language("en")


def modem(card="usim_test", without=(), answers=()):
    profile = ModemProfile.load("quectel_ec25")
    canned = {answer.command: answer for answer in answers}
    profile = replace(
        profile,
        without=profile.without | frozenset(without),
        answers={**profile.answers, **canned},
    )
    return SimulatedModem(profile, load_card(card) if card else None)


@contextmanager
def served(device):
    with serve_tcp(device) as port:
        yield ["sim", "read", "--port", port.url]


def read(capsys, device, *options, lang="en"):
    """(exit code, standard output, standard error)."""
    with served(device) as arguments:
        code = main(["--lang", lang, *arguments, *options])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_every_way_reads_the_same(capsys):
    documents = []
    for without in ((), ("+CSIM",), ("+CSIM", "+CRSM")):
        code, out, _ = read(capsys, modem(without=without), "--json")
        assert code == 0
        documents.append(json.loads(out))
    ways = [document["transport"] for document in documents]
    assert ways == ["AT+CSIM", "AT+CRSM", "AT+CGLA"]
    assert documents[0]["files"] == documents[1]["files"] == documents[2]["files"]


def test_every_file_is_read_on_every_way_and_only_where_it_is(capsys):
    documents = []
    for without in ((), ("+CSIM",), ("+CSIM", "+CRSM")):
        code, out, _ = read(capsys, modem("usim_isim", without=without), "--all", "--json")
        assert code == 0
        documents.append(json.loads(out))
    csim, crsm, cgla = (
        {f["path"]: f for f in each["files"] if f["absent"] != "not on the card"}
        for each in documents
    )
    assert csim == cgla
    assert crsm == {path: file for path, file in csim.items() if "ADF.ISIM" not in path}
    (isim,) = [d for d in documents[1]["directories"] if d["path"] == "MF/ADF.ISIM"]
    assert isim["absent"].startswith("another application than the modem's")


def test_everything_in_words_is_masked(capsys):
    code, out, told = read(capsys, modem("personal"), "--all")
    assert (code, told) == (0, "")
    assert "subscription number" in out
    assert "001010123456787" not in out


def test_the_whole_card_is_found_where_a_modem_lets_only_selects_through_csim(capsys):
    blocked = CannedAnswer('AT+CSIM=10,"00B000000A"', final="+CME ERROR: 3")
    code, out, _ = read(capsys, modem(answers=[blocked]), "--all", "--json")
    document = json.loads(out)
    assert (code, document["transport"], document["scope"]) == (0, "AT+CRSM", "all")


def test_a_logical_channel_is_given_back(capsys):
    device = modem(without=("+CSIM", "+CRSM"))
    assert read(capsys, device)[0] == 0
    commands = [command for _, command in device.log]
    assert 'AT+CCHO="A0000000871002"' in commands
    assert not device.state.channels


def test_a_modem_that_lets_only_selects_through_csim_is_read_through_crsm(capsys):
    blocked = CannedAnswer('AT+CSIM=10,"00B000000A"', final="+CME ERROR: 3")
    code, out, _ = read(capsys, modem(answers=[blocked]), "--json")
    document = json.loads(out)
    assert (code, document["transport"]) == (0, "AT+CRSM")
    assert document["iccid"] == "89001010000000000018"


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("", "no card"),
        (
            "pin_locked",
            "neither AT+CSIM, AT+CRSM nor AT+CGLA leads to the card (locked, PIN required)",
        ),
        ("usim_test", "neither AT+CSIM, AT+CRSM nor AT+CGLA leads to the card (ERROR)"),
    ],
    ids=["no card", "PIN", "no way"],
)
def test_where_no_way_leads_to_the_card_its_state_says_why(capsys, card, words):
    told = read(capsys, modem(card, without=("+CSIM", "+CRSM", "+CCHO")), "--json")
    assert told == (4, "", f"simward: {words}\n")


def test_a_locked_card_is_exit_4_and_shows_what_anybody_may_read(capsys):
    code, out, _ = read(capsys, modem("pin_locked"), "--json")
    files = {file["file"]: file for file in json.loads(out)["files"]}
    assert code == 4
    assert files["EF.ICCID"]["value"] == {"iccid": "89001010000000000026"}
    assert (files["EF.IMSI"]["absent"], files["EF.IMSI"]["sw"]) == ("PIN or key required", "6982")


class Pulled(Wrapper):
    """Whose card is taken out when the `after`th command comes."""

    def __init__(self, device, after):
        super().__init__(device)
        self.device, self.left = device, after

    def receive(self, data, now):
        self.left -= data.count(b"\r")
        if self.left == 0:
            self.device.remove_card()
        super().receive(data, now)


@pytest.mark.parametrize("without", [(), ("+CSIM",)], ids=["AT+CSIM", "AT+CRSM"])
def test_a_card_pulled_in_the_middle_is_exit_4_and_every_file_has_a_reason(capsys, without):
    code, out, _ = read(capsys, Pulled(modem(without=without), 20), "--json")
    document = json.loads(out)
    assert code == 4
    assert document["iccid"] == "89001010000000000018"
    assert document["files"][-1]["absent"] == "no card"
    unexplained = [
        file["file"]
        for file in document["files"]
        if file["value"] is None and file["absent"] is None and not file["records"]
    ]
    assert unexplained == []


def test_damaged_files_say_where_they_stop_to_make_sense(capsys):
    code, out, _ = read(capsys, modem("damaged"))
    assert code == 4
    assert "EF.IMSI: offset 8: no digit" in out
    assert "EF.AD: offset 2: only 2 bytes" in out
    assert "0809101010325476A8" not in out
    assert "0809101010325476A8" in read(capsys, modem("damaged"), "--full")[1]


def test_the_text_in_chinese_has_no_english_words_of_ours(capsys):
    _, out, _ = read(capsys, modem(), lang="zh")
    english = ["record", "label", "services", "status", "updated", "name", "mode", "unknown"]
    assert [word for word in english if word in out] == []


def current_directory(card, cla="80"):
    """What the card says of the directory in which it stands."""
    length = card.transmit(bytes.fromhex(f"{cla}F2000000"))[-1]
    return card.transmit(bytes.fromhex(f"{cla}F20000{length:02X}"))


def test_after_reading_the_card_stands_where_the_modem_works():
    usim = load_card("usim_test")
    inspect(MemoryTransport(usim.transmit))
    assert USIM_AID in current_directory(usim)
    sim = load_card("sim_2g")
    inspect(MemoryTransport(sim.transmit))
    assert sim.transmit(bytes.fromhex("A0A40000026F07"))[0] == 0x9F  # EF.IMSI is in DF.GSM


ANSWERS = {
    "00A4000C023F00": "9000",
    "00A4000C022FE2": "9000",
    "00B000000A": "980001010000000000819000",
}


class Uicc:
    """A card with EF.ICCID that notes what it is asked."""

    name = "memory"

    def __init__(self):
        self.asked = []

    def transmit(self, command):
        self.asked.append(command.hex().upper())
        return bytes.fromhex(ANSWERS.get(self.asked[-1], "6D00"))

    def close(self):
        pass


def test_reading_the_iccid_alone_puts_the_card_back_too():
    card = Uicc()
    assert read_ef_iccid(card) == bytes.fromhex("98000101000000000081")
    assert card.asked[-1] == "00A4000C027FFF"


@pytest.mark.parametrize("without", [(), ("+CSIM",)], ids=["AT+CSIM", "AT+CRSM"])
@pytest.mark.parametrize("number", [5, 9, 12, 20])
def test_a_card_that_is_changed_while_it_is_read_is_read_anew(capsys, without, number):
    device = modem(without=without)
    device.state.card = card("A")
    code, out, _ = read(capsys, Meddler(device, swap_in_silence, number), "--json")
    document = json.loads(out)
    imsi = next(each["value"]["imsi"] for each in document["files"] if each["file"] == "EF.IMSI")
    assert code == 0
    assert (document["iccid"], imsi) == ("89001010000000000026", "001010987654321")
