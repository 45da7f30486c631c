"""A card in a reader: pyscard, a real pcscd, a virtual reader, a simulated card."""

import threading
from pathlib import Path

import pytest

from agent.cli import main
from agent.errors import ReaderUnreachable
from agent.reader import choose_reader, read_card_in_reader, status_of_reader
from sim.errors import CardAbsent, ReaderStuck, ReaderUnavailable
from sim.filesystem import CardFilesystem
from sim.inspector import inspect
from sim.simulator import SimulatedCard
from sim.transport.pcsc import CardMoved, PcscTransport, ReaderState, ReaderWatch, list_readers

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("pcscd")]

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
QUESTION = bytes.fromhex("0020000100")
"""VERIFY without a PIN: how many tries are left."""


def shipped(name):
    return SimulatedCard.from_toml(CARDS / f"{name}.toml")


@pytest.fixture
def slot(pcscd):
    with pcscd.slot() as slot:
        yield slot
    pcscd.wait_for("absent")


def put(pcscd, slot, card):
    slot.remove()
    pcscd.wait_for("absent")  # a card that went a moment ago may still be said to be there
    slot.insert(card)
    pcscd.wait_for("present")
    return card


def test_readers_are_listed_with_what_is_in_them(pcscd, slot):
    card = put(pcscd, slot, shipped("usim_test"))
    both = (
        ReaderState(pcscd.name(0), "present", card.atr),
        ReaderState(pcscd.name(1), "absent", None),
    )
    assert pcscd.wait_for_all(both) == both


def test_a_card_is_read_by_its_readers_number_name_or_part_of_the_name(pcscd, slot):
    card = put(pcscd, slot, shipped("usim_test"))
    for wanted in ("0", pcscd.name(0), "00 00"):
        document = read_card_in_reader(wanted)
        assert document["iccid"] == card.iccid
        assert document["transport"] == "PC/SC"
        assert document["reader"] == {
            "name": pcscd.name(0),
            "atr": card.atr.hex().upper(),
            "protocol": "T=0",
        }


@pytest.mark.parametrize("wanted", ["2", "Simward", "gemalto"])
def test_a_reader_that_is_none_or_not_the_only_one_is_refused_with_the_list(wanted):
    readers = [ReaderState(f"Simward Test 00 0{n}", "absent", None) for n in (0, 1)]
    with pytest.raises(ReaderUnreachable, match="0: Simward Test 00 00, 1: Simward Test 00 01"):
        choose_reader(wanted, readers)


def test_no_reader_at_all_is_said_so():
    with pytest.raises(ReaderUnreachable, match="no card reader is connected"):
        choose_reader("0", [])


def test_over_t1_select_says_that_it_wants_an_answer(pcscd, slot):
    profile = {
        "name": "t1",
        "atr": "3B800181",
        "identity": {"iccid": "89001010000000000018", "imsi": "001010123456789"},
        "behaviour": {"answer": "inline"},
    }
    card = put(pcscd, slot, SimulatedCard.load(profile))
    transport = PcscTransport(pcscd.name(0))
    assert transport.protocol == "T=1"
    assert inspect(transport).iccid == "89001010000000000018"
    transport.close()
    selects = [asked.command for asked in card.log if asked.command[1] == 0xA4]
    assert all(command[-1] == 0 and len(command) == 6 + command[4] for command in selects)


@pytest.mark.parametrize(
    ("name", "state", "iccid"),
    [
        ("usim_test", "ready", "89001010000000000018"),
        ("sim_2g", "ready", "8900101000000000001"),
        ("cmcc_hex_iccid", "ready", "898600A01234B5678C90"),
        ("pin_locked", "pin_required", "89001010000000000026"),
        ("euicc", "ready", "89001010000000000075"),
        ("euicc_empty", "no_profile", None),
        ("damaged", "ready", None),
    ],
)
def test_the_status_of_a_card_in_a_reader(pcscd, slot, name, state, iccid):
    put(pcscd, slot, shipped(name))
    document = status_of_reader("0")
    assert document["schema"] == "simward/snapshot/1"
    assert (document["sim"]["state"], document["sim"]["iccid"]) == (state, iccid)
    assert document["sim"]["iccid_source"] == (None if iccid is None else "ef_iccid")
    nulls = {f"sim.{key}" for key, value in document["sim"].items() if value is None}
    assert nulls <= set(document["absent"])


