"""`simward sim backup|residue|sms|wipe|restore` for a card in a modem, by every way to it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli import main
from agent.i18n import set_language
from modem.simulator.message_store import UNREAD, Stored
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from modem.simulator.profile import ModemProfile
from sim.simulator import SimulatedCard
from tests.unit.card_data_helpers import ICCID, NEW_ICCID, empty_card, full_card, profile, records

pyrage = pytest.importorskip("pyrage")

OWNER = pyrage.x25519.Identity.generate()
PDU = bytes.fromhex(
    "0791990900009000040B919909000010F10000621102210000231AD37219947FD741613AE81CA697413750980E72"
    "BFDF6E17"
)
LATER = PDU[:-1] + b"\x41"
WAYS = {"AT+CSIM": (), "AT+CRSM": ("+CSIM",), "AT+CGLA": ("+CSIM", "+CRSM")}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("SIMWARD_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SIMWARD_DEVICE__STATE_DIR", str(tmp_path / "state"))
    yield
    set_language("en")


@pytest.fixture
def bench(capsys, tmp_path):
    return Bench(capsys, tmp_path)


class Bench:
    """A technician's bench: keys, a backup's file, and the command line."""

    def __init__(self, capsys, folder):
        self._capsys = capsys
        self.backup = folder / "card.age"
        identity = folder / "identity"
        identity.write_text(f"{OWNER}\n")
        identity.chmod(0o600)
        self.close = ["--recipient", str(OWNER.to_public())]
        self.open = ["--identity-file", str(identity)]

    def run(self, device, *words, lang="en"):
        """(exit code, standard output, standard error)."""
        with serve_tcp(device) as port:
            code = main(["--lang", lang, "sim", *words, "--port", port.url])
        told = self._capsys.readouterr()
        return code, told.out, told.err

    def document(self, device, *words, code=0):
        found, out, err = self.run(device, *words, "--json")
        assert found == code, err
        return json.loads(out)

    def save(self, device):
        return self.document(device, "backup", str(self.backup), *self.close)

    def wipe(self, device, *words, code=1):
        order = ["wipe", "--backup", str(self.backup), *self.open, *words]
        return self.document(device, *order, code=code)

    def restore(self, device, *words, code=1):
        return self.document(device, "restore", str(self.backup), *self.open, *words, code=code)


BOOK = (("ME", 2, "+99900000031", "王小明"), ("ME", 7, "99900000032", "Ben, B."))
CALLS = (("MC", 1, "+99900000033", ""), ("DC", 3, "+99900000034", "Ben"))


def modem(card, without=(), messages=(), entries=()):
    profile = ModemProfile.load("quectel_ec25")
    device = SimulatedModem(replace(profile, without=profile.without | frozenset(without)), card)
    for place, pdu in messages:
        device.state.modem_messages.put(place, Stored(UNREAD, pdu))
    for store, place, number, name in entries:
        device.state.modem_books[store].put(place, number, name)
    return device


def names_in(device, store):
    return [entry.name for entry in device.state.modem_books[store].entries() if entry]


@pytest.mark.parametrize("way", WAYS)
def test_what_was_on_one_card_is_saved_cleared_and_put_on_another(bench, way):
    old, new = full_card(), empty_card()
    before = records(old)
    device = modem(old, WAYS[way])
    saved = bench.save(device)
    assert saved["iccid"] == ICCID
    assert (saved["counts"]["phonebook"], saved["counts"]["messages"]) == (6, 6)
    wiped = bench.wipe(device, "--yes-wipe", ICCID)
    assert records(old) == records(empty_card(ICCID))
    why = {k["path"].rpartition("/")[2]: (k["reason"], k["asks_for"]) for k in wiped["kept"]}
    no_right = ("the right to change it is missing", "pin2")
    assert why == {"EF.FDN": no_right, "EF.BDN": no_right}
    left = bench.document(device, "residue")["counts"]
    assert {kind for kind, count in left.items() if count} == {"dialling"}
    restored = bench.restore(modem(new, WAYS[way]), "--yes-restore", NEW_ICCID)
    assert records(new) == before
    assert len(restored["restored"]) == len(wiped["cleared"])


def test_each_cleared_record_is_noted_by_file_and_number_and_nothing_more(bench):
    card = full_card()
    device = modem(card)
    bench.save(device)
    wiped = bench.wipe(device, "--yes-wipe", ICCID)
    lines = [json.loads(line) for line in Path(wiped["log"]).read_text("utf-8").splitlines()]
    assert [(each["cleared"], each["record"]) for each in lines] == [
        (each["path"], each["record"]) for each in wiped["cleared"]
    ]
    assert {key for each in lines for key in each} == {"at", "iccid", "cleared", "record"}


def test_without_the_cards_number_nothing_is_written(bench):
    card = full_card()
    before = records(card)
    device = modem(card)
    bench.save(device)
    dry = bench.wipe(device, code=0)
    assert dry["dry_run"] is True
    assert {"path": "MF/ADF.USIM/EF.SMS", "record": 6} in dry["to_clear"]
    code, out, err = bench.run(
        device, "wipe", "--backup", str(bench.backup), *bench.open, "--yes-wipe", NEW_ICCID
    )
    assert (code, out) == (6, "")
    assert "another card" in err
    assert (records(card), card.asked(0xDC)) == (before, 0)
    new = empty_card()
    bench.restore(modem(new), code=0)
    assert new.asked(0xDC) == 0


def test_what_came_after_the_backup_stays(bench):
    card = full_card()
    device = modem(card)
    bench.save(device)
    sms = card.file("A0000000871002/6F3C")
    late = b"\x03" + LATER.ljust(175, b"\xff")
    sms.records[0] = late
    wiped = bench.wipe(device, "--yes-wipe", ICCID)
    assert sms.records[0] == late
    assert {
        "path": "MF/ADF.USIM/EF.SMS",
        "record": 1,
        "reason": "not in the backup",
        "asks_for": None,
    } in wiped["kept"]
    assert wiped["left"]["messages"] == 1


def test_a_call_that_came_after_the_backup_keeps_the_whole_log(bench):
    card = full_card()
    device = modem(card)
    bench.save(device)
    log = card.file("A0000000871002/6F80")
    log.records = [b"\x01" * len(log.records[0]), *log.records[:-1]]
    before = list(log.records)
    bench.wipe(device, "--yes-wipe", ICCID)
    assert log.records == before


def test_the_backup_of_another_card_clears_nothing(bench):
    bench.save(modem(full_card()))
    other = full_card(identity={"iccid": NEW_ICCID, "imsi": "001010123456787", "mnc_length": 2})
    words = ["wipe", "--backup", str(bench.backup), *bench.open, "--yes-wipe", NEW_ICCID]
    code, _, err = bench.run(modem(other), *words)
    assert (code, other.asked(0xDC)) == (6, 0)
    assert "the backup is another card's" in err


def test_a_second_wipe_says_what_was_cleared_before(bench):
    device = modem(full_card())
    bench.save(device)
    first = bench.wipe(device, "--yes-wipe", ICCID)
    again = bench.wipe(device, "--yes-wipe", ICCID)
    assert again["cleared"] == []
    places = {(each["path"], each["record"]) for each in first["cleared"]}
    assert {(each["path"], each["record"]) for each in again["cleared_before"]} == places


def test_a_second_restore_writes_nothing(bench):
    bench.save(modem(full_card()))
    new = empty_card()
    device = modem(new)
    bench.restore(device, "--yes-restore", NEW_ICCID)
    written, before = new.asked(0xDC), records(new)
    again = bench.restore(device, "--yes-restore", NEW_ICCID)
    assert (again["restored"], new.asked(0xDC), records(new)) == ([], written, before)
    assert len(again["restored_before"]) > 20


def test_what_stands_on_the_new_card_is_never_replaced(bench):
    bench.save(modem(full_card()))
    new = empty_card()
    sms = new.file("A0000000871002/6F3C")
    own = b"\x03" + LATER.ljust(175, b"\xff")
    sms.records[2] = own
    restored = bench.restore(modem(new), "--yes-restore", NEW_ICCID)
    assert sms.records[2] == own
    assert {
        "path": "MF/ADF.USIM/EF.SMS",
        "record": 3,
        "reason": "something else stands there",
        "asks_for": None,
    } in restored["not_restored"]


def test_a_backup_for_somebody_who_is_not_here_is_made_before_the_card_is_cleared(bench, tmp_path):
    card = full_card()
    file = tmp_path / "new.age"
    words = ["wipe", "--new-backup", str(file), *bench.close]
    bench.document(modem(card), *words)
    assert (file.exists(), card.asked(0xDC)) == (False, 0)
    bench.document(modem(card), *words, "--yes-wipe", ICCID, code=1)
    assert records(card) == records(empty_card(ICCID))
    opened = bench.document(modem(card), "backup", str(file), "--open", *bench.open)
    assert opened["counts"]["phonebook"] == 6


def test_messages_of_the_modems_own_are_saved_and_deleted_and_later_ones_stay(bench):
    device = modem(full_card(), messages=[(2, PDU)])
    saved = bench.save(device)
    assert saved["counts"]["modem_messages"] == 1
    device.state.modem_messages.put(4, Stored(UNREAD, LATER))
    wiped = bench.wipe(device, "--yes-wipe", ICCID)
    assert device.state.modem_messages.get(2) is None
    assert device.state.modem_messages.get(4).pdu == LATER
    assert {"path": "modem", "record": 2} in wiped["cleared"]
    assert ("modem", 4) in {(each["path"], each["record"]) for each in wiped["kept"]}


def test_residue_counts_and_shows_no_contents_and_marks_nothing_as_read(bench):
    device = modem(full_card(), messages=[(2, PDU)])
    code, out, _ = bench.run(device, "residue", "--json")
    assert (code, json.loads(out)["counts"]["modem_messages"]) == (0, 1)
    for told in ("Anna", "9990000", "PDU", "0791990", "minlist"):
        assert told not in out
    assert device.state.modem_messages.get(2).status == UNREAD


def test_residue_counts_the_phone_book_and_the_calls_of_the_modems_own(bench):
    device = modem(empty_card(), entries=BOOK + CALLS)
    code, out, _ = bench.run(device, "residue", "--json")
    document = json.loads(out)
    assert code == 0
    assert (document["counts"]["modem_phonebook"], document["counts"]["modem_calls"]) == (2, 2)
    assert document["left"] is True
    assert {"name": "ME", "kind": "phonebook", "used": 2, "room": 250, "clearable": True} in (
        document["modem_stores"]
    )
    for told in ("王小明", "738B", "Ben", "9990000"):
        assert told not in out
    text = bench.run(device, "residue")[1]
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert {"phone book in the modem 2", "call lists in the modem 2", "modem/ME 2 of 250"} <= set(
        lines
    )
    assert "modem/MC 1 of 10; no AT command of the standard clears it" in lines


def test_a_modem_that_knows_no_phone_books_says_so_and_counts_none(bench):
    device = modem(empty_card(), without=("+CPBS",))
    document = bench.document(device, "residue")
    assert document["absent"]["counts.modem_phonebook"] == "ERROR"
    assert document["counts"]["modem_phonebook"] is None
    text = bench.run(device, "residue")[1]
    assert "phone book in the modem" in text.partition("not looked at")[2]


def test_entries_of_the_modems_own_are_saved_and_cleared_and_later_ones_and_calls_stay(bench):
    device = modem(full_card(), entries=BOOK + CALLS)
    saved = bench.save(device)
    assert (saved["counts"]["modem_phonebook"], saved["counts"]["modem_calls"]) == (2, 2)
    device.state.modem_books["ME"].put(9, "+99900000035", "Later")
    device.state.modem_books["ME"].put(7, "+99900000036", "Another")
    dry = bench.wipe(device, code=0)
    assert {"path": "modem/ME", "record": 2} in dry["to_clear"]
    wiped = bench.wipe(device, "--yes-wipe", ICCID)
    assert names_in(device, "ME") == ["Another", "Later"]
    assert (names_in(device, "MC"), names_in(device, "DC")) == ([""], ["Ben"])
    assert {"path": "modem/ME", "record": 2} in wiped["cleared"]
    why = {(each["path"], each["record"]): each["reason"] for each in wiped["kept"]}
    assert why[("modem/ME", 7)] == why[("modem/ME", 9)] == "not in the backup"
    assert why[("modem/MC", None)] == "no AT command of the standard clears it"
    noted = [json.loads(line) for line in Path(wiped["log"]).read_text("utf-8").splitlines()]
    assert ("modem/ME", 2) in {(each["cleared"], each["record"]) for each in noted}
    again = bench.wipe(device, "--yes-wipe", ICCID)
    assert {"path": "modem/ME", "record": 2} in again["cleared_before"]


def test_entries_of_the_modems_own_are_opened_and_are_not_written_back(bench, tmp_path):
    bench.save(modem(full_card(), entries=BOOK + CALLS))
    cards = tmp_path / "book.vcf"
    words = ["backup", str(bench.backup), "--open", *bench.open, "--vcard", str(cards)]
    contents = bench.document(modem(None), *words)
    (book,) = [each for each in contents["phonebooks"] if each["path"] == "modem/ME"]
    assert [(each["name"], each["number"]) for each in book["entries"]] == [
        ("王小明", "+99900000031"),
        ("Ben, B.", "99900000032"),
    ]
    calls = [each for each in contents["calls"] if each["path"].startswith("modem/")]
    assert [(each["file"], each["record"], each["number"]) for each in calls] == [
        ("DC", 3, "+99900000034"),
        ("MC", 1, "+99900000033"),
    ]
    assert cards.read_text(encoding="utf-8").count("BEGIN:VCARD") == 8
    device = modem(empty_card())
    restored = bench.restore(device, "--yes-restore", NEW_ICCID)
    assert names_in(device, "ME") == []
    why = {each["path"]: each["reason"] for each in restored["not_restored"]}
    assert why["modem/ME"] == "phone books and call lists of a modem are not written back"


def test_a_store_that_cannot_be_read_is_named_and_not_cleared(bench):
    device = modem(full_card(), without=("+CPBR",), entries=BOOK)
    code, out, err = bench.run(device, "backup", str(bench.backup), *bench.close)
    assert (code, "phone book in the modem" in out) == (0, True)
    assert "modem/ME: not in the backup: ERROR" in err
    wiped = bench.wipe(device, "--yes-wipe", ICCID)
    assert len(names_in(device, "ME")) == 2
    assert ("modem/ME", "ERROR") in {(e["path"], e["reason"]) for e in wiped["kept"]}


def test_a_store_that_is_read_only_is_named_and_the_rest_is_cleared(bench):
    device = modem(full_card(), without=("+CPBW",), messages=[(2, PDU)], entries=BOOK)
    bench.save(device)
    wiped = bench.wipe(device, "--yes-wipe", ICCID)
    assert len(names_in(device, "ME")) == 2
    assert ("modem/ME", "ERROR") in {(e["path"], e["reason"]) for e in wiped["kept"]}
    assert {"path": "modem", "record": 2} in wiped["cleared"]


def test_messages_are_listed_with_long_ones_joined_and_numbers_masked(bench):
    device = modem(full_card(), messages=[(2, PDU)])
    code, out, _ = bench.run(device, "sms")
    assert code == 0
    assert "Your code is 123456" in out
    assert "本号码将于次月一日起停止服务，请在停机之前完成设备解绑和数据备份" in out
    assert "+99900000011" not in out
    document = bench.document(device, "sms")
    assert [each["path"] for each in document["messages"]].count("modem") == 1
    assert "+99900000011" in bench.run(device, "sms", "--full")[1]


def test_a_backup_opens_into_contents_and_vcards(bench, tmp_path):
    bench.save(modem(full_card()))
    cards = tmp_path / "book.vcf"
    words = ["backup", str(bench.backup), "--open", *bench.open, "--vcard", str(cards)]
    contents = bench.document(modem(None), *words)
    assert contents["iccid"] == ICCID
    assert [len(book["entries"]) for book in contents["phonebooks"]] == [4, 2]
    assert len(contents["calls"]) == 3
    assert cards.read_text(encoding="utf-8").count("BEGIN:VCARD") == 6
    assert "FN:王小明" in cards.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_text_is_said_in_both_languages(bench, lang):
    device = modem(full_card(), messages=[(2, PDU)], entries=BOOK + CALLS)
    opening = ["--backup", str(bench.backup), *bench.open]
    told = ""
    for words in (
        ["residue"],
        ["sms"],
        ["backup", str(bench.backup), *bench.close],
        ["backup", str(bench.backup), "--open", *bench.open],
        ["wipe", *opening],
        ["wipe", *opening, "--yes-wipe", ICCID],
        ["wipe", *opening, "--yes-wipe", ICCID],
        ["restore", str(bench.backup), *bench.open],
        ["restore", str(bench.backup), *bench.open, "--yes-restore", ICCID],
        ["restore", str(bench.backup), *bench.open, "--yes-restore", ICCID],
    ):
        code, out, err = bench.run(device, *words, lang=lang)
        assert (code in {0, 1}, err) == (True, "")
        told += out
    assert "890010**********0083" in told
    for english in (
        "phone book", "cleared before", "there already", "cannot be cleared",
        "call lists in the modem", "no AT command", "of a modem",
    ):  # fmt: skip
        assert (english in told) == (lang == "en")


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["wipe"], 2, "one of --backup, --new-backup is needed"),
        (["wipe", "--backup", "/nowhere.age"], 2, "/nowhere.age"),
        (["restore", "/nowhere.age"], 2, "/nowhere.age"),
        (["backup", "x.age", "--vcard", "y"], 2, "--vcard: only with --open"),
    ],
)
def test_wrong_orders_are_told_before_anything_is_done(bench, words, code, complaint):
    card = full_card()
    keys = [] if words[0] == "backup" else bench.open
    found, out, err = bench.run(modem(card), *words, *keys)
    assert (found, out) == (code, "")
    assert complaint in err
    assert card.log == ()


def test_without_a_key_and_nobody_to_ask_nothing_is_done(bench):
    card = full_card()
    code, _, err = bench.run(modem(card), "backup", str(bench.backup))
    assert (code, bench.backup.exists(), card.log) == (6, False, ())
    assert err == "simward: an answer is missing: --passphrase-file\n"


@pytest.mark.parametrize("words", ["backup", "wipe"])
def test_a_card_that_lets_nothing_be_read_is_not_called_empty(bench, words):
    locked = full_card(pin1={"enabled": True, "value": "1234"})
    device = modem(locked)
    residue = bench.document(device, "residue")
    assert residue["left"] is None
    assert residue["absent"]["files.MF/ADF.USIM/EF.SMS"] == "PIN or key required"
    assert "nothing of anybody" not in bench.run(device, "residue")[1]
    order = ["backup", str(bench.backup), *bench.close]
    if words == "wipe":
        bench.save(modem(full_card()))
        order = ["wipe", "--backup", str(bench.backup), *bench.open, "--yes-wipe", ICCID]
    code, out, err = bench.run(device, *order)
    assert (code, out, locked.asked(0xDC)) == (4, "", 0)
    assert "PIN or key required" in err


def test_a_file_that_cannot_be_read_is_named_and_left(bench):
    table = profile()
    for file in table["file"]:
        if file["path"] == "ADF.USIM/6F3C":
            file["read"] = "adm"
    card = SimulatedCard.load(table)
    device = modem(card)
    saved = bench.save(device)
    sms = {"path": "MF/ADF.USIM/EF.SMS", "reason": "PIN or key required"}
    assert saved["unreadable"] == [sms]
    wiped = bench.wipe(device, "--yes-wipe", ICCID)
    assert {**sms, "record": None, "asks_for": None} in wiped["kept"]


def test_a_locked_card_is_opened_by_the_pin_that_is_given(bench, tmp_path):
    pin = tmp_path / "pin"
    pin.write_text("1234\n")
    pin.chmod(0o600)
    card = full_card(pin1={"enabled": True, "value": "1234"})
    device = modem(card)
    for _ in range(2):  # the second time it is open already
        document = bench.document(device, "residue", "--pin-file", str(pin))
        assert (document["counts"]["phonebook"], card.retries()["pin1"]) == (6, 3)
    pin.write_text("9999\n")
    assert bench.document(modem(full_card()), "residue", "--pin-file", str(pin))["left"] is True
