"""What on a card is somebody's, and what a free record of each file looks like."""

from pathlib import Path

import pytest

from agent.residue import counts_of, is_clearable, residue_document, vcards
from sim.files.registry import ALL_FILES
from sim.personal import STRUCTURE, PersonalFile, free, is_free, is_remains, kind_of, personal_files
from sim.simulator import SimulatedCard
from sim.survey import Manners, survey
from sim.transport.memory import MemoryTransport

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
PERSONAL = sorted({file.name for file in ALL_FILES if file.personal})


def file_with(name="EF.ADN", records=None, **words):
    return PersonalFile(
        **{
            "path": f"MF/ADF.USIM/{name}",
            "file": name,
            "kind": kind_of(name),
            "structure": "linear_fixed",
            "record_length": 4,
            "record_count": 5,
            "records": records or {},
            **words,
        }
    )


@pytest.mark.parametrize("name", PERSONAL)
def test_every_file_that_is_somebodys_has_a_kind_and_a_free_record(name):
    assert kind_of(name) not in {None, STRUCTURE}
    for length in (2, 30, 176):
        assert is_free(name, free(name, length))
        assert is_free(name, b"\xff" * length)


def test_files_that_are_nobodys_have_no_kind():
    for file in ALL_FILES:
        if not file.personal and file.name != "EF.PBR":
            assert kind_of(file.name) is None, file.name


@pytest.mark.parametrize(
    ("name", "record", "is_one"),
    [
        ("EF.SMS", "00" + "FF" * 20, True),
        ("EF.SMS", "00" + "0791" + "FF" * 18, False),
        ("EF.SMS", "01" + "0791" + "FF" * 18, False),
        ("EF.EXT1", "00" + "FF" * 12, True),
        ("EF.EXT1", "00" + "0211" + "FF" * 10, False),
        ("EF.GRP", "0000", True),
        ("EF.GRP", "0100", False),
        ("EF.ICI", "FF" * 23 + "0000000001FFFF", True),
        ("EF.ICI", "07914467452301F0FFFFFFFFFFFF6211220102032B0000000101FFFF", False),
        ("EF.ADN", "FF" * 30, True),
        ("EF.ADN", "FF" * 16 + "03912143" + "FF" * 10, False),
    ],
)
def test_a_record_is_free_or_somebodys(name, record, is_one):
    assert is_free(name, bytes.fromhex(record)) is is_one


def test_a_message_that_was_deleted_by_its_status_alone_counts_as_remains():
    remains, whole = bytes.fromhex("000791FF"), bytes.fromhex("010791FF")
    assert is_remains("EF.SMS", remains)
    assert not is_remains("EF.SMS", whole)
    counts = counts_of([file_with("EF.SMS", {1: remains, 3: whole})], None)
    assert (counts["messages"], counts["deleted_messages"]) == (1, 1)
    assert counts["modem_messages"] is None


MEMORY = {"name": "ME", "kind": "phonebook", "used": 0, "size": 9, "entries": None, "absent": None}


@pytest.mark.parametrize(
    ("books", "left"),
    [
        ({"stores": [MEMORY], "absent": None}, False),
        ({"stores": [], "absent": None}, False),
        ({"stores": [], "absent": "ERROR"}, None),
        ({"stores": [{**MEMORY, "used": None, "absent": "+CME ERROR: 14"}], "absent": None}, None),
        ({"stores": [{**MEMORY, "used": 1}], "absent": None}, True),
    ],
)
def test_nothing_is_left_only_where_the_modem_told_of_its_own_phone_books(books, left):
    messages = {"store": {"name": "ME", "used": 0, "size": 5}, "messages": None, "absent": None}
    document = {
        "taken_at": "2026-11-22T01:02:03.456Z",
        "clock_synchronized": True,
        "iccid": "89001010000000000018",
        "transport": "AT+CSIM",
        "files": [],
        "modem": {**messages, "books": books},
    }
    assert residue_document(document)["left"] is left


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (None, None),
        ("always", True),
        ("pin1", True),
        ("never", False),
        ("pin2", False),
        ({"any": ["adm1", "pin1"]}, True),
        ({"all": ["adm1", "pin1"]}, False),
    ],
)
def test_who_may_clear_a_file_is_what_the_card_says(update, expected):
    assert is_clearable(file_with(update=update)) is expected


def test_a_file_of_another_application_is_left_alone():
    foreign = file_with(path="MF/A0000000871002FF/EF.ADN", update="always")
    assert is_clearable(foreign) is False


def test_a_file_goes_into_a_document_and_back():
    file = file_with(records={2: b"\x01\x02", 11: b"\x03"}, update={"any": ["pin1"]})
    assert PersonalFile.from_json(file.to_json()) == file


def test_nothing_but_what_is_somebodys_is_read():
    card = SimulatedCard.from_toml(CARDS / "personal.toml")
    from sim.personal import is_wanted

    found = survey(MemoryTransport(card.transmit), manners=Manners.HOST, wanted=is_wanted)
    names = {file.file for file in found.files}
    assert names & {"EF.IMSI", "EF.LOCI", "EF.ARR"} == set()
    files = personal_files(found)
    counts = counts_of(files, None)
    assert (counts["phonebook"], counts["messages"], counts["calls"]) == (6, 6, 3)
    assert all(file.records for file in files if file.file == "EF.SMS")


def test_a_vcard_has_what_the_entry_has_and_no_line_that_is_too_long():
    entry = {
        "set": 1, "record": 1, "name": "王;小明" * 12, "number": "+999", "second_name": "M",
        "further_numbers": [{"number": "123", "kind": "work"}], "emails": ["a@example.org"],
        "groups": ["A", "B"], "uris": [], "uid": None, "hidden": False,
    }  # fmt: skip
    text = vcards([{"path": "x", "size": 1, "entries": [entry]}])
    lines = text.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    unfolded = text.replace("\r\n ", "").split("\r\n")
    assert unfolded[0] == "BEGIN:VCARD"
    assert "FN:" + "王\\;小明" * 12 in unfolded
    assert {"TEL;TYPE=VOICE:+999", "TEL;TYPE=VOICE:123", "EMAIL:a@example.org"} <= set(unfolded)
    assert "CATEGORIES:A,B" in unfolded
    assert unfolded[-2:] == ["END:VCARD", ""]
