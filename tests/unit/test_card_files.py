"""Each card file says what its bytes mean, and names file and offset where they mean nothing."""

import json

import pytest

from sim.errors import FileDecodeError, UnknownFileError
from sim.files.directories import DIRECTORIES, ISIM, MF, USIM
from sim.files.registry import (
    ALL_FILES,
    KEY_FILES,
    UNDECODED,
    files_in,
    find_file,
    find_file_in,
    key_files_in,
    undecoded_in,
)

VECTORS = [(file, vector) for file in ALL_FILES for vector in file.vectors]


@pytest.mark.parametrize(
    ("file", "vector"), VECTORS, ids=[f"{f.name}-{v.raw_hex[:24]}" for f, v in VECTORS]
)
def test_a_file_decodes_to_what_its_vector_says(file, vector):
    value = file.decode(bytes.fromhex(vector.raw_hex))
    assert value == vector.value
    assert json.loads(json.dumps(value)) == vector.value


# Of the others the length is part of the meaning.
PADDED = [
    (file, vector)
    for file, vector in VECTORS
    if file.name in {"EF.ICCID", "EF.IMSI", "EF.SPN", "EF.LOCI", "EF.EPSLOCI", "EF.PSLOCI"}
    or file.name in {"EF.FPLMN", "EF.ACC", "EF.PL", "EF.LI", "EF.DIR", "EF.ARR", "EF.PNN", "EF.SMS"}
]


@pytest.mark.parametrize(
    ("file", "vector"), PADDED, ids=[f"{f.name}-{v.raw_hex[:24]}" for f, v in PADDED]
)
def test_filler_behind_the_content_changes_nothing(file, vector):
    assert file.decode(bytes.fromhex(vector.raw_hex) + b"\xff" * 3) == vector.value


