"""Files are found and read whole on all kinds of cards, with all quirks that cards have."""

from pathlib import Path

import pytest

from sim.errors import (
    ApduProtocolError,
    CardReset,
    ReaderError,
    StatusWordError,
    UnknownFileError,
)
from sim.filesystem import CardFilesystem
from sim.simulator import SimulatedCard
from sim.transport.memory import MemoryTransport
from sim.transport.trace import RecordingTransport, ReplayTransport

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
LONG = bytes(i % 251 for i in range(700))


def profile(**more):
    return {
        "name": "test",
        "identity": {"iccid": "89001010000000000018", "imsi": "001010123456789", "mnc_length": 2},
        "file": [
            {"path": "ADF.USIM/6FA0", "hex": LONG.hex()},
            {"path": "DF.GSM/6FA1", "hex": "01"},
            {"path": "DF.TELECOM/6FA1", "hex": "02"},
            {"path": "ADF.USIM/6FA1", "hex": "03"},
            {"path": "ADF.USIM/5F3B/4F20", "hex": "04"},
            {"path": "ADF.USIM/6FA2", "records": ["AA01", "AA02", "AA03"]},
            {"path": "DF.TELECOM/6F40", "records": ["BB"]},
        ],
    } | more


class Counted:
    """A transport that keeps the commands."""

    name = "counted"

    def __init__(self, card):
        self.card = card
        self.commands = []

    def transmit(self, command):
        self.commands.append(command.hex().upper())
        return self.card.transmit(command)

    def close(self):
        self.card = None


def filesystem(**more):
    return CardFilesystem(MemoryTransport(SimulatedCard.load(profile(**more)).transmit))


QUIRKS = {
    "by the book": {},
    "FCP inline": {"answer": "inline"},
    "91xx for 9000": {"proactive": ["D009810301020082028182"]},
    "empty at Le 00": {"le_zero": "empty"},
    "data at Le 00": {"le_zero": "data"},
    "6282 past the end": {"overlong": "6282"},
    "no class A0": {"class_gsm": False},
    "no logical channels": {"logical_channels": 0},
}


@pytest.mark.parametrize("behaviour", QUIRKS.values(), ids=QUIRKS)
def test_files_of_every_structure_read_whole_whatever_the_card_is_like(behaviour):
    files = filesystem(behaviour=behaviour)
    assert files.read_transparent("MF/EF.ICCID").hex() == "98000101000000000081"
    assert files.read_transparent("MF/ADF.USIM/EF.IMSI").hex() == "080910101032547698"
    assert files.read_transparent("MF/ADF.USIM/6FA0") == LONG
    assert files.read_records("MF/ADF.USIM/6FA2") == (b"\xaa\x01", b"\xaa\x02", b"\xaa\x03")
    assert files.kind == "usim"


def test_one_identifier_in_three_directories_is_three_files():
    files = filesystem()
    paths = ["MF/DF.GSM/6FA1", "MF/ADF.USIM/6FA1", "MF/DF.TELECOM/6FA1", "MF/DF.GSM/6FA1"]
    assert [files.read_transparent(path).hex() for path in paths] == ["01", "03", "02", "01"]
    assert files.read_transparent("MF/ADF.USIM/5F3B/4F20") == b"\x04"
    assert files.read_transparent("MF/ADF.USIM/6FA1") == b"\x03"


def test_a_2g_card_is_read_with_class_a0():
    files = CardFilesystem(MemoryTransport(SimulatedCard.from_toml(CARDS / "sim_2g.toml").transmit))
    assert files.cla == 0xA0
    assert files.kind == "sim"
    assert files.read_transparent("MF/DF.GSM/EF.IMSI").hex() == "080910100000001020"
    assert files.read_transparent("MF/DF.GSM/EF.AD").hex() == "000000"
    assert len(files.read_records("MF/DF.TELECOM/EF.MSISDN")) == 2
    assert files.applications() == ()


