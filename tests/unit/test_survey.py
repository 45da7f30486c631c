"""A card read whole: every directory and file, who may do what, and nothing done to the modem."""

import json
import tomllib
from pathlib import Path

import pytest

from sim.errors import CardAbsent, ReaderError
from sim.files.registry import KEY_FILES
from sim.filesystem import CardFilesystem
from sim.inspector import inspect
from sim.rights import AccessRights
from sim.simulator import SimulatedCard
from sim.survey import NOT_ENTERED, Manners, survey
from sim.transport.memory import MemoryTransport

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
UNUSUAL = {"path": "ADF.USIM/6F31", "hex": "05"}
KEY_FIDS = {file.fid for file in KEY_FILES}


class Watched:
    """A card whose commands are kept; `deaf` answers some instructions with a refusal."""

    name = "watched"

    def __init__(self, card, deaf=()):
        self.card, self.deaf, self.commands = card, deaf, []

    def transmit(self, command):
        self.commands.append(command)
        return b"\x6d\x00" if command[1] in self.deaf else self.card.transmit(command)

    def close(self):
        self.card = None


def card(name, *more_files, **more):
    if not more_files and not more:
        return SimulatedCard.from_toml(CARDS / f"{name}.toml")
    table = {
        "name": name,
        "identity": {"iccid": "89001010000000000018", "imsi": "001010123456789", "mnc_length": 2},
        "file": list(more_files),
        **more,
    }
    return SimulatedCard.load(table)


def by_path(snapshot):
    return {reading.path: reading for reading in snapshot.files}


def test_a_card_full_of_personal_data_is_read_whole():
    snapshot = survey(Watched(card("personal")))
    files = by_path(snapshot)
    assert snapshot.iccid == "89001010000000000083"
    assert files["MF/ADF.USIM/EF.ICI"].parts[0].value.known["at"] == "2026-11-20T08:15:00+08:00"
    assert files["MF/ADF.USIM/DF.PHONEBOOK/4F3A"].file == "EF.ADN"
    assert files["MF/EF.UMPC"].absent == "not on the card"
    document = snapshot.to_json()
    assert document["scope"] == "all"
    assert json.loads(json.dumps(document)) == document
    (book, sim_book) = document["phonebooks"]
    anna, wang, gate, long = book["entries"]
    assert (book["size"], sim_book["path"]) == (8, "MF/DF.TELECOM/EF.ADN")
    assert (anna["name"], anna["number"]) == ("Anna", "+99900000011")
    assert [each["number"] for each in anna["further_numbers"]] == ["+99900000021"]
    assert len(anna["emails"]) == 1
    assert (wang["name"], gate["name"]) == ("王小明", "Gate 7")
    assert long["number"] == files["MF/ADF.USIM/DF.PHONEBOOK/4F3A"].parts[3].number_in_full
    assert long["number"] == "999000000141234567890123"
    assert len(document["messages"]) == 5


@pytest.mark.parametrize("name", ["usim_isim", "personal", "pin_locked", "sim_2g", "damaged"])
def test_what_holds_keys_is_looked_at_and_never_read(name):
    watched = Watched(card(name))
    survey(watched)
    selected = None
    for command in watched.commands:
        if command[1] == 0xA4 and command[2] == 0x00:
            selected = int.from_bytes(command[5:7], "big")
        assert not (command[1] in {0xB0, 0xB2} and selected in KEY_FIDS), command.hex()


def test_a_file_that_holds_keys_is_listed_with_the_reason():
    keys = {"path": "ADF.USIM/6F08", "hex": "07" + "11" * 32}
    reading = by_path(survey(Watched(card("keys", keys))))["MF/ADF.USIM/EF.Keys"]
    assert (reading.absent, reading.parts) == ("holds keys: not read", ())
    assert reading.to_json()["size"] == 33


def current_application(simulated):
    length = simulated.transmit(bytes.fromhex("80F2000000"))[-1]
    return simulated.transmit(bytes.fromhex(f"80F20000{length:02X}"))


