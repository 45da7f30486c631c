"""Parts of long messages become one message again; what is missing or binary is said."""

from sim.messages import assemble_messages
from sim.records import RecordFile

PATH = "MF/ADF.USIM/EF.SMS"


def deliver(
    units, *, reference=7, part=(), sender="0481" + "1032", coding="00", wide=False, header=b""
):
    """A record with one part: `units` are septets or bytes, `part` is (number, total)."""
    if part:
        number, total = part
        body = reference.to_bytes(2 if wide else 1, "big") + bytes((total, number))
        element = bytes((0x08 if wide else 0x00, len(body))) + body
        header = bytes((len(element),)) + element
    if coding == "08":
        data, count = header + units, len(header) + len(units)
    else:
        skipped = (len(header) * 8 + 6) // 7
        septets = bytes(skipped) + units
        bits = sum(value << 7 * place for place, value in enumerate(septets))
        packed = bytearray(bits.to_bytes((len(septets) * 7 + 7) // 8, "little"))
        packed[: len(header)] = header
        data, count = bytes(packed), len(septets)
    first = "44" if header else "04"
    tpdu = first + sender + "00" + coding + "62112201020323"
    return bytes.fromhex("0300" + tpdu) + bytes((count,)) + data


def assembled(*records):
    numbered = {number: raw for number, raw in enumerate(records, start=1) if raw}
    return assemble_messages({PATH: RecordFile("EF.SMS", len(records), numbered)})


def test_a_message_of_one_part_stands_for_itself():
    (message,) = assembled(deliver(b"Hi"))
    assert message == {
        "path": PATH,
        "records": [1],
        "parts": 1,
        "complete": True,
        "status": "received_unread",
        "kind": "deliver",
        "address": "0123",
        "smsc": None,
        "sent_at": "2026-11-22T10:20:30+08:00",
        "text": "Hi",
    }


def test_parts_are_joined_in_their_order_wherever_they_stand():
    (message,) = assembled(
        deliver(b"code ", part=(2, 3)),
        b"",
        deliver(b"4711", part=(3, 3)),
        deliver(b"The ", part=(1, 3)),
    )
    assert (message["text"], message["records"]) == ("The code 4711", [4, 1, 3])
    assert (message["parts"], message["complete"]) == (3, True)


def test_references_of_16_bits_are_not_those_of_8():
    messages = assembled(
        deliver(b"a", part=(1, 2), reference=7), deliver(b"b", part=(2, 2), reference=7, wide=True)
    )
    assert [m["text"] for m in messages] == ["a…", "…b"]


def test_a_missing_part_leaves_a_mark_where_it_belongs():
    (middle,) = assembled(deliver(b"A", part=(1, 3)), deliver(b"C", part=(3, 3)))
    (first,) = assembled(deliver(b"B", part=(2, 2)))
    (last,) = assembled(deliver(b"A", part=(1, 2)))
    assert [m["text"] for m in (middle, first, last)] == ["A…C", "…B", "A…"]
    assert not any(m["complete"] for m in (middle, first, last))


def test_a_character_that_is_cut_in_two_is_whole_again():
    smile = "🙂".encode("utf-16-be")
    (message,) = assembled(
        deliver(smile[:2], part=(1, 2), coding="08"), deliver(smile[2:], part=(2, 2), coding="08")
    )
    assert message["text"] == "🙂"
    (escaped,) = assembled(deliver(b"1\x1b", part=(1, 2)), deliver(b"\x65", part=(2, 2)))
    assert escaped["text"] == "1€"


def test_senders_and_references_that_differ_are_kept_apart():
    messages = assembled(
        deliver(b"A", part=(1, 2)),
        deliver(b"B", part=(2, 2), sender="0481" + "5476"),
        deliver(b"C", part=(2, 2), reference=8),
    )
    assert [m["text"] for m in messages] == ["A…", "…B", "…C"]


def test_a_reference_that_comes_again_begins_a_new_message():
    messages = assembled(
        deliver(b"A", part=(1, 2)),
        deliver(b"B", part=(2, 2)),
        deliver(b"C", part=(1, 2)),
        deliver(b"D", part=(2, 2)),
    )
    assert [m["text"] for m in messages] == ["AB", "CD"]


def test_parts_in_different_alphabets_have_no_text_together():
    (message,) = assembled(
        deliver(b"A", part=(1, 2)), deliver("B".encode("utf-16-be"), part=(2, 2), coding="08")
    )
    assert message["text"] is None


def test_letters_of_a_national_table_are_not_guessed():
    (message,) = assembled(deliver(b"Hi", header=bytes.fromhex("03240101")))
    assert message["text"] is None


def test_what_is_no_message_is_left_out():
    assert assembled(b"\x00" + b"\xff" * 9, bytes.fromhex("0303079144")) == []
    assert assemble_messages({"MF/DF.TELECOM/EF.ADN": RecordFile("EF.ADN", 1, {1: b"\x03"})}) == []


def test_a_status_report_and_an_own_message_say_what_they_are():
    report = bytes.fromhex("0100060904811032621122010203236211220102132300")
    own = bytes.fromhex("07069110900000F11100048110320000AA02C834")
    kinds = [(m["kind"], m["status"], m["smsc"], m["text"]) for m in assembled(report, own)]
    assert kinds == [
        ("status_report", "received_read", None, None),
        ("submit", "stored_unsent", "+010900001", "Hi"),
    ]