BROKEN = {
    "ICCID too short": ("EF.ICCID", "9800010100FFFFFFFFFF", 5),
    "ICCID that begins with a letter": ("EF.ICCID", "A8000101000000000081", 0),
    "IMSI longer than a file": ("EF.IMSI", "090910101032547698", 0),
    "IMSI of no digits": ("EF.IMSI", "010910101032547698", 0),
    "IMSI cut short": ("EF.IMSI", "0809101010", 5),
    "IMSI of another type": ("EF.IMSI", "080A10101032547698", 1),
    "IMSI with a letter": ("EF.IMSI", "0809101010325476A8", 8),
    "IMSI with a hole": ("EF.IMSI", "080910F0103254769F", 3),
    "even IMSI without its filler": ("EF.IMSI", "080110101032547698", 8),
    "IMSI that ends too soon": ("EF.IMSI", "08091010103254FFFF", 7),
    "AD of two bytes": ("EF.AD", "0000", 2),
    "SPN of one byte": ("EF.SPN", "00", 1),
    "SPN in no alphabet": ("EF.SPN", "0041C3A4FFFF", 2),
    "SPN of half a surrogate": ("EF.SPN", "0080D80000410042FFFF", 2),
    "SPN that announces too much": ("EF.SPN", "0081090861", 2),
    "LOCI cut short": ("EF.LOCI", "FFFFFFFFFFFFFF0000FF", 10),
    "LOCI in no network": ("EF.LOCI", "FFFFFFFF0AF1101F2EFF00", 4),
    "LOCI with a bad MNC": ("EF.LOCI", "FFFFFFFF00F1A01F2EFF00", 6),
    "EPSLOCI cut short": ("EF.EPSLOCI", "FF" * 17, 17),
    "EPSLOCI in no network": ("EF.EPSLOCI", "FF" * 12 + "0AF1104A5B00", 12),
    "PSLOCI cut short": ("EF.PSLOCI", "FF" * 13, 13),
    "FPLMN with a bad entry": ("EF.FPLMN", "00F110FFFFFF00F1A0FFFFFF", 8),
    "FPLMN with half an entry": ("EF.FPLMN", "00F11000F1", 3),
    "PLMNwAcT with half an entry": ("EF.PLMNwAcT", "00F110400000F1", 5),
    "ACC of one byte": ("EF.ACC", "00", 1),
    "PL with a digit": ("EF.PL", "656E3031", 2),
    "PL with half a language": ("EF.PL", "656E7A", 2),
    "MSISDN shorter than a number": ("EF.MSISDN", "0791", 2),
    "MSISDN of 12 bytes": ("EF.MSISDN", "41FF0C91449967452301F0FFFFFFFFFFFF", 3),
    "MSISDN with digits behind the end": ("EF.MSISDN", "079144F967452301F0FFFFFFFFFF"[:28], 3),
    "DIR without its template": ("EF.DIR", "4F07A0000000871002", 0),
    "DIR without an AID": ("EF.DIR", "61065004555349" + "4D", 2),
    "DIR that runs over": ("EF.DIR", "61184F10A000", 0),
    "UST of nothing": ("EF.UST", "", 0),
    "ARR with a lone condition": ("EF.ARR", "9000", 0),
    "ARR with a lone mode": ("EF.ARR", "800101", 3),
    "PNN in an unknown coding": ("EF.PNN", "4302F041", 2),
    "OPL in no network": ("EF.OPL", "0AF1100000FFFE01", 0),
    "SMS cut short": ("EF.SMS", "0303079144", 5),
    "SMS that announces too much": ("EF.SMS", "07001100048110320008AA086D4B8BD5", 11),
    "SMSP shorter than its parameters": ("EF.SMSP", "FF" * 27, 27),
    "SMSP with a service centre of 12 bytes": (
        "EF.SMSP",
        "E1" + "FF" * 12 + "0C" + "FF" * 14,
        13,
    ),
    "ACL that announces too much": ("EF.ACL", "02DD0403696F74", 0),
    "ACL with a label cut short": ("EF.ACL", "01DD0405696F74", 3),
    "ACL with a label of no letters": ("EF.ACL", "01DD0201C3FF", 3),
    "incoming call on no day": ("EF.ICI", "FF" * 14 + "62312201020323" + "00000000FFFFFF", 14),
    "outgoing call in a zone beyond the world": (
        "EF.OCI",
        "FF" * 14 + "621122010203FF" + "000000FFFFFF",
        20,
    ),
    "outgoing call with letters for a date": (
        "EF.OCI",
        "FF" * 14 + "6A112201020323" + "000000FFFFFF",
        14,
    ),
    "incoming call cut short": ("EF.ICI", "FF" * 27, 27),
    "BDN without its last byte": ("EF.BDN", "FF" * 14, 14),
    "EXT cut short": ("EF.EXT1", "02FF", 2),
    "EXT with digits behind the end": ("EF.EXT1", "020321F343FFFFFFFFFFFFFFFF", 3),
    "PBR with an identifier of one byte": ("EF.PBR", "A803C0014F", 2),
    "PBR that runs over": ("EF.PBR", "A80AC003", 0),
    "SPDI of another kind": ("EF.SPDI", "A403800100", 0),
    "SPDI with half a network": ("EF.SPDI", "A304800200F1", 4),
    "CNL with half an entry": ("EF.CNL", "00F11001", 0),
    "IMPI in no alphabet": ("EF.IMPI", "800241C3", 3),
    "IMPI in another object": ("EF.IMPI", "810141", 0),
    "P-CSCF with half an address": ("EF.P-CSCF", "8003010A00", 2),
    "SUCI with half a scheme": ("EF.SUCI_Calc_Info", "A00101", 0),
    "SUCI with a key that has no number": ("EF.SUCI_Calc_Info", "A1038101A1", 2),
    "routing indicator with a letter": ("EF.Routing_Indicator", "A0FFFFFF", 0),
    "pairing neither OK nor KO": ("EF.IPS", "4F4F01FF", 0),
    "paired device with a letter": ("EF.IPD", "8001A1", 2),
    "FDN URI without its object": ("EF.FDNURI", "4F7073", 0),
    "5GS location cut short": ("EF.5GS3GPPLOCI", "FF" * 19, 19),
    "5GS location in no network": ("EF.5GS3GPPLOCI", "FF" * 13 + "0AF110004A5B00", 13),
    "MBI of three bytes": ("EF.MBI", "010203", 3),
    "PUCT of four bytes": ("EF.PUCT", "434E590F", 4),
    "emergency numbers of a SIM, half of one": ("DF.GSM/EF.ECC", "11F2FF11", 3),
}


@pytest.mark.parametrize(("name", "raw", "offset"), BROKEN.values(), ids=BROKEN)
def test_bad_bytes_are_refused_with_file_and_offset(name, raw, offset):
    with pytest.raises(FileDecodeError) as caught:
        find_file(name).decode(bytes.fromhex(raw))
    assert (caught.value.file, caught.value.offset) == (name.rpartition("/")[2], offset)
    assert str(offset) in str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("EF.IMSI", "EF.IMSI"),
        ("EF_IMSI", "EF.IMSI"),
        ("ef.imsi", "EF.IMSI"),
        ("6f07", "EF.IMSI"),
        ("6F38", "EF.UST"),
        ("EF.SST", "EF.SST"),
        ("2FE2", "EF.ICCID"),
        ("6F06", "EF.ARR"),
        ("EF.HPLMNwAcT", "EF.HPLMNwAcT"),
        ("6F05", "EF.LI"),
    ],
)
def test_a_file_is_found_by_name_or_identifier(wanted, name):
    assert find_file(wanted).name == name


@pytest.mark.parametrize(
    "wanted", ["EF.NOPE", "6FFF", "", "EF.", "6F7", "IMSI", "EF.Keys", "6F08", "DF.GSM/EF.UST"]
)
def test_a_file_that_we_do_not_decode_is_unknown(wanted):
    with pytest.raises(UnknownFileError):
        find_file(wanted)