def test_an_isim_is_read_over_a_channel_of_its_own_that_is_closed_again():
    watched = Watched(card("usim_isim"))
    watched.card.transmit(bytes.fromhex("00A4040C07A0000000871002"))
    files = by_path(survey(watched))
    impi = files["MF/ADF.ISIM/EF.IMPI"].value.known["impi"]
    assert impi == "001010123456785@ims.mnc001.mcc001.3gppnetwork.org"
    assert files["MF/ADF.ISIM/EF.IST"].value.known == {"services": [1]}
    assert bytes.fromhex("A0000000871002") in current_application(watched.card)
    channels = [command[2] for command in watched.commands if command[1] == 0x70]
    assert channels == [0x00, 0x80]
    on_basic = [c for c in watched.commands if c[0] & 0x03 == 0 and c[1:3] == b"\xa4\x04"]
    assert [c for c in on_basic if c[5:12].hex() == "a0000000871004"] == []


@pytest.mark.parametrize(
    ("manners", "absent"), [(Manners.GUEST, NOT_ENTERED), (Manners.HOST, None)]
)
def test_without_channels_an_isim_is_entered_only_where_nobody_works_with_the_card(manners, absent):
    watched = Watched(card("usim_isim"), deaf={0x70})
    snapshot = survey(watched, manners=manners)
    (isim,) = [each for each in snapshot.directories if each.path == "MF/ADF.ISIM"]
    assert isim.absent == absent
    assert ("MF/ADF.ISIM/EF.IMPI" in by_path(snapshot)) is (absent is None)
    assert bytes.fromhex("A0000000871002") in current_application(watched.card)


def test_on_a_channel_of_our_own_no_other_one_is_opened():
    watched = Watched(card("usim_isim"))
    files = by_path(survey(watched, manners=Manners.TENANT))
    assert files["MF/ADF.ISIM/EF.IST"].value.known == {"services": [1]}
    assert [command for command in watched.commands if command[1] == 0x70] == []


_RULES = (
    "8001019000800102A40683010A950108",
    "FFFF",
    "800103A406830101950108",
    "8001019E0107",
    "9000",
)
RULES = {str(number): rule.ljust(36, "F") for number, rule in enumerate(_RULES, start=1)}


def ruled(reference, *, directory="", arr="6f06"):
    """A card whose EF.HPPLMN has this rule (8B, 8C or AB); EF.ARR is in the application."""
    usim = "3f00/a0000000871002"
    body = bytes.fromhex("8202412183026F31" + reference + "80020001")
    fcp = b"\x62" + bytes((len(body),)) + body
    aid = "61094F07A0000000871002FFFF"
    files = [
        {"fids": "3f00/2f00", "records": {"1": aid}},
        {"fids": usim, "fcp": "620D" + "82027821" + "8407A0000000871002"},
        {"fids": f"{usim}/{arr}", "records": RULES},
        {"fids": f"{usim}/{directory}6f31", "raw_hex": "05", "fcp": fcp.hex()},
    ]
    return SimulatedCard.from_files(files)


REFERENCES = {
    "its own words": ("8B036F0601", {"read": "always", "update": "adm1"}),
    "an empty record": ("8B036F0602", {"read": "never", "update": "never"}),
    "one right for both": ("8B036F0603", {"read": "pin1", "update": "pin1"}),
    "a condition of no known form": ("8B036F0604", {"read": "condition_9E_07", "update": "never"}),
    "a record that does not decode": ("8B036F0605", None),
    "a record that is not there": ("8B036F0606", None),
    "by security environment": ("8B066F0601030002", {"read": "pin1", "update": "pin1"}),
    "the number alone": ("8B0101", {"read": "always", "update": "adm1"}),
    "compact": ("8C0303FF00", {"read": "always", "update": "never"}),
    "expanded": ("AB058001019000", {"read": "always", "update": "never"}),
    "nothing said": ("8A0105", None),
}


@pytest.mark.parametrize(("reference", "access"), REFERENCES.values(), ids=REFERENCES)
def test_a_file_says_who_may_read_and_update_it(reference, access):
    snapshot = survey(Watched(ruled(reference)))
    assert by_path(snapshot)["MF/ADF.USIM/EF.HPPLMN"].access == access