def test_an_euicc_tells_its_number_and_profiles_and_the_basic_channel_stays_as_it_is(pcscd, slot):
    card = put(pcscd, slot, shipped("euicc"))
    assert status_of_reader("0")["sim"]["eid"] == card.eid
    told = read_card_in_reader("0")["euicc"]
    assert told["eid"] == card.eid
    assert [profile["state"] for profile in told["profiles"]] == ["enabled", "disabled"]
    selects = [asked.command.hex() for asked in card.log if asked.command[:2] == b"\x00\xa4"]
    assert selects[-1] == "00a40004027fff"


def test_an_old_card_tells_its_tries_and_a_newer_one_whether_it_asks(pcscd, slot):
    put(pcscd, slot, shipped("sim_2g"))
    assert status_of_reader("0")["sim"]["pin1"] == {
        "enabled": False,
        "retries": 3,
        "puk_retries": 10,
    }
    put(pcscd, slot, shipped("pin_locked"))
    assert status_of_reader("0")["sim"]["pin1"]["enabled"] is True


def test_without_a_card_the_state_is_absent(pcscd):
    pcscd.wait_for("absent")
    document = status_of_reader("1")
    assert document["sim"]["state"] == "absent"
    assert document["reader"] == {"name": pcscd.name(1), "atr": None, "protocol": None}
    with pytest.raises(CardAbsent):
        read_card_in_reader("1")


def test_no_reading_costs_a_try_or_writes_a_byte(pcscd, slot):
    card = put(pcscd, slot, shipped("pin_locked"))
    before = card.retries()
    status_of_reader("0")
    read_card_in_reader("0")
    assert card.retries() == before
    asked = [each.command for each in card.log]
    assert {c[1] for c in asked if c != QUESTION} <= {0xA4, 0xB0, 0xB2, 0xC0, 0xF2, 0x70}


def test_the_card_is_left_in_its_application(pcscd, slot):
    card = put(pcscd, slot, shipped("usim_test"))
    read_card_in_reader("0")
    selects = [asked.command.hex() for asked in card.log if asked.command[:2] == b"\x00\xa4"]
    assert selects[-1] == "00a40004027fff"
    channels = [asked.command.hex()[:8] for asked in card.log if asked.command[1] == 0x70]
    assert channels == ["00700000", "00708001"]


def test_nobody_comes_between_two_commands(pcscd, slot):
    put(pcscd, slot, shipped("usim_test"))
    first = PcscTransport(pcscd.name(0))
    waiting = threading.Thread(target=lambda: PcscTransport(pcscd.name(0)).close())
    try:
        with pytest.raises(ReaderStuck, match=r"within 0\.3 s"):
            PcscTransport(pcscd.name(0), connect_s=0.3)
        waiting.start()
        assert CardFilesystem(first).read_transparent("MF/EF.ICCID").hex() == "98000101000000000081"
    finally:
        first.close()
        waiting.join()


def test_a_reader_that_another_program_holds_for_itself_is_said_so(pcscd, slot):
    from smartcard import scard

    put(pcscd, slot, shipped("usim_test"))
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    result, card, _ = scard.SCardConnect(
        context, pcscd.name(0), scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0
    )
    assert result == scard.SCARD_S_SUCCESS
    try:
        with pytest.raises(ReaderUnavailable, match="another program holds the reader"):
            PcscTransport(pcscd.name(0))
        assert pcscd.state().card == "held"
    finally:
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)


def test_a_card_that_another_program_reset_is_read_all_the_same(pcscd, slot):
    from smartcard import scard

    put(pcscd, slot, shipped("usim_test"))
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, card, _ = scard.SCardConnect(
        context, pcscd.name(0), scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0
    )
    scard.SCardDisconnect(card, scard.SCARD_RESET_CARD)
    try:
        assert read_card_in_reader("0")["iccid"] == "89001010000000000018"
    finally:
        scard.SCardReleaseContext(context)


def test_a_card_pulled_in_the_middle_leaves_what_was_read_before(pcscd, slot):
    profile = {
        "name": "loose",
        "identity": {"iccid": "89001010000000000018", "imsi": "001010123456789", "mnc_length": 2},
        "fault": [{"after": 14, "answer": "pulled", "times": 1}],
    }
    put(pcscd, slot, SimulatedCard.load(profile))
    document = read_card_in_reader("0")
    reasons = {entry["file"]: entry["absent"] for entry in document["files"]}
    assert document["iccid"] == "89001010000000000018"
    assert reasons["EF.ACC"] == "no card"


