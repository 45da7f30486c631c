"""Short messages of a simulated modem, in text and in PDU mode."""

import pytest

from modem.simulator.fixture import FixtureError
from modem.simulator.tpdu import Message, decode, encode_deliver, encode_submit
from tests.unit.simulated_modem_helpers import ask, lines, numbered, quiet

HELLO = {"from": "+99900000009", "text": "Hello [world] €"}
TIME = "26/11/22,01:02:03+32"


def text_mode(**options):
    modem = numbered(**options)
    ask(modem, "AT+CMGF=1")
    return modem


def type_text(modem, command: str, text: bytes) -> list[str]:
    """What the modem says to a text that is typed at its prompt."""
    modem.receive(command.encode() + b"\r", 0.0)
    assert modem.poll(0.0) == b"\r\n> "
    modem.receive(text, 0.0)
    return lines(modem)


def test_a_message_comes_in_is_announced_read_and_deleted() -> None:
    modem = text_mode()
    modem.do(message=HELLO)
    assert lines(modem) == ['+CMTI: "SM",1']
    assert ask(modem, "AT+CPMS?") == ['+CPMS: "SM",1,10,"SM",1,10,"SM",1,10', "OK"]
    head = f'"REC UNREAD","+99900000009",,"{TIME}"'
    assert ask(modem, 'AT+CMGL="ALL"') == [f"+CMGL: 1,{head}", "Hello [world] €", "OK"]
    read = head.replace("UNREAD", "READ")
    assert ask(modem, "AT+CMGR=1") == [f"+CMGR: {read}", "Hello [world] €", "OK"]
    assert ask(modem, "AT+CMGL") == ["OK"]
    assert ask(modem, "AT+CMGD=1") == ["OK"]
    assert ask(modem, "AT+CMGR=1") == ["+CMS ERROR: 321"]


def test_a_message_lies_on_the_card_and_goes_with_it() -> None:
    modem = text_mode()
    modem.do(message=HELLO)
    lines(modem)
    record = ask(modem, "AT+CRSM=178,28476,1,4,176")[0]
    assert record.startswith('+CRSM: 144,0,"03')
    modem.do(card="remove")
    lines(modem)
    assert ask(modem, "AT+CMGR=1") == ["+CMS ERROR: 310"]
    modem.do(card="insert")
    lines(modem)
    assert ask(modem, "AT+CMGR=1")[1] == "Hello [world] €"


def test_pdu_mode_gives_the_bytes_that_came() -> None:
    modem = numbered()
    modem.do(message=HELLO)
    lines(modem)
    head, pdu, final = ask(modem, "AT+CMGL=4")
    decoded = decode(bytes.fromhex(pdu))
    assert (decoded.address, decoded.text, decoded.time) == (HELLO["from"], HELLO["text"], TIME)
    assert head == f"+CMGL: 1,0,,{len(pdu) // 2 - 1 - int(pdu[:2], 16)}"
    assert final == "OK"


def test_a_message_may_be_shown_directly_or_stored_in_silence() -> None:
    modem = text_mode()
    ask(modem, "AT+CNMI=2,2")
    modem.do(message=HELLO)
    assert lines(modem) == [f'+CMT: "+99900000009",,"{TIME}"', "Hello [world] €"]
    ask(modem, "AT+CNMI=0,0")
    modem.do(message=HELLO)
    assert lines(modem) == []
    assert ask(modem, "AT+CPMS?")[0].startswith('+CPMS: "SM",1,')
    assert ask(modem, "AT+CNMI?") == ["+CNMI: 0,0,0,0,0", "OK"]


def test_the_modems_own_memory_is_used_when_chosen_and_outlives_a_restart() -> None:
    modem = text_mode()
    assert ask(modem, 'AT+CPMS="ME","ME","ME"') == ["+CPMS: 0,23,0,23,0,23", "OK"]
    modem.do(message=HELLO)
    assert lines(modem) == ['+CMTI: "ME",1']
    ask(modem, "AT+CFUN=1,1", 0.0)
    ask(modem, "ATE0", 5.0)
    ask(modem, 'AT+CPMS="ME"', 5.0)
    assert ask(modem, "AT+CMGD=0,4", 5.0) == ["OK"]
    assert ask(modem, 'AT+CPMS="ME"', 5.0)[0].startswith("+CPMS: 0,23,")
    assert ask(modem, 'AT+CPMS="MT"', 5.0) == ["+CMS ERROR: 302"]