def test_an_identifier_means_what_its_directory_says():
    assert find_file_in("MF/ADF.USIM", 0x6F07).name == "EF.IMSI"
    assert find_file_in("MF/ADF.ISIM", 0x6F07).name == "EF.IST"
    assert find_file_in("MF/DF.GSM", 0x6F38).name == "EF.SST"
    assert find_file_in("MF/ADF.ISIM", 0x6F06).name == "EF.ARR"
    assert find_file_in("MF/DF.GSM", 0x6F05).name == "EF.LP"
    assert find_file_in("MF/DF.GSM", 0x6FB7) is not find_file_in("MF/ADF.USIM", 0x6FB7)
    assert find_file_in("MF/ADF.USIM", 0x4F01) is None
    assert find_file("DF.GSM/EF.ECC").parents == ("MF/DF.GSM",)
    assert find_file("adf.usim/df.5gs/4f01").name == "EF.5GS3GPPLOCI"
    assert find_file("ADF.ISIM/6F07").name == "EF.IST"


def test_every_file_has_vectors_of_its_own_with_a_source_and_a_place():
    for file in ALL_FILES:
        assert file.vectors, file.name
        assert all(vector.source for vector in file.vectors), file.name
        assert file.parents, file.name
        assert file.structure in {"transparent", "linear_fixed", "cyclic"}, file.name
        assert file.title, file.name
        assert file.source, file.name


def leaves(value):
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in leaves(member)]
    return [value]


@pytest.mark.parametrize("size", [32, 64])
def test_a_file_that_was_never_written_says_nothing(size):
    for file in ALL_FILES:
        value = file.decode(b"\xff" * size)
        value.pop("empty", None)
        assert [leaf for leaf in leaves(value) if leaf not in (None, [])] == [], file.name


def test_no_byte_at_all_is_no_file():
    for file in ALL_FILES:
        with pytest.raises(FileDecodeError) as caught:
            file.decode(b"")
        assert caught.value.offset == 0, file.name


def test_in_one_directory_an_identifier_means_one_file_and_keys_are_never_decoded():
    decoded = [(parent, f.fid) for f in ALL_FILES for parent in f.parents if f.fid is not None]
    listed = [(parent, f.fid) for f in UNDECODED for parent in f.parents]
    keys = [(parent, f.fid) for f in KEY_FILES for parent in f.parents]
    places = decoded + listed + keys
    assert len(set(places)) == len(places)
    assert {parent for parent, _ in places} <= {MF, USIM, ISIM} | {d.path for d in DIRECTORIES}
    assert [file.name for file in files_in("MF/ADF.ISIM")][:2] == ["EF.ARR", "EF.AD"]
    assert "EF.Keys" in [file.name for file in key_files_in("MF/ADF.USIM")]
    assert "EF.URSP" in [file.name for file in undecoded_in("MF/ADF.USIM/DF.5GS")]


# Built by hand after TS 23.040 clause 9.2: status, no service centre, then the TPDU.
MESSAGES = {
    "a part of a longer one": (
        "0300440481103200006211220102030009050003AA02019069",
        ("received_unread", "0123", "Hi"),
    ),
    "from a name": (
        "01000406D04FF81C00006211220102030002C834",
        ("received_read", "Ops", "Hi"),
    ),
    "binary": ("0300040481103200046211220102030002CAFE", ("received_unread", "0123", None)),
    "binary of a message class": (
        "0300040481103200F66211220102030002CAFE",
        ("received_unread", "0123", None),
    ),
    "UCS2 of a waiting indication": (
        "0300040481103200E062112201020300026D4B",
        ("received_unread", "0123", "测"),
    ),
    "compressed": ("0300040481103200206211220102030002C834", ("received_unread", "0123", None)),
    "without an address": ("0500010000FF000002C834", ("stored_sent", None, "Hi")),
    "a status report": ("030006FFFF", ("received_unread", None, None)),
    "a status report with a bad address": ("030006FF0481ABFF", ("received_unread", None, None)),
    "a status report whose address is cut off": (
        "0300060914810032",
        ("received_unread", None, None),
    ),
    "over a service centre that is no number": (
        "0303910FF0" + "040481103200006211220102030002C834",
        ("received_unread", "0123", "Hi"),
    ),
    "with a header that runs over": (
        "0300440481103200046211220102030004030005CA",
        ("received_unread", "0123", None),
    ),
    "a part of no number": (
        "0300440481103200086211220102030008050003010203" + "0041",
        ("received_unread", "0123", "A"),
    ),
    "without text": ("0300040481103200006211220102030000", ("received_unread", "0123", "")),
}


@pytest.mark.parametrize(("raw", "expected"), MESSAGES.values(), ids=MESSAGES)
def test_a_message_says_from_whom_and_what(raw, expected):
    value = find_file("EF.SMS").decode(bytes.fromhex(raw) + b"\xff" * 4)
    assert (value["status"], value["address"], value["text"]) == expected
    assert raw[2:].startswith(value["pdu"])


def test_a_name_may_use_the_extension_of_the_alphabet():
    raw = bytes.fromhex("001B651B3C411B3EFFFF")
    assert find_file("EF.SPN").decode(raw)["spn"] == "€[A]"
