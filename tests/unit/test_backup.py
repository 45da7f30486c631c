"""A backup: closed for whoever has no key, whole or not there, and what it says it has."""

import json
import stat

import pytest

from agent.backup import Key, Lock, read_backup, write_backup
from agent.errors import RefusedError, UsageError
from sim.personal import PersonalFile

pyrage = pytest.importorskip("pyrage")

FILE = PersonalFile(
    "MF/DF.TELECOM/EF.ADN", "EF.ADN", "phonebook", "linear_fixed", 3, 5, {2: b"\x41\x42\x43"}
)
DOCUMENT = {
    "schema": "simward/personal/1",
    "taken_at": "2026-11-22T01:02:03.456Z",
    "clock_synchronized": True,
    "iccid": "89001010000000000018",
    "transport": "PC/SC",
    "files": [FILE.to_json()],
    "modem": {"store": None, "messages": [{"number": 1, "status": 1, "pdu": "07"}], "absent": None},
}
WORDS = Lock(passphrase="three small words")  # a second of work each time: that is its strength
OWNER = pyrage.x25519.Identity.generate()
MINE = Lock(recipients=(str(OWNER.to_public()),))
MY_KEY = Key(identities=str(OWNER))


def test_what_was_closed_with_a_passphrase_opens_with_it_and_with_nothing_else(tmp_path):
    path = tmp_path / "card.age"
    made = write_backup(path, DOCUMENT, WORDS)
    backup, document = read_backup(path, Key("three small words"))
    assert backup == made
    assert (backup.iccid, backup.files, len(backup.messages)) == (DOCUMENT["iccid"], (FILE,), 1)
    assert document == {**DOCUMENT, "schema": "simward/backup/1"}
    with pytest.raises(RefusedError, match="does not open"):
        read_backup(path, Key("three large words"))


def test_what_was_closed_for_two_owners_of_keys_opens_for_each_of_them(tmp_path):
    keys = [pyrage.x25519.Identity.generate() for _ in range(3)]
    path = tmp_path / "card.age"
    write_backup(path, DOCUMENT, Lock(recipients=tuple(str(k.to_public()) for k in keys[:2])))
    for key in keys[:2]:
        assert read_backup(path, Key(identities=f"# mine\n{key}\n"))[0].iccid == DOCUMENT["iccid"]
    with pytest.raises(RefusedError):
        read_backup(path, Key(identities=str(keys[2])))


def test_nothing_of_it_can_be_read_without_a_key_and_others_cannot_read_the_file(tmp_path):
    path = tmp_path / "card.age"
    write_backup(path, DOCUMENT, MINE)
    raw = path.read_bytes()
    for told in (b"89001010", b"414243", b"ABC", b"EF.ADN", b"phonebook"):
        assert told not in raw
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["card.age"]


def test_a_file_that_is_there_is_never_replaced(tmp_path):
    path = tmp_path / "card.age"
    path.write_text("precious")
    with pytest.raises(UsageError, match="is there already"):
        write_backup(path, DOCUMENT, MINE)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("cut", [0, 10, 200, -1])
def test_a_backup_with_one_byte_changed_or_cut_off_is_none(tmp_path, cut):
    path = tmp_path / "card.age"
    write_backup(path, DOCUMENT, MINE)
    raw = path.read_bytes()
    damaged = raw[:cut] if cut >= 0 else raw[:-1] + bytes((raw[-1] ^ 1,))
    path.write_bytes(damaged)
    with pytest.raises((UsageError, RefusedError)):
        read_backup(path, MY_KEY)


ENTRY = {"record": 2, "number": "+99900000031", "name": None, "raw": '"+99900000031",145,""'}
BOOK = {"name": "ME", "kind": "phonebook", "used": 1, "size": 9, "entries": [ENTRY], "absent": None}


def with_books(*stores):
    books = {"stores": list(stores), "absent": None}
    return {**DOCUMENT, "modem": {**DOCUMENT["modem"], "books": books}}


def test_a_backup_has_the_stores_of_the_modem_and_one_made_before_has_none(tmp_path):
    write_backup(tmp_path / "new.age", with_books(BOOK), MINE)
    write_backup(tmp_path / "old.age", DOCUMENT, MINE)
    assert read_backup(tmp_path / "new.age", MY_KEY)[0].books == (BOOK,)
    assert read_backup(tmp_path / "old.age", MY_KEY)[0].books == ()


@pytest.mark.parametrize(
    "document",
    [
        with_books("ME"),
        with_books({**BOOK, "used": "many"}),
        with_books({**BOOK, "entries": [{"record": 1}]}),
        with_books({**BOOK, "entries": [{**ENTRY, "name": 7}]}),
        {**DOCUMENT, "modem": {"messages": [{"number": 1, "status": 1, "pdu": "XY"}]}},
        {**DOCUMENT, "modem": {"messages": [{"number": "1", "status": 1, "pdu": "07"}]}},
        {**DOCUMENT, "modem": {"books": []}, "files": 3},
    ],
)
def test_a_backup_that_somebody_else_wrote_is_none_where_its_parts_do_not_fit(tmp_path, document):
    path = tmp_path / "card.age"
    plain = json.dumps({**document, "schema": "simward/backup/1"}).encode()
    path.write_bytes(pyrage.encrypt(plain, [OWNER.to_public()]))
    with pytest.raises(UsageError, match="no backup of a card"):
        read_backup(path, MY_KEY)


@pytest.mark.parametrize("plain", ["[]", "{}", '{"schema": "simward/backup/1"}', "no JSON"])
def test_what_is_no_backup_is_told_as_such(tmp_path, plain):
    path = tmp_path / "card.age"
    path.write_bytes(pyrage.encrypt(plain.encode(), [OWNER.to_public()]))
    with pytest.raises(UsageError, match="no backup of a card"):
        read_backup(path, MY_KEY)


@pytest.mark.parametrize("text", ["age1nothing", "ssh-ed25519 AAAA", "", "AGE-SECRET-KEY-1X"])
def test_a_key_that_is_none_is_named_and_nothing_is_written(tmp_path, text):
    path = tmp_path / "card.age"
    with pytest.raises(UsageError, match="--recipient"):
        write_backup(path, DOCUMENT, Lock(recipients=(text,)))
    assert list(tmp_path.iterdir()) == []


def test_a_private_key_that_is_none_is_not_repeated(tmp_path):
    path = tmp_path / "card.age"
    write_backup(path, DOCUMENT, MINE)
    with pytest.raises(UsageError, match="no private key") as caught:
        read_backup(path, Key(identities="AGE-SECRET-KEY-1QQQ"))
    assert "QQQ" not in str(caught.value)


def test_no_such_file_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="nowhere"):
        read_backup(tmp_path / "nowhere", Key("x"))
    with pytest.raises(UsageError, match="nowhere"):
        write_backup(tmp_path / "nowhere" / "card.age", json.loads(json.dumps(DOCUMENT)), MINE)
