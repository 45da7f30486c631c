"""Cards that come and go in readers become events; what was in before does not."""

from agent.card_watch import CardWatch
from agent.stamps import stamp_now
from sim.transport.pcsc import CardMoved

ATR = bytes.fromhex("3B9F95801FC78031E073FE21130001020304050607BC")
DESK = "Desk Reader 00 00"


def came(reader=DESK):
    return CardMoved(reader, inserted=True, atr=ATR)


def watch(reader="desk"):
    happened = []
    return CardWatch(reader, stamp=lambda: stamp_now(1), emit=happened.append), happened


def told(happened):
    return [(each.code, each.args) for each in happened]


def test_a_card_that_is_in_at_the_start_is_no_event():
    cards, happened = watch()
    cards._begin([came()])
    assert happened == []


def test_what_changed_while_pcscd_was_away_is_told_when_it_is_back():
    cards, happened = watch()
    cards._begin([came()])
    cards._begin([])
    cards._begin([came()])
    assert told(happened) == [
        ("card_removed", {"reader": DESK}),
        ("card_inserted", {"reader": DESK, "atr": ATR.hex().upper()}),
    ]


def test_other_readers_than_the_configured_one_are_not_told_of():
    cards, happened = watch()
    cards._begin([])
    cards._tell(came("Another 00 00"))
    cards._tell(came())
    assert [args["reader"] for _, args in told(happened)] == [DESK]


def test_a_service_that_never_comes_back_is_said_once(caplog):
    cards, _ = watch()
    cards.check(cards._beat + 299)
    assert caplog.records == []
    cards.check(cards._beat + 301)
    cards.check(cards._beat + 302)
    assert [record.message for record in caplog.records] == [
        "card readers cannot be watched reason='the PC/SC service does not answer'"
    ]
