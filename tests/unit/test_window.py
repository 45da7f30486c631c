from cloud_bridge.encoding import MAX_BATCH_ROWS, Row
from cloud_bridge.window import RESEND_AFTER_S, Window


def row(seq: int, kind: str = "report", boot: int = 1) -> Row:
    return Row(seq, kind, boot, b'{"boot":1}')


def filled(*rows: Row, size: int = 10) -> Window:
    window = Window(size)
    ask = window.ask()
    assert ask is not None
    window.offered(ask.after_seq, rows)
    return window


def seqs(rows: tuple[Row, ...]) -> list[int]:
    return [r.seq for r in rows]


def send_all(window: Window, first_mid: int = 1) -> list[list[int]]:
    sent = []
    while rows := window.take():
        window.sent(first_mid + len(sent), rows)
        sent.append(seqs(rows))
    return sent


def test_a_few_rows_go_one_by_one_oldest_first() -> None:
    assert send_all(filled(row(1), row(2), row(3))) == [[1], [2], [3]]


def test_a_backlog_goes_in_batches() -> None:
    window = filled(*(row(n) for n in range(1, MAX_BATCH_ROWS + 1)))
    assert send_all(window) == [list(range(1, MAX_BATCH_ROWS + 1))]


def test_a_batch_holds_reports_of_one_boot_only_and_keeps_the_order() -> None:
    reports = [row(n, boot=1) for n in range(1, 7)] + [row(n, boot=2) for n in range(7, 13)]
    window = filled(*reports, row(13, "event"), row(14, boot=2))
    assert send_all(window) == [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12], [13], [14]]


def test_no_more_publishes_than_the_window_are_unanswered() -> None:
    window = filled(*(row(n, "event") for n in range(1, 30)), size=3)
    assert send_all(window) == [[1], [2], [3]]
    assert window.taken(2, 0.0) == (2,)
    assert send_all(window, first_mid=10) == [[4]]


def test_nothing_is_asked_twice_and_nothing_after_an_empty_answer_until_there_is_news() -> None:
    window = Window()
    assert window.ask() == (0, MAX_BATCH_ROWS)
    assert window.ask() is None
    window.offered(0, [])
    assert window.ask() is None
    assert window.idle
    window.poke()
    assert window.ask() == (0, MAX_BATCH_ROWS)


def test_news_between_question_and_answer_are_not_lost() -> None:
    window = Window()
    window.ask()
    window.poke()
    window.offered(0, [])
    assert window.ask() == (0, MAX_BATCH_ROWS)


def test_after_a_reconnect_everything_unacknowledged_is_asked_for_again() -> None:
    window = filled(row(5), row(6))
    send_all(window)
    window.restart(10)
    assert window.ask() == (0, MAX_BATCH_ROWS)


def test_an_answer_from_before_the_reconnect_is_dropped() -> None:
    window = filled(row(1), row(2))
    send_all(window)
    window.poke()
    assert window.ask() == (2, MAX_BATCH_ROWS)
    window.restart(10)
    assert window.ask() == (0, MAX_BATCH_ROWS)
    window.offered(2, [row(3)])
    window.offered(0, [row(1), row(2), row(3)])
    assert send_all(window) == [[1], [2], [3]]


def test_a_refused_row_and_all_after_it_go_again() -> None:
    window = filled(row(1), row(2), row(3))
    send_all(window)
    assert window.taken(1, 0.0) == (1,)
    assert window.refused(2)
    assert window.ask() == (1, MAX_BATCH_ROWS)


def test_what_an_ack_covers_is_not_sent() -> None:
    window = filled(*(row(n, "event") for n in range(1, 6)))
    window.acked(3, 0.0)
    assert send_all(window) == [[4], [5]]


def test_an_ack_beyond_what_was_asked_for_skips_nothing() -> None:
    window = filled(row(1), row(2))
    window.acked(10**9, 0.0)
    assert send_all(window) == [[1], [2]]
    window.poke()
    assert window.ask() == (2, MAX_BATCH_ROWS)


def test_an_ack_that_leaves_out_an_old_row_brings_it_again() -> None:
    window = filled(row(1), row(2))
    send_all(window)
    window.taken(1, 0.0)
    window.taken(2, 0.0)
    window.acked(1, RESEND_AFTER_S / 2)
    assert window.ask() is None
    window.acked(1, RESEND_AFTER_S + 1)
    assert window.ask() == (1, MAX_BATCH_ROWS)


def test_a_row_that_nobody_heard_goes_again_with_the_first_ack() -> None:
    window = filled(row(1), row(2))
    send_all(window)
    window.taken(1, 0.0, unheard=True)
    window.taken(2, 0.0)
    window.acked(0, 0.1)
    assert window.ask() == (0, MAX_BATCH_ROWS)


def test_a_backend_that_lacks_rows_of_an_earlier_connection_gets_them_once() -> None:
    window = filled(row(8))
    send_all(window)
    window.acked(3, 0.0)
    assert window.ask() == (3, MAX_BATCH_ROWS)
    window.offered(3, [row(n, "event") for n in range(4, 9)])
    assert send_all(window, first_mid=10) == [[4], [5], [6], [7], [8]]
    window.acked(3, 1.0)
    assert window.ask() is None


def taken_by_the_broker(*numbers: int) -> Window:
    window = filled(*(row(n, "event") for n in numbers))
    for mid, (seq,) in enumerate(send_all(window), start=1):
        assert window.taken(mid, 0.0) == (seq,)
    return window


def test_what_the_backend_asks_for_again_goes_at_once_however_young() -> None:
    window = taken_by_the_broker(1, 2, 3)
    window.acked(1, 0.5, again=True)
    assert window.ask() == (1, MAX_BATCH_ROWS)


def test_what_was_not_sent_yet_or_is_under_way_is_not_sent_twice() -> None:
    window = filled(row(1), row(2))
    window.acked(0, 0.5, again=True)
    assert send_all(window) == [[1], [2]]
    window.acked(0, 0.5, again=True)
    assert window.ask() is None


def test_rows_that_never_get_there_go_again_ever_more_seldom() -> None:
    window = taken_by_the_broker(1)
    sent_again = []
    for now in range(1, 400):
        window.acked(0, float(now), again=True)
        if window.ask():
            sent_again.append(now)
            window.offered(0, [row(1)])
            send_all(window, first_mid=now)
            window.taken(now, float(now))
    assert sent_again == [1, 11, 31, 71, 151, 311]


def test_progress_begins_the_pauses_anew() -> None:
    window = taken_by_the_broker(1, 2)
    window.acked(0, 1.0, again=True)
    assert window.ask() == (0, MAX_BATCH_ROWS)
    window.offered(0, [row(1), row(2)])
    send_all(window, first_mid=10)
    window.taken(10, 2.0)
    window.taken(11, 2.0)
    window.acked(1, 3.0, again=True)
    assert window.ask() == (1, MAX_BATCH_ROWS)