def test_in_ucs2_names_numbers_and_texts_are_hexadecimal() -> None:
    modem = text_mode()
    ask(modem, 'AT+CSCS="UCS2"')
    modem.do(message={"from": "10086", "text": "您好"})
    lines(modem)
    head, text, _ = ask(modem, "AT+CMGR=1")
    assert '"00310030003000380036"' in head
    assert text == "60A8597D"
    assert ask(modem, "AT+COPS?")[0].startswith('+COPS: 0,0,"0054006500730074')
    ask(modem, 'AT+CSCS="GSM"')
    assert ask(modem, "AT+CMGR=1")[1] == "60A8597D"  # what GSM lacks stays hexadecimal


def test_a_message_is_sent_at_the_prompt() -> None:
    modem = text_mode()
    assert type_text(modem, 'AT+CMGS="10086"', b"CX\r\nsecond line\x1a") == ["+CMGS: 0", "OK"]
    assert type_text(modem, 'AT+CMGS="10086"', b"again\x1a") == ["+CMGS: 1", "OK"]
    first, second = modem.sent_messages
    assert first == ("10086", "CX\r\nsecond line")
    assert second.text == "again"


def test_a_pdu_is_sent_at_the_prompt() -> None:
    modem = numbered()
    pdu = encode_submit("+99900000009", "hi")
    command = f"AT+CMGS={len(pdu) - 1}"
    assert type_text(modem, command, pdu.hex().encode() + b"\x1a") == ["+CMGS: 0", "OK"]
    assert modem.sent_messages == [("+99900000009", "hi")]
    assert type_text(modem, "AT+CMGS=3", pdu.hex().encode() + b"\x1a") == ["+CMS ERROR: 304"]
    assert type_text(modem, "AT+CMGS=3", b"zz\x1a") == ["+CMS ERROR: 304"]


def test_a_length_is_a_number_in_whatever_character_set() -> None:
    modem = numbered()
    ask(modem, 'AT+CSCS="UCS2"')
    pdu = encode_submit("10086", "hi")
    command = f"AT+CMGS={len(pdu) - 1}"
    assert type_text(modem, command, pdu.hex().encode() + b"\x1a") == ["+CMGS: 0", "OK"]


def test_escape_leaves_the_prompt_and_sends_nothing() -> None:
    modem = text_mode()
    assert type_text(modem, 'AT+CMGS="10086"', b"never\x1b") == ["OK"]
    assert modem.sent_messages == []
    assert ask(modem, "AT") == ["OK"]


@pytest.mark.parametrize("cms", [8, 28, 30, 331])
def test_the_network_may_refuse_a_message(cms) -> None:
    modem = text_mode()
    modem.do(network={"messages": {"cms": cms}})
    assert type_text(modem, 'AT+CMGS="10086"', b"x\x1a") == [f"+CMS ERROR: {cms}"]
    modem.do(network={"messages": {}})
    assert type_text(modem, 'AT+CMGS="10086"', b"x\x1a")[-1] == "OK"


def test_without_a_network_nothing_is_sent_and_nothing_comes() -> None:
    modem = text_mode()
    modem.do(network={"coverage": False})
    assert type_text(modem, 'AT+CMGS="10086"', b"x\x1a") == ["+CMS ERROR: 331"]
    modem.do(message=HELLO)
    assert lines(modem) == []


