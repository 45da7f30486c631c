"""Evidence that a broker will never take, told from a bad line."""

import pytest

from cloud_bridge.encoding import Row
from cloud_bridge.refusals import NOT_ALLOWED, TOO_LONG, TRIES, Tries, for_good
from cloud_bridge.window import Window

REPORT = Row(1, "report", 7, b"{}")
EVIDENCE = Row(2, "evidence", 7, b"{}")


@pytest.mark.parametrize(
    ("code", "why"), [(0x95, TOO_LONG), (0x87, NOT_ALLOWED), (0x97, None), (0x80, None), (0, None)]
)
def test_a_quota_may_pass_and_a_right_that_is_missing_does_not(code, why):
    assert for_good(code) == why


def test_connections_that_end_over_the_same_evidence_are_counted():
    tries = Tries()
    assert [tries.closed([EVIDENCE, REPORT]) for _ in range(TRIES)] == [*[None] * (TRIES - 1), 2]


@pytest.mark.parametrize("between", ["taken", "other row first", "nothing on its way", "another"])
def test_a_bad_line_is_not_the_evidence_s_fault(between):
    tries = Tries()
    for _ in range(TRIES - 1):
        tries.closed([EVIDENCE])
    if between == "taken":
        tries.taken([REPORT])
    else:
        rows = {"other row first": [REPORT, EVIDENCE], "another": [EVIDENCE._replace(seq=9)]}
        assert tries.closed(rows.get(between, [])) is None
    assert tries.closed([EVIDENCE]) is None


def test_a_packet_that_is_given_up_does_not_go_again():
    window = Window()
    window.poke()
    ask = window.ask()
    assert ask is not None
    window.offered(ask.after_seq, [EVIDENCE, REPORT._replace(seq=3)])
    window.sent(11, window.take())
    window.sent(12, window.take())
    assert [row.seq for row in window.unanswered] == [2, 3]
    assert window.flying(11) == (EVIDENCE,)
    window.give_up(11)
    assert [row.seq for row in window.unanswered] == [3]
    assert window.take() == ()


def test_evidence_that_is_taken_again_and_again_and_never_arrives_is_given_up():
    tries = Tries()
    for _ in range(TRIES - 1):
        tries.taken([EVIDENCE])
        tries.taken([EVIDENCE])
        assert [tries.lacking(1), tries.lacking(1)] == [None, None]
    assert tries.lacking(0) is None
    tries.taken([EVIDENCE])
    assert tries.lacking(1) == 2
    assert tries.lacking(1) is None


def test_a_row_that_did_arrive_counts_no_more():
    tries = Tries()
    tries.taken([EVIDENCE])
    assert tries.lacking(2) is None
    assert tries.lacking(1) is None
