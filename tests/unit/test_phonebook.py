"""Entries of a phone book are put together from all the files that they are spread over."""

from sim.files.registry import find_file
from sim.phonebook import assemble_phonebooks, number_in_full
from sim.records import RecordFile

BOOK = "MF/DF.TELECOM/DF.PHONEBOOK"


def number(digits, name=""):
    """A record of EF.ADN with six bytes of name and no links."""
    raw = digits.ljust(len(digits) + len(digits) % 2, "F")
    swapped = "".join(raw[at + 1] + raw[at] for at in range(0, len(raw), 2))
    body = bytes((1 + len(swapped) // 2, 0x81)) + bytes.fromhex(swapped)
    return name.encode().ljust(6, b"\xff") + body.ljust(12, b"\xff") + b"\xff\xff"


def linked(record, extension):
    return record[:-1] + bytes((extension,))


def extension(digits, following=0xFF):
    swapped = "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))
    data = bytes((len(digits) // 2,)) + bytes.fromhex(swapped)
    return b"\x02" + data.ljust(11, b"\xff") + bytes((following,))


def book(pbr, **files):
    """The assembled book of one set; `files` are records by FID (x4F3A)."""
    found = {f"{BOOK}/EF.PBR": RecordFile("EF.PBR", 1, {1: bytes.fromhex(pbr)})}
    for fid, records in files.items():
        found[f"{BOOK}/{fid[1:]}"] = RecordFile("", 4, records)
    (only,) = assemble_phonebooks(found)
    return only


def test_files_of_the_same_record_belong_to_the_entry_of_that_record():
    pbr = "A814" + "C0024F3A" + "C3024F19" + "C4024F11" + "C6024F26" + "C9024F21"
    pbr += "AA08" + "C7024F4B" + "C8024F4C"
    entries = book(
        pbr,
        x4F3A={2: number("112", "Anna")},
        x4F19={2: b"Ann" + b"\xff" * 3},
        x4F11={2: bytes.fromhex("010381214355" + "FF" * 9)},
        x4F26={2: b"\x01\x02"},
        x4F21={2: b"\x00\x07"},
        x4F4B={1: b"Work\xff"},
        x4F4C={1: b"Ops\xff"},
    )["entries"]
    assert entries == [
        {
            "set": 1,
            "record": 2,
            "name": "Anna",
            "number": "112",
            "further_numbers": [{"number": "1234", "kind": "Work"}],
            "second_name": "Ann",
            "emails": [],
            "groups": ["Ops", "2"],
            "uris": [],
            "uid": 7,
            "hidden": False,
        }
    ]


def test_files_by_index_are_found_through_ef_iap_in_its_order():
    pbr = "A808" + "C0024F3A" + "C1024F09" + "A90C" + "CA024F50" + "C3024F19" + "CA024F51"
    (entry,) = book(
        pbr,
        x4F3A={1: number("112", "Anna")},
        x4F09={1: b"\x03\x01\xff"},
        x4F50={3: b"a\x00b.c" + b"\x01\x01", 1: b"x\x00y.z" + b"\x01\x02"},
        x4F19={1: b"Ann" + b"\x01\x01"},
        x4F51={1: b"not hers" + b"\x01\x02"},
    )["entries"]
    assert (entry["emails"], entry["second_name"]) == (["a@b.c"], "Ann")


def test_a_long_number_goes_on_through_a_chain_of_extensions():
    pbr = "A804C0024F3A" + "AA04C2024F4A"
    (entry,) = book(
        pbr,
        x4F3A={1: linked(number("12345678901234567890"), 1)},
        x4F4A={1: extension("09876543210987654321", 2), 2: extension("1122")},
    )["entries"]
    assert entry["number"] == "12345678901234567890" + "09876543210987654321" + "1122"


def test_a_chain_that_bites_its_tail_ends():
    value = find_file("EF.EXT1").decode
    ring = {1: value(extension("12", 2)), 2: value(extension("34", 1))}
    record = linked(number("9"), 1)
    assert number_in_full(find_file("EF.ADN"), record, "9", ring) == "91234"
    assert number_in_full(find_file("EF.ADN"), record, "9", {}) is None
    assert number_in_full(find_file("EF.ADN"), number("9"), "9", ring) is None
    assert number_in_full(find_file("EF.GRP"), b"\x01", None, ring) is None


def test_each_record_of_ef_pbr_is_a_set_of_its_own():
    files = {
        f"{BOOK}/EF.PBR": RecordFile(
            "EF.PBR", 2, {1: bytes.fromhex("A804C0024F3A"), 2: bytes.fromhex("A804C0024F3B")}
        ),
        f"{BOOK}/4F3A": RecordFile("EF.ADN", 254, {1: number("1")}),
        f"{BOOK}/4F3B": RecordFile("EF.ADN", 254, {1: number("2")}),
    }
    (only,) = assemble_phonebooks(files)
    assert only["size"] == 508
    assert [(e["set"], e["record"], e["number"]) for e in only["entries"]] == [
        (1, 1, "1"),
        (2, 1, "2"),
    ]


def test_what_does_not_decode_or_is_not_there_costs_itself():
    pbr = "A80C" + "C0024F3A" + "C9024F21" + "CA024F50"
    (entry,) = book(
        pbr,
        x4F3A={1: number("1", "Anna"), 2: b"\x41" * 3, 3: b"\xff" * 20},
        x4F21={1: b"\x01"},
        x4F50={1: b"\xc3\xa4"},
    )["entries"]
    assert (entry["name"], entry["uid"], entry["emails"]) == ("Anna", None, [])


def test_a_hidden_entry_is_known_as_such():
    pbr = "A808" + "C0024F3A" + "C5024F09"
    (entry,) = book(pbr, x4F3A={1: number("1")}, x4F09={1: b"\x00\x01"})["entries"]
    assert entry["hidden"] is True


def test_the_book_of_a_sim_is_its_ef_adn_and_ef_ext1():
    home = "MF/DF.TELECOM"
    files = {
        f"{home}/EF.ADN": RecordFile("EF.ADN", 250, {7: linked(number("12"), 1)}),
        f"{home}/EF.EXT1": RecordFile("EF.EXT1", 2, {1: extension("34")}),
    }
    (only,) = assemble_phonebooks(files)
    assert (only["path"], only["size"]) == (f"{home}/EF.ADN", 250)
    assert [(e["set"], e["record"], e["number"]) for e in only["entries"]] == [(None, 7, "1234")]