def test_ef_arr_is_looked_for_above_where_the_directory_has_none():
    access = AccessRights(CardFilesystem(Watched(ruled("8B036F0603", directory="5f3b/"))))
    path = "MF/ADF.USIM/DF.GSM-ACCESS/6F31"
    info = CardFilesystem(Watched(ruled("8B036F0603", directory="5f3b/"))).select(path)
    assert access.of(path, info) == {"read": "pin1", "update": "pin1"}
    lost = survey(Watched(ruled("8B036F0603", arr="6f99")))
    assert by_path(lost)["MF/ADF.USIM/EF.HPPLMN"].access is None


def test_what_is_said_of_the_rights_is_what_the_card_enforces():
    table = tomllib.loads((CARDS / "personal.toml").read_text("utf-8"))
    locked = SimulatedCard.load({**table, "pin1": {"enabled": True}})
    there = [r for r in survey(Watched(locked)).files if r.info is not None]
    refused = [r for r in there if r.sw is not None]
    assert {r.asks_for for r in refused} == {"pin1"}
    assert {r.access["read"] for r in refused} == {"pin1"}
    assert {r.access["read"] for r in there if r.sw is None} == {"always"}
    assert len(refused) > 20


def test_the_identity_alone_says_which_right_a_file_asks_for():
    table = tomllib.loads((CARDS / "personal.toml").read_text("utf-8"))
    locked = SimulatedCard.load({**table, "pin1": {"enabled": True}})
    imsi = inspect(MemoryTransport(locked.transmit)).file("EF.IMSI")
    assert (imsi.absent, imsi.sw, imsi.asks_for) == ("PIN or key required", 0x6982, "pin1")
    assert imsi.to_json()["access"] == {"read": "pin1", "update": "adm1"}


def test_a_refusal_that_the_rules_do_not_explain_names_no_right():
    simulated = ruled("8B036F0601")

    def plate(command):
        return b"\x69\x85" if command[1] == 0xB0 else simulated.transmit(command)

    reading = by_path(survey(MemoryTransport(plate)))["MF/ADF.USIM/EF.HPPLMN"]
    assert (reading.sw, reading.access["read"], reading.asks_for) == (0x6985, "always", None)


def test_data_objects_are_described_and_not_read():
    fcp = "6211" + "82023921" + "83026FF8" + "8A0105" + "80020080" + "8800"
    files = [
        {"fids": "3f00/2f00", "records": {"1": "61094F07A0000000871002FFFF"}},
        {"fids": "3f00/a0000000871002/6ff8", "raw_hex": "80" * 8, "fcp": fcp},
    ]
    watched = Watched(SimulatedCard.from_files(files))
    reading = by_path(survey(watched))["MF/ADF.USIM/EF.IMSConfigData"]
    assert reading.absent == "data objects: described, not read"
    assert (reading.info.structure, reading.info.size, reading.parts) == ("ber_tlv", 0x80, ())


def test_what_is_known_and_not_decoded_is_shown_as_it_is():
    file = {"path": "ADF.USIM/6FDE", "hex": "0102"}
    reading = by_path(survey(Watched(card("icon", file))))["MF/ADF.USIM/EF.SPNI"]
    assert reading.to_json()["raw"] == "0102"
    assert reading.to_json()["absent"] == "not decoded"


def test_a_2g_card_has_no_applications_and_says_its_rights_itself():
    snapshot = survey(Watched(card("sim_2g")))
    assert {each.path for each in snapshot.directories} == {
        "MF/DF.TELECOM",
        "MF/DF.TELECOM/DF.PHONEBOOK",
        "MF/DF.TELECOM/DF.GRAPHICS",
        "MF/DF.TELECOM/DF.MULTIMEDIA",
        "MF/DF.TELECOM/DF.MCS",
        "MF/DF.TELECOM/DF.V2X",
        "MF/DF.GSM",
    }
    assert by_path(snapshot)["MF/DF.GSM/EF.IMSI"].access["read"] == "pin1"
    assert by_path(snapshot)["MF/DF.GSM/EF.LOCI"].value.known["status"] == "not_updated"


