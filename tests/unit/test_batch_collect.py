"""A bench without a reader: what is kept, what is named, what a kill leaves."""

from contextlib import closing

import pytest

from agent.batch.collecting import AGAIN, NEW, STRANGER, UNREADABLE, Bench
from agent.batch.journal import Journal, cards_in
from agent.errors import ListError, RefusedError
from sim.identifiers import Iccid, Imsi
from sim.identity import CardIdentity
from sim.pin import PinCounters
from sim.reading import Reading, absent
from tests.unit.batch_helpers import iccid

A, B, C = iccid(1), iccid(2), iccid(3)
NOT_ASKED = PinCounters(absent("not asked"), absent("not asked"), absent("not asked"))


def identity(number, imsi="001010000000001"):
    return CardIdentity(
        iccid=absent("not on the card") if number is None else Reading(Iccid(number)),
        imsi=absent("PIN1 is wanted") if imsi is None else Reading(Imsi(imsi)),
        mnc_length=Reading(2),
        spn=Reading("测试"),
        locked=imsi is None,
        pin1=NOT_ASKED,
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "collected.jsonl"


def taken(bench, number, imsi="001010000000001"):
    return bench.take("Reader 0", "3B00", identity(number, imsi)).what


def test_each_card_is_kept_once_and_named_again(path):
    with closing(Journal(path)) as journal:
        bench = Bench(journal, [A, C])
        assert [taken(bench, number) for number in (A, B, A, None)] == [
            NEW, STRANGER, AGAIN, UNREADABLE,
        ]  # fmt: skip
        document = bench.document()
    assert [(card["number"], card["iccid"], card["on_list"]) for card in document["cards"]] == [
        (1, A, True),
        (2, B, False),
    ]
    assert (document["duplicates"], document["not_on_list"], document["missing"]) == ([A], [B], [C])
    assert document["unreadable"] == 1
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_iccid_on_another_card_is_said(path):
    with closing(Journal(path)) as journal:
        bench = Bench(journal, None)
        taken(bench, A)
        assert not bench.take("Reader 0", "3B00", identity(A, None)).differs
        assert bench.take("Reader 0", "3B00", identity(A, "001010000000002")).differs
        assert bench.missing is None


def test_a_journal_cut_at_any_byte_goes_on_with_the_whole_lines(path):
    with closing(Journal(path)) as journal:
        bench = Bench(journal, None)
        for number in (A, B):
            taken(bench, number)
    content = path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(content) if byte == 0x0A]
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        kept = max(sum(end <= cut for end in ends) - 1, 0)
        with closing(Journal(path)) as journal:
            bench = Bench(journal, None)
            assert [card.iccid for card in journal.cards] == [A, B][:kept]
            assert taken(bench, C) == NEW
        assert [card.iccid for card in cards_in(path, path.read_bytes())] == [*[A, B][:kept], C]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"ICCID\n8986\n", "not a journal", id="a list"),
        pytest.param(b"notes", "not a journal", id="anything"),
        pytest.param(b'{"schema": "simward/collected/1"}\nrubbish\n', "line 2", id="damaged"),
        pytest.param(b'{"schema": "simward/collected/1"}\n{"number": 1}\n', "line 2", id="parts"),
        pytest.param(b'{"schema": "simward/collected/1"}\n[1]\n', "line 2", id="no object"),
    ],
)
def test_what_is_no_journal_is_left_as_it_is(path, content, words):
    path.write_bytes(content)
    with pytest.raises(ListError, match=words):
        Journal(path)
    assert path.read_bytes() == content


def test_one_collection_at_a_time_writes_a_journal(path):
    with closing(Journal(path)), pytest.raises(RefusedError, match="another collection"):
        Journal(path)
