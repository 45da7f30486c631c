"""The card's snapshot: every file with its value, or with the reason why there is none."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim.errors import CardAbsent, CardReset, ReaderError, ReaderStuck, StatusWordError
from sim.files.registry import ALL_FILES, find_file
from sim.inspector import inspect
from sim.simulator import SimulatedCard
from sim.transport.memory import MemoryTransport

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"


def snapshot(name, files=None, **more):
    card = SimulatedCard.from_toml(CARDS / f"{name}.toml")
    transport = MemoryTransport(card.transmit, "simulated")
    return inspect(transport, files, **more) if files else inspect(transport, **more)


def values(card):
    return {reading.file: reading.value.known for reading in card.files}


def test_a_usim_says_who_it_is():
    card = snapshot("usim_test", now=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    found = values(card)
    assert (card.kind, card.iccid) == ("usim", "89001010000000000018")
    assert found["EF.IMSI"] == {"imsi": "001010123456789"}
    assert found["EF.AD"]["mnc_length"] == 2
    assert found["EF.SPN"]["spn"] == "Test Net"
    assert found["EF.MSISDN"]["number"] == "+99900000001"
    assert found["EF.LOCI"]["lai"] == {"mcc": "001", "mnc": "01", "lac": "1F2E"}
    assert found["EF.UST"] == {"services": [2, 9, 16, 33]}
    assert found["EF.PL"] == {"languages": ["zh", "en"]}
    assert [a.name for a in card.applications] == ["ADF.USIM"]
    assert card.taken_at.year == 2026


def test_a_2g_card_is_asked_only_for_what_it_can_have():
    card = snapshot("sim_2g")
    found = values(card)
    assert (card.kind, card.iccid) == ("sim", "8900101000000000001")
    assert found["EF.IMSI"] == {"imsi": "001010000000102"}
    assert found["EF.AD"] == {"ms_operation_mode": "normal", "mnc_length": None}
    assert card.file("EF.SPN").absent == "not on the card"
    assert (card.file("EF.UST").absent, card.file("EF.UST").sw) == ("not on the card", None)


def test_a_locked_card_says_what_is_behind_the_pin():
    card = snapshot("pin_locked")
    assert card.iccid == "89001010000000000026"
    imsi = card.file("EF.IMSI")
    assert (imsi.absent, imsi.sw) == ("PIN or key required", 0x6982)


def test_bytes_that_do_not_decode_are_shown_with_what_is_wrong_with_them():
    card = snapshot("damaged")
    (imsi,) = [file for file in card.to_json()["files"] if file["file"] == "EF.IMSI"]
    assert imsi["value"] is None
    assert imsi["raw"] == "0809101010325476A8"
    assert imsi["absent"] == "unreadable answer"
    assert imsi["error"] == "EF.IMSI: offset 8: no digit"
    assert card.iccid is None


def test_the_document_has_its_promised_fields_and_an_absence_has_a_reason():
    document = json.loads(json.dumps(snapshot("usim_test", ALL_FILES).to_json()))
    assert document["schema"] == "simward/card/1"
    assert {"kind", "iccid", "transport", "applications", "files"} <= set(document)
    assert document["transport"] == "simulated"
    for file in document["files"]:
        assert {"path", "file", "fid", "structure", "value", "records", "raw", "absent"} <= set(
            file
        )
        has_content = file["value"] is not None or file["structure"] in {"linear_fixed", "cyclic"}
        assert has_content is (file["absent"] is None), file["file"]


def test_records_carry_their_numbers_and_unset_ones_are_left_out():
    (numbers,) = [
        file for file in snapshot("usim_test").to_json()["files"] if file["file"] == "EF.MSISDN"
    ]
    assert [record["record"] for record in numbers["records"]] == [1]
    assert numbers["records"][0]["value"]["number"] == "+99900000001"


def test_a_usim_that_keeps_its_number_in_df_telecom_is_found_there():
    card = SimulatedCard.load(
        {
            "name": "old habits",
            "identity": {"iccid": "89001010000000000018", "imsi": "001010123456789"},
            "file": [
                {"path": "DF.TELECOM/6F40", "records": ["0791990900000" + "0F1FFFFFFFFFFFF"]},
            ],
        }
    )
    reading = inspect(MemoryTransport(card.transmit)).file("EF.MSISDN")
    assert reading.path == "MF/DF.TELECOM/EF.MSISDN"
    assert reading.value.known["number"] == "+99900000001"


def breaking_at(command, error, times=1000):
    """A card whose way breaks when `command` is sent, so many times."""
    card = SimulatedCard.from_toml(CARDS / "usim_test.toml")
    left = [times]

    def plate(apdu):
        if apdu == bytes.fromhex(command) and left[0]:
            left[0] -= 1
            raise error
        if left[0] < times and isinstance(error, CardAbsent):
            raise error
        return card.transmit(apdu)

    return MemoryTransport(plate)


GONE = {
    "removed": (CardAbsent("no card in the slot"), "no card"),
    "reset": (CardReset(), "the card was reset"),
    "silent": (ReaderStuck("timeout 5 s"), "timeout 5 s"),
}


@pytest.mark.parametrize(("error", "reason"), GONE.values(), ids=GONE)
def test_a_card_that_goes_in_the_middle_leaves_what_was_read(error, reason):
    card = inspect(breaking_at("00A40004026FAD", error))
    assert card.iccid == "89001010000000000018"
    assert card.file("EF.IMSI").absent is None
    after = [reading.absent for reading in card.files[card.files.index(card.file("EF.AD")) :]]
    assert set(after) == {reason}


def test_a_refusal_of_one_file_costs_this_file():
    card = inspect(breaking_at("00A40004026FAD", ReaderError("+CME ERROR: 3"), times=1))
    assert card.file("EF.AD").absent == "+CME ERROR: 3"
    assert card.file("EF.SPN").absent is None


def test_a_way_that_keeps_refusing_is_not_tried_for_ever():
    asked = []
    card = SimulatedCard.from_toml(CARDS / "usim_test.toml")

    def plate(apdu):
        if apdu[-2:] in {b"\x6f\x07", b"\x6f\xad", b"\x6f\x46", b"\x6f\x40"} and len(apdu) == 7:
            asked.append(apdu)
            raise ReaderError("+CME ERROR: 100")
        return card.transmit(apdu)

    found = inspect(MemoryTransport(plate))
    assert len(asked) == 3
    assert {r.absent for r in found.files[-5:]} == {"+CME ERROR: 100"}


def test_what_cannot_be_reached_at_all_is_an_error():
    def dead(_):
        raise CardAbsent("no card")

    with pytest.raises(CardAbsent):
        inspect(MemoryTransport(dead))
    with pytest.raises(StatusWordError):
        inspect(MemoryTransport(lambda _: b"\x6e\x00"))


def test_only_the_files_asked_for_are_read():
    card = snapshot("usim_test", [find_file("EF.ICCID")])
    assert [reading.file for reading in card.files] == ["EF.DIR", "EF.ICCID"]