def test_one_identifier_in_three_directories_is_three_files():
    files = [
        {"path": "ADF.USIM/6F38", "hex": "0281"},
        {"path": "DF.GSM/6F38", "hex": "FF3F"},
        {"path": "ADF.USIM/6FB7", "records": ["11F2FFFF"]},
        {"path": "DF.GSM/6FB7", "hex": "19F1FF"},
        {"path": "ADF.USIM/5FC0/4F01", "hex": "FF" * 19 + "01"},
        {"path": "DF.TELECOM/5F3D/4F01", "hex": "0F"},
    ]
    found = by_path(survey(Watched(card("collisions", *files))))
    assert found["MF/ADF.USIM/EF.UST"].value.known == {"services": [2, 9, 16]}
    assert found["MF/DF.GSM/EF.SST"].value.known == {"services": [1, 2, 3, 4, 5, 6, 7]}
    assert found["MF/ADF.USIM/EF.ECC"].parts[0].value.known == {"number": "112"}
    assert found["MF/DF.GSM/EF.ECC"].value.known == {"numbers": ["911"]}
    assert found["MF/ADF.USIM/DF.5GS/EF.5GS3GPPLOCI"].value.known["status"] == "not_updated"
    assert found["MF/DF.TELECOM/DF.MCS/EF.MST"].parts[0].raw == b"\x0f"


def test_two_usims_are_both_read_the_second_by_its_whole_aid():
    second = "A0000000871002FF86FF0389AABBCCDD"
    usims = [bytes.fromhex(aid) for aid in ("A0000000871002FF86FF0389FFFFFFFF", second)]
    records = ["61124F10" + aid.hex() + "FFFF" for aid in usims]
    files = [
        {"path": "MF/2F00", "records": records},
        {"path": f"{second}/6F31", "hex": "0A"},
        {"path": "ADF.USIM/6F31", "hex": "05"},
    ]
    found = by_path(survey(Watched(card("two", *files))))
    assert found["MF/ADF.USIM/EF.HPPLMN"].value.known == {"interval_minutes": 30}
    assert found[f"MF/{second}/EF.HPPLMN"].value.known == {"interval_minutes": 60}


def test_numbers_that_go_on_in_an_extension_file_are_told_in_full():
    digits = "0B91" + "21436587092143658709"
    call = digits + "FF02" + "62112201020323" + "00003F" + "00" + "01FFFF"
    forward = "0101" + digits + "FF01"
    files = [
        {"path": "ADF.USIM/6F80", "records": [call], "structure": "cyclic"},
        {"path": "ADF.USIM/6F4E", "records": ["00" + "FF" * 12, "020111" + "FF" * 10]},
        {"path": "ADF.USIM/6FCB", "records": [forward]},
        {"path": "ADF.USIM/6FCC", "records": ["020122" + "FF" * 10]},
    ]
    found = by_path(survey(Watched(card("long", *files))))
    full = [
        found[f"MF/ADF.USIM/{name}"].to_json()["records"][0]["number_in_full"]
        for name in ("EF.ICI", "EF.CFIS")
    ]
    assert full == ["+12345678901234567890" + "11", "+12345678901234567890" + "22"]


def test_a_channel_with_a_number_that_no_class_byte_can_name_is_given_back():
    watched = Watched(card("usim_isim"))
    transmit = watched.card.transmit
    watched.card.transmit = lambda c: b"\x07\x90\x00" if c[1:3] == b"\x70\x00" else transmit(c)
    snapshot = survey(watched)
    (isim,) = [each for each in snapshot.directories if each.path == "MF/ADF.ISIM"]
    assert isim.absent == NOT_ENTERED
    assert bytes.fromhex("0070800700") in watched.commands


def garbled(simulated, fid):
    """A card that answers the SELECT of `fid` with something that is no answer."""

    def plate(command):
        if command[1] == 0xA4 and command[5:7] == fid.to_bytes(2, "big"):
            return b"\x90"
        return simulated.transmit(command)

    return MemoryTransport(plate)