def test_a_draft_is_kept_and_a_full_store_says_so() -> None:
    modem = text_mode()
    for place in range(1, 11):
        answer = type_text(modem, 'AT+CMGW="10086"', b"draft\x1a")
        assert answer == [f"+CMGW: {place}", "OK"]
    assert type_text(modem, 'AT+CMGW="10086"', b"draft\x1a") == ["+CMS ERROR: 322"]
    assert ask(modem, "AT+CMGR=1")[0] == '+CMGR: "STO UNSENT","10086",'
    modem.do(message=HELLO)
    assert lines(modem) == []  # waits in the network
    assert ask(modem, "AT+CMGD=1,3") == ["OK"]
    assert ask(modem, 'AT+CMGL="ALL"') == ["OK"]


@pytest.mark.parametrize(
    ("command", "final"),
    [
        ('AT+CMGL="NONE"', "+CMS ERROR: 305"),
        ("AT+CMGR=x", "+CMS ERROR: 321"),
        ("AT+CMGD=99", "+CMS ERROR: 321"),
        ("AT+CMGD=1,9", "+CMS ERROR: 321"),
        ("AT+CMGS=", "+CMS ERROR: 305"),
        ("AT+CNMI=9", "+CMS ERROR: 303"),
        ("AT+CMGF=7", "+CME ERROR: 50"),
        ("AT+CSCA=", "+CMS ERROR: 305"),
        ('AT+CSCS="HEX"', "+CME ERROR: 50"),
    ],
)
def test_what_makes_no_sense_is_refused(command, final) -> None:
    assert ask(text_mode(), command) == [final]


def test_the_service_centre_is_read_and_changed() -> None:
    modem = quiet()
    assert ask(modem, "AT+CSCA?") == ['+CSCA: "+10015550100",145', "OK"]
    assert ask(modem, 'AT+CSCA="99901"') == ["OK"]
    assert ask(modem, "AT+CSCA?") == ['+CSCA: "99901",129', "OK"]


# SMS-DELIVER from a public description of the format (3GPP TS 23.040), and one of our own.
PDUS = {
    "hellohello": (
        "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
        Message("27838890001", "hellohello", "99/03/29,15:16:59+08"),
    ),
}


def test_a_pdu_of_a_public_description_is_read() -> None:
    pdu, expected = PDUS["hellohello"]
    assert decode(bytes.fromhex(pdu)) == expected


@pytest.mark.parametrize("text", ["", "a", "seven77", "eight888", "{|}~€^[]\\", "ÄÖÜ@£", "您好🙂"])
def test_what_is_written_is_read_back(text) -> None:
    deliver = decode(encode_deliver("+99912", text, "26/11/22,01:02:03-14", "+9990"))
    assert (deliver.text, deliver.address, deliver.time) == (text, "+99912", "26/11/22,01:02:03-14")
    submit = decode(encode_submit("10086", text))
    assert (submit.text, submit.address, submit.submitted) == (text, "10086", True)


@pytest.mark.parametrize("pdu", ["", "00", "0004", "000502", "07917283010010F5040BC872"])
def test_a_pdu_cut_short_is_no_pdu(pdu) -> None:
    with pytest.raises(ValueError, match=r"cut short|neither|index out of range"):
        decode(bytes.fromhex(pdu))


def test_the_phone_book_of_the_card_is_read() -> None:
    modem = numbered()
    assert ask(modem, "AT+CPBS?") == ['+CPBS: "SM",1,2', "OK"]
    assert ask(modem, "AT+CPBR=1,2") == ['+CPBR: 1,"+99900000001",145,"Note"', "OK"]
    assert ask(modem, "AT+CPBR=2") == ["+CME ERROR: 22"]
    assert ask(modem, "AT+CPBR=3") == ["+CME ERROR: 50"]
    assert ask(modem, "AT+CPBR=?") == ["+CPBR: (1-2),20,14", "OK"]
    assert ask(modem, 'AT+CPBS="ON"') == ["OK"]
    assert ask(modem, "AT+CPBR=1")[0] == '+CPBR: 1,"+99900000001",145,"Own"'
    assert ask(modem, 'AT+CPBS="XX"') == ["+CME ERROR: 50"]


def test_a_message_without_a_text_is_refused_with_its_place() -> None:
    with pytest.raises(FixtureError) as caught:
        quiet().do(message={"from": "1"})
    assert caught.value.place == "message"