def test_a_proactive_command_that_waits_is_left_to_whoever_gets_the_card_next(pcscd, slot):
    profile = {
        "name": "toolkit",
        "identity": {"iccid": "89001010000000000018", "imsi": "001010123456789", "mnc_length": 2},
        "behaviour": {"proactive": ["D009810301020082028182"]},
    }
    card = put(pcscd, slot, SimulatedCard.load(profile))
    told = status_of_reader("0")["sim"]
    assert (told["iccid"], told["imsi"]) == ("89001010000000000018", "001010123456789")
    assert any(asked.answer[-2:] == b"\x91\x0b" for asked in card.log)
    assert not {asked.command[1] for asked in card.log} & {0x10, 0x12, 0x14, 0xC2}
    assert card.terminal_responses == ()


def test_a_service_that_hangs_is_said_in_time_and_the_next_call_works(pcscd, slot):
    put(pcscd, slot, shipped("usim_test"))
    with pcscd.frozen():
        with pytest.raises(ReaderStuck, match=r"within 0\.3 s"):
            PcscTransport(pcscd.name(0), connect_s=0.3)
        with pytest.raises(ReaderStuck, match=r"within 0\.2 s"):
            list_readers(0.2)
    assert read_card_in_reader("0")["iccid"] == "89001010000000000018"


def test_a_card_without_an_answer_is_stuck_and_the_next_one_is_read(pcscd, slot):
    put(
        pcscd, slot, SimulatedCard.load({"name": "mute", "fault": [{"after": 3, "answer": "none"}]})
    )
    transport = PcscTransport(pcscd.name(0), answer_s=0.3)
    for _ in range(3):
        assert transport.transmit(bytes.fromhex("00A4000C023F00")) == b"\x90\x00"
    for _ in range(2):
        with pytest.raises(ReaderStuck):
            transport.transmit(bytes.fromhex("00A4000C023F00"))
    slot.remove()  # lets the driver go
    transport.close()
    put(pcscd, slot, shipped("usim_test"))
    assert read_card_in_reader("0")["iccid"] == "89001010000000000018"


def test_garbage_is_no_answer_and_nothing_worse(pcscd, slot):
    profile = {"name": "noise", "fault": [{"answer": "garbage"}]}
    put(pcscd, slot, SimulatedCard.load(profile))
    assert status_of_reader("0")["sim"]["state"] in {"faulty", "unknown"}


def test_cards_that_come_and_go_are_told_as_they_do(pcscd, slot):
    watch = ReaderWatch()
    try:
        assert watch.changes(5) == []
        card = shipped("usim_test")
        slot.insert(card)
        assert watch.changes(30) == [CardMoved(pcscd.name(0), inserted=True, atr=card.atr)]
        slot.remove()
        assert watch.changes(30) == [CardMoved(pcscd.name(0), inserted=False, atr=None)]
        assert watch.changes(0.05) == []
        stopper = threading.Thread(target=watch.stop)
        stopper.start()
        stopper.join()
    finally:
        watch.close()


def test_a_watch_that_begins_late_tells_of_the_card_that_is_in(pcscd, slot):
    card = put(pcscd, slot, shipped("usim_test"))
    watch = ReaderWatch()
    assert watch.changes(5) == [CardMoved(pcscd.name(0), inserted=True, atr=card.atr)]
    watch.close()


def test_a_pin_is_sent_once_and_its_tries_are_read_without_spending_any(pcscd, slot, tmp_path):
    card = put(pcscd, slot, shipped("pin_locked"))
    assert status_of_reader("0")["sim"]["pin1"] == {
        "enabled": True,
        "retries": 2,
        "puk_retries": None,
    }
    assert card.retries()["pin1"] == 2
    file = tmp_path / "pin"
    file.write_text("9999\n")
    file.chmod(0o600)
    words = ["sim", "pin", "verify", "--reader", "0", "--pin-file", str(file), "--json"]
    assert main(words) == 4
    assert card.retries()["pin1"] == 1
    assert main(words) == 6  # too few tries are left
    assert card.retries()["pin1"] == 1
    file.write_text("1234\n")
    assert main([*words, "--force-pin", card.iccid]) == 0
    assert (card.retries()["pin1"], card.asked(0x2C)) == (3, 0)