def test_what_is_no_answer_costs_one_file_or_directory():
    keys = {"path": "ADF.USIM/6F08", "hex": "07"}
    for fid, path in ((0x6F08, "MF/ADF.USIM/EF.Keys"), (0x6FAD, "MF/ADF.USIM/EF.AD")):
        found = by_path(survey(garbled(card("garbled", keys), fid)))
        assert found[path].absent == "unreadable answer"
        assert found["MF/ADF.USIM/EF.IMSI"].absent is None
    snapshot = survey(garbled(card("usim_test"), 0x7F20))
    (gsm,) = [each for each in snapshot.directories if each.path == "MF/DF.GSM"]
    assert gsm.absent == "unreadable answer"


def test_a_key_file_that_may_not_even_be_selected_says_so():
    deaf = card("keys", {"path": "ADF.USIM/6F08", "hex": "07"})
    transmit = deaf.transmit

    def plate(command):
        return b"\x69\x82" if command[5:7] == b"\x6f\x08" else transmit(command)

    found = by_path(survey(MemoryTransport(plate)))["MF/ADF.USIM/EF.Keys"]
    assert (found.absent, found.sw) == ("PIN or key required", 0x6982)


def test_progress_hears_of_every_file_before_it_is_read():
    heard = []
    snapshot = survey(Watched(card("usim_test")), progress=heard.append)
    assert heard == [reading.path for reading in snapshot.files]


MORE_TIME = "D009810301020082028182"
TOOLKIT = {0x10, 0x12, 0x14, 0xC2}


@pytest.mark.parametrize("manners", Manners)
def test_a_proactive_command_that_waits_is_left_alone_and_all_is_read_as_without(manners):
    usual = survey(Watched(card("plain", UNUSUAL)), manners=manners)
    watched = Watched(card("plain", UNUSUAL, behaviour={"proactive": [MORE_TIME]}))
    assert survey(watched, manners=manners).to_json() == usual.to_json()
    assert not {command[1] for command in watched.commands} & TOOLKIT
    assert watched.transmit(bytes.fromhex("00A4000C023F00")).hex() == "910b"
    assert watched.transmit(bytes.fromhex("801200000B")).hex() == MORE_TIME.lower() + "9000"


class Failing(Watched):
    """Whose way breaks at the `after`th command, for good or for once."""

    def __init__(self, simulated, after, error, times=10_000):
        super().__init__(simulated)
        self.after, self.error, self.times = after, error, times

    def transmit(self, command):
        if len(self.commands) >= self.after and self.times:
            self.times -= 1
            self.commands.append(command)
            raise self.error
        return super().transmit(command)


def test_a_card_that_goes_in_the_middle_costs_no_further_question():
    way = Failing(card("usim_test"), 60, CardAbsent("no card in the slot"))
    snapshot = survey(way)
    assert len(way.commands) == 61
    assert snapshot.iccid == "89001010000000000018"
    assert snapshot.directories[-1].absent == "no card"


def test_a_way_that_keeps_refusing_is_given_up():
    way = Failing(card("usim_test"), 60, ReaderError("+CME ERROR: 100"))
    snapshot = survey(way)
    assert len(way.commands) < 75
    assert snapshot.files[-1].absent == "+CME ERROR: 100"


@pytest.mark.parametrize("after", range(9, 60, 3))
def test_one_refusal_costs_one_file_at_most(after):
    whole = by_path(survey(Watched(card("usim_test"))))
    way = Failing(card("usim_test"), after, ReaderError("+CME ERROR: 3"), times=1)
    found = by_path(survey(way))
    lost = {path for path, reading in whole.items() if found[path].absent != reading.absent}
    assert len(lost) <= 1


def test_a_card_without_ef_dir_is_tried_for_a_usim_by_its_partial_aid():
    simulated = card("no dir", {"path": "ADF.USIM/6F31", "hex": "05"})
    hidden = Watched(simulated)
    transmit = hidden.transmit

    def without_dir(command):
        if command[1] == 0xA4 and command[5:7] == b"\x2f\x00":
            return b"\x6a\x82"
        return transmit(command)

    found = by_path(survey(MemoryTransport(without_dir)))
    assert found["MF/ADF.USIM/EF.HPPLMN"].value.known == {"interval_minutes": 30}
