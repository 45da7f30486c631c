"""The journal of a case: nothing torn passes, nothing changed passes, one writer at a time."""

import json
import os
import resource
from contextlib import contextmanager

import pytest

from agent.errors import RefusedError, StoreError
from agent.unbind.folder import case_in, case_name, cases, folder_of
from agent.unbind.journal import NAME, Journal, read_journal
from cloud_bridge.evidence import canonical
from tests.unit.unbind_helpers import AT, ICCID, OTHER_ICCID, ROAD, entry, kept, upto


def test_a_case_folder_names_neither_card_nor_order(tmp_path):
    folder = kept(tmp_path, ROAD)
    assert folder == folder_of(tmp_path, ICCID, "W-1") == tmp_path / "unbind" / folder.name
    assert len(folder.name) == 16
    assert ICCID not in str(folder)
    assert case_name(ICCID, "W-2") != folder.name != case_name(OTHER_ICCID, "W-1")
    assert (folder.stat().st_mode & 0o777, (folder / NAME).stat().st_mode & 0o777) == (0o700, 0o600)


def test_entries_are_canonical_lines_that_say_when(tmp_path):
    folder = kept(tmp_path, ROAD[:2])
    first, second = (folder / NAME).read_bytes().splitlines()
    assert canonical(json.loads(first)) == first
    assert json.loads(second)["body"] == {**ROAD[1], "at": AT.at, "up_s": AT.up_s}
    assert json.loads(second)["prev"] == json.loads(first)["hash"]


def test_what_was_written_is_read_back_by_who_does_not_write(tmp_path):
    folder = kept(tmp_path, ROAD)
    assert [each.body for each in read_journal(folder)] == ROAD
    assert case_in(folder).state == "closed"
    assert [found.folder for found in cases(tmp_path)] == [folder]


def test_where_nothing_was_begun_there_is_no_case(tmp_path):
    assert cases(tmp_path) == ()
    folder = folder_of(tmp_path, ICCID, "W-1")
    folder.mkdir(parents=True)
    assert (case_in(folder), cases(tmp_path)) == (None, ())


@contextmanager
def room_for(size):
    """No file of this process may grow beyond `size` bytes: a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_for_which_the_disk_had_no_room_leaves_nothing_behind(tmp_path):
    folder = kept(tmp_path, ROAD[:2])
    content = (folder / NAME).read_bytes()
    facts = {name: value for name, value in ROAD[2].items() if name not in {"what", "at", "up_s"}}
    with Journal(folder, when=lambda: AT) as journal:
        with room_for(len(content) + 10), pytest.raises(StoreError):
            journal.append(ROAD[2]["what"], facts)
        assert (folder / NAME).read_bytes() == content
        journal.append(ROAD[2]["what"], facts)
    assert [each.body for each in read_journal(folder)] == ROAD[:3]


def test_a_line_that_was_torn_anywhere_is_cut_off_and_named(tmp_path):
    folder = kept(tmp_path, ROAD[:4])
    content = (folder / NAME).read_bytes()
    before = content[: content[:-1].rfind(b"\n") + 1]
    for length in range(len(before) + 1, len(content)):
        (folder / NAME).write_bytes(content[:length])
        assert len(read_journal(folder)) == 3
        with Journal(folder, when=lambda: AT) as journal:
            assert journal.torn == length - len(before)
            assert [each.body for each in journal.entries] == [
                *ROAD[:3],
                entry("torn", bytes=length - len(before)),
            ]
        assert case_in(folder).state == "baseline_taken"


def test_a_tail_of_zeros_is_cut_off_too(tmp_path):
    folder = kept(tmp_path, ROAD[:4])
    with (folder / NAME).open("ab") as file:
        file.write(bytes(200))
    with Journal(folder) as journal:
        assert (journal.torn, len(journal.entries)) == (200, 5)


def test_a_first_line_that_was_torn_is_no_case(tmp_path):
    folder = kept(tmp_path, ROAD[:1])
    whole = (folder / NAME).read_bytes()
    for length in range(len(whole)):
        (folder / NAME).write_bytes(whole[:length])
        assert case_in(folder) is None
        with Journal(folder, when=lambda: AT) as journal:
            assert (journal.torn, journal.entries) == (length, [])


def test_one_changed_byte_anywhere_is_named_with_its_entry(tmp_path):
    folder = kept(tmp_path, ROAD[:3])
    content = (folder / NAME).read_bytes()
    ends = [at for at, byte in enumerate(content) if byte == 10]
    for at in range(len(content) - 1):
        changed = bytearray(content)
        changed[at] ^= 1
        (folder / NAME).write_bytes(changed)
        number = sum(end < at for end in ends) + 1
        with pytest.raises(StoreError) as error:
            read_journal(folder)
        assert int(error.value.fields["number"]) in {number, number + 1}, at
        with pytest.raises(StoreError):
            Journal(folder)
        assert (folder / NAME).read_bytes() == bytes(changed)


def test_an_entry_that_was_dropped_doubled_or_moved_is_found(tmp_path):
    folder = kept(tmp_path, ROAD[:5])
    lines = (folder / NAME).read_bytes().splitlines(keepends=True)
    for wrong in (
        [*lines[:2], *lines[3:]],
        [*lines[:2], lines[1], *lines[2:]],
        [lines[0], lines[2], lines[1], *lines[3:]],
    ):
        (folder / NAME).write_bytes(b"".join(wrong))
        with pytest.raises(StoreError, match=r"entry [23] does not hold"):
            read_journal(folder)


def test_the_journal_of_another_case_is_none(tmp_path):
    folder = kept(tmp_path, ROAD[:3])
    other = folder.with_name(case_name(OTHER_ICCID, "W-1"))
    folder.rename(other)
    with pytest.raises(StoreError, match="entry 1 does not hold"):
        read_journal(other)


def test_a_journal_that_tells_of_what_cannot_happen_is_refused(tmp_path):
    folder = kept(tmp_path, [ROAD[0], ROAD[-1]])
    with pytest.raises(StoreError, match="entry 2 does not hold"):
        case_in(folder)


def test_two_commands_never_write_one_journal(tmp_path):
    folder = kept(tmp_path, upto("judge_gates"))
    with Journal(folder), pytest.raises(RefusedError, match="another command works on"):
        Journal(folder)
    Journal(folder).close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_who_may_not_is_refused(tmp_path):
    folder = kept(tmp_path, ROAD[:2])
    (folder / NAME).chmod(0)
    for attempt in (lambda: Journal(folder), lambda: read_journal(folder)):
        with pytest.raises(RefusedError, match="not allowed"):
            attempt()


def test_a_full_disk_is_said_and_nothing_is_taken_for_written(tmp_path):
    folder = kept(tmp_path, ROAD[:1])
    with Journal(folder) as journal:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, journal.fileno())
        os.close(full)
        with pytest.raises(StoreError, match="No space left"):
            journal.append("account", {"account": {}})
        assert len(journal.entries) == 1