def test_what_is_selected_is_not_selected_again():
    transport = Counted(SimulatedCard.load(profile()))
    files = CardFilesystem(transport)
    files.read_transparent("MF/ADF.USIM/6FA1")
    transport.commands.clear()
    files.read_transparent("MF/ADF.USIM/EF.IMSI")
    selects = [command for command in transport.commands if command[2:4] == "A4"]
    assert selects == ["00A40004026F07"]


def test_a_refused_directory_leaves_the_card_where_it_was():
    files = filesystem()
    assert files.read_transparent("MF/ADF.USIM/6FA1") == b"\x03"
    with pytest.raises(StatusWordError) as caught:
        files.read_transparent("MF/ADF.ISIM/6FA1")
    assert caught.value.sw == 0x6A82
    assert files.read_transparent("MF/ADF.USIM/6FA1") == b"\x03"


def test_a_file_that_is_not_there_says_so():
    with pytest.raises(StatusWordError, match="file not found"):
        filesystem().read("MF/ADF.USIM/EF.SPN")


def test_a_file_with_a_lock_says_so():
    locked = {"pin1": {"enabled": True}}
    with pytest.raises(StatusWordError) as caught:
        filesystem(**locked, file=[{"path": "MF/2F05", "hex": "01", "read": "pin1"}]).read(
            "MF/2F05"
        )
    assert caught.value.sw == 0x6982


def test_the_structure_asked_for_must_be_the_files():
    with pytest.raises(ApduProtocolError):
        filesystem().read_transparent("MF/ADF.USIM/6FA2")
    with pytest.raises(ApduProtocolError):
        filesystem().read_records("MF/ADF.USIM/6FA1")


@pytest.mark.parametrize("path", ["MF/EF.NOPE", "MF/DF.NOPE/EF.IMSI", "MF/6F0", "MF/XYZ", "MF/"])
def test_a_name_that_nobody_knows_is_refused(path):
    with pytest.raises(UnknownFileError):
        filesystem().read(path)


def test_a_card_that_takes_no_class_is_refused():
    with pytest.raises(StatusWordError, match="class not supported"):
        CardFilesystem(MemoryTransport(lambda _: b"\x6e\x00")).read("MF/EF.ICCID")


class WithoutFcp:
    """A way to the card that confirms SELECT and says nothing of the file, as +CRSM may."""

    name = "without FCP"

    def __init__(self, card):
        self.card = card

    def transmit(self, command):
        if command[1] == 0xA4 and command[2] == 0x04:
            return b"\x6a\x82"
        answer = self.card.transmit(command)
        return b"\x90\x00" if answer[0] == 0x61 and command[1] == 0xA4 else answer

    def close(self):
        self.card = None


@pytest.mark.parametrize("le_zero", ["6c", "data"])
def test_a_file_reads_whole_where_nothing_is_said_of_it(le_zero):
    card = SimulatedCard.load(profile(behaviour={"le_zero": le_zero}))
    card.transmit(bytes.fromhex("00A4040C07A0000000871002"))
    files = CardFilesystem(WithoutFcp(card))
    assert files.read("MF/EF.ICCID")[1] == (bytes.fromhex("98000101000000000081"),)
    info, records = files.read("MF/EF.DIR")
    assert (info.structure, info.record_count, len(records)) == ("linear_fixed", 2, 2)


@pytest.mark.parametrize("fcp", ["6203", "6F00", "0000", "62028001"], ids=lambda fcp: fcp)
def test_a_description_that_cannot_be_read_keeps_no_file_from_being_read(fcp):
    card = SimulatedCard.load(profile())

    def plate(command):
        if command[1] == 0xC0:
            return bytes.fromhex(fcp) + b"\x90\x00"
        return card.transmit(command)

    files = CardFilesystem(MemoryTransport(plate))
    assert files.read("MF/EF.ICCID")[1] == (bytes.fromhex("98000101000000000081"),)
    assert files.read("MF/ADF.USIM/6FA0")[1] == (LONG,)


def test_success_without_data_is_no_empty_file():
    card = SimulatedCard.load(profile(behaviour={"le_zero": "empty"}))
    with pytest.raises(ApduProtocolError, match="without data"):
        CardFilesystem(WithoutFcp(card)).read("MF/EF.ICCID")


def test_an_application_that_is_active_is_not_started_anew_under_the_modem():
    transport = Counted(SimulatedCard.load(profile()))
    transport.card.transmit(bytes.fromhex("00A4040C07A0000000871002"))
    assert CardFilesystem(transport).read_transparent("MF/ADF.USIM/6FA1") == b"\x03"
    assert "00A40004027FFF" in transport.commands
    assert [c for c in transport.commands if c.startswith("00A404")] == []


def test_an_active_application_that_is_another_one_is_left_for_the_right_one():
    isim = "A0000000871004FF86FF0389FFFFFFFF"
    files = [*profile()["file"], {"path": f"{isim}/6FA1", "hex": "05"}]
    transport = Counted(SimulatedCard.load(profile(file=files)))
    transport.card.transmit(bytes.fromhex("00A4040C07A0000000871004"))
    card = CardFilesystem(transport)
    assert card.read_transparent("MF/ADF.USIM/6FA1") == b"\x03"
    assert [a.name for a in card.applications()] == ["ADF.USIM"]
    assert card.read_transparent("MF/ADF.ISIM/6FA1") == b"\x05"
    assert card.read_transparent("MF/ADF.USIM/6FA1") == b"\x03"


def test_7fff_stands_in_where_an_aid_is_refused_and_nothing_is_said_of_it():
    card = SimulatedCard.load(profile())
    card.transmit(bytes.fromhex("00A4040C07A0000000871002"))
    files = CardFilesystem(WithoutFcp(card))
    assert files.read("MF/ADF.USIM/6FA1")[1] == (b"\x03",)


def test_after_a_reset_nothing_is_taken_for_granted():
    card = SimulatedCard.load(profile())
    lost = []

    def plate(command):
        if lost:
            lost.clear()
            card.reset()
            raise CardReset
        return card.transmit(command)

    files = CardFilesystem(MemoryTransport(plate))
    assert files.read_transparent("MF/ADF.USIM/6FA1") == b"\x03"
    lost.append("now")
    with pytest.raises(CardReset):
        files.read_transparent("MF/ADF.USIM/6FA1")
    assert files.read_transparent("MF/ADF.USIM/6FA1") == b"\x03"


def test_a_dialogue_is_recorded_and_played_back():
    card = SimulatedCard.load(profile())
    lines = []
    CardFilesystem(RecordingTransport(MemoryTransport(card.transmit), lines.append)).read(
        "MF/EF.ICCID"
    )
    assert lines[:2] == ["> 00A40004023F00\n", "< 6125\n"]
    replay = ReplayTransport(["# a comment\n", "\n", *lines])
    files = CardFilesystem(replay)
    assert files.read_transparent("MF/EF.ICCID").hex() == "98000101000000000081"
    with pytest.raises(ApduProtocolError, match="over"):
        files.read_transparent("MF/EF.ICCID")


def test_a_trace_refuses_another_command_and_a_broken_line():
    with pytest.raises(ApduProtocolError, match="number 1"):
        ReplayTransport(["> 00A4", "< 9000"]).transmit(b"\x00")
    for lines in (["< 9000"], ["> 00", "> 00"], ["> 0G"], ["? 00"]):
        with pytest.raises(ApduProtocolError, match="line"):
            ReplayTransport(lines)


def test_a_closed_transport_says_so():
    transport = MemoryTransport(lambda _: b"\x90\x00")
    transport.close()
    transport.close()
    with pytest.raises(ReaderError):
        transport.transmit(bytes.fromhex("80F2000000"))
