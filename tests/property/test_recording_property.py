"""No identifier of a recorded modem is in what is written, in whatever coding; shapes are kept.

The codings below are the test's own: whoever wrote both sides agrees with every mistake in them.
"""

import re
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modem.recording.cleaning import Cleaner, IdentifierLeftError, cleaned
from modem.recording.dialogue import dialogue_of
from modem.recording.identifiers import Identifier
from modem.recording.walk import Exchange, Recording
from modem.simulator.dialogue import Dialogue
from modem.simulator.dialogue_text import dialogue_text
from tests.effort import examples

DIGITS = "0123456789"


def luhn_ok(number: str) -> bool:
    total = 0
    for place, digit in enumerate(number[::-1]):
        value = int(digit) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return total % 10 == 0


def swap(nibbles: str) -> str:
    padded = nibbles if len(nibbles) % 2 == 0 else nibbles + "F"
    return "".join(b + a for a, b in zip(padded[::2], padded[1::2], strict=True))


def ucs2(text: str) -> str:
    return "".join(f"{ord(char):04X}" for char in text)


def digits(least: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=least, max_size=most or least)


@dataclass(frozen=True)
class Subscriber:
    imsi: str
    iccid: str
    imei: str
    number: str
    smsc: str
    area: str
    cell: int
    ipv4: str
    ipv6: str
    apn: str
    name: str
    mnc_length: int


def hexadecimal(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789ABCDEF", min_size=least, max_size=most)


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9)


@st.composite
def subscribers(draw) -> Subscriber:
    octets = draw(st.lists(st.integers(1, 126), min_size=4, max_size=4))
    assume(octets != octets[::-1])  # its bytes would not say which end they begin at
    groups = draw(st.lists(st.integers(0x1000, 0xFFFE), min_size=6, max_size=6))
    return Subscriber(
        imsi=draw(st.sampled_from(["460", "310", "250"])) + draw(digits(12)),
        iccid="89" + draw(digits(17, 18)),
        imei=draw(st.sampled_from(["86", "35"])) + draw(digits(13)),
        number=draw(st.sampled_from(["8613", "49151", "1415"])) + draw(digits(8, 9)),
        smsc="86138" + draw(digits(8)),
        # Not 0x1001, whose spelling 001001 is the test network's: it gets another substitute then.
        area=f"{draw(st.integers(0x1002, 0xFFFD)):04X}",
        cell=draw(st.integers(0x100000, 0xFFFFFFE)),
        ipv4=".".join(map(str, octets)),
        ipv6=":".join(["240e", "47e", *(f"{group:x}" for group in groups)]),
        apn=draw(WORDS) + "." + draw(WORDS),
        name=draw(WORDS).capitalize() + " " + draw(WORDS).capitalize(),
        mnc_length=draw(st.sampled_from([2, 3])),
    )


def answers(who: Subscriber) -> dict[str, str]:
    """What such a modem might say, each identifier in several codings."""
    imsi_file = f"08{swap('9' + who.imsi)}"
    plmn = who.imsi[: 3 + who.mnc_length]
    mcc, mnc = plmn[:3], plmn[3:]
    name_file = who.name.encode().hex().upper().ljust(32, "F")
    return {
        "AT+CGSN": who.imei,
        "ATI": f"Maker\r\nRevision: 1.2.3.4\r\nIMEI: {who.imei}\r\nSV {who.imei[:14]}01",
        "AT+CIMI": who.imsi,
        "AT+CCID": f"+CCID: {who.iccid}F",
        "AT^ICCID?": f"^ICCID: {swap(who.iccid).lower()}",
        "AT+ICCID": f'+ICCID: "{who.iccid}"',
        "AT+CRSM=176,12258,0,0,10": f'+CRSM: 144,0,"{swap(who.iccid)}"',
        'AT+CSIM=10,"00B000000A"': f'+CSIM: 24,"{swap(who.iccid)}9000"',
        "AT+CRSM=176,28423,0,0,9": f'+CRSM: 144,0,"{imsi_file}"',
        "AT+CRSM=176,28486,0,0,17": f'+CRSM: 144,0,"01{name_file}"',
        "AT+CRSM=176,28589,0,0,4": f'+CRSM: 144,0,"0000000{who.mnc_length}"',
        "AT+CNUM": f'+CNUM: "","+{who.number}",145\r\n+CNUM: ,"{who.number}",129',
        "AT+CSCA?": f'+CSCA: "{ucs2("+" + who.smsc)}",145',
        "AT^PDU?": f'^PDU: "07{swap("19" + who.smsc)}","{swap(who.number)}"',
        "AT+COPS?": f'+COPS: 0,0,"{who.name}",7',
        "AT+CREG?": f'+CREG: 2,1,"{who.area}","{who.cell:08X}",7',
        "AT+CEREG?": f'+CEREG: 2,1,"{who.area.lower()}","{who.cell:x}",7',
        "AT+CPSI?": f"+CPSI: LTE,Online,{mcc}-{mnc},0x{who.area},{who.cell},113,EUTRAN-BAND3",
        'AT+QENG="servingcell"': f'+QENG: "servingcell","LTE","FDD",{mcc},{mnc},{who.cell:X},77,'
        f"-10,{who.area},-97",
        "AT+QNWINFO": f'+QNWINFO: "FDD LTE","{plmn}","LTE BAND 3",-1',
        "AT+CGDCONT?": f'+CGDCONT: 1,"IP","{who.apn}","0.0.0.0",0,0\r\n+CGDCONT: 2,"IP","ims"',
        "AT+CGPADDR": f'+CGPADDR: 1,"{who.ipv4}","{who.ipv6}"',
        "AT+CGCONTRDP": f'+CGCONTRDP: 1,5,"{who.apn}","{who.ipv4}.255.255.255.0"',
        "AT^DHCP?": f"^DHCP: {bytes(map(int, who.ipv4.split('.')))[::-1].hex()},00ffffff",
        "AT+QGDCNT?": "+QGDCNT: 123456789012,210987654321",
    }


def recording_of(said: dict[str, str], **header: str) -> Recording:
    exchanges = tuple(
        Exchange(command, f"{command}\r\r\n{text}\r\n\r\nOK\r\n".encode("latin-1"))
        for command, text in said.items()
    )
    return Recording(
        model=header.get("model", "X1"),
        revision="1.2.3.4",
        profile="generic_3gpp",
        exchanges=exchanges,
        echo=True,
        located=frozenset({"AT+CREG?", "AT+CEREG?", "AT+CPSI?"}),
    )


def traces(who: Subscriber) -> set[str]:
    """Texts that must not be in the output."""
    long = {who.imsi, who.iccid, who.imei, who.number, who.smsc}
    coded = {swap(value) for value in long}
    coded |= {swap(nibble + value) for value in long for nibble in "0189ABCDEF"}
    coded |= {ucs2(value) for value in long} | {value.encode().hex().upper() for value in long}
    core = {who.imei[:14], who.iccid[:-1], who.number[2:] if len(who.number) > 11 else who.number}
    names = {who.apn, who.name, who.name.encode().hex(), ucs2(who.name)}
    address = bytes(map(int, who.ipv4.split(".")))
    return long | coded | core | names | {who.ipv4, who.ipv6, address[::-1].hex()}


def written(recording: Recording, **options: bool) -> tuple[str, Dialogue]:
    clean, _ = cleaned(recording, **options)
    text = dialogue_text(dialogue_of(clean, source="test"))
    return text, Dialogue.parse(text, "test")


@settings(max_examples=examples(8))
@given(subscribers())
def test_nothing_of_the_subscriber_is_in_what_is_written(who) -> None:
    text, _ = written(recording_of(answers(who)))
    for trace in traces(who):
        assert trace.upper() not in text.upper(), trace
    for place in (who.area, f"{who.cell:X}", f"{who.cell:08X}", str(who.cell)):
        assert re.search(rf"(?<![0-9A-F]){place}(?![0-9A-F])", text.upper()) is None, place


def lines_of(dialogue: Dialogue, command: str) -> str:
    return "\n".join(dialogue.exchanges[command][0].lines)


@settings(max_examples=examples(8))
@given(subscribers())
def test_each_name_becomes_one_and_the_same_other_name_in_all_its_codings(who) -> None:
    _, dialogue = written(recording_of(answers(who)))
    said = {command: lines_of(dialogue, command) for command in dialogue.exchanges}
    imsi, imei = said["AT+CIMI"].split()[0], said["AT+CGSN"].split()[0]
    iccid = re.search(r"\+CCID: (\d+)F", said["AT+CCID"])[1]
    assert swap("9" + imsi) in said["AT+CRSM=176,28423,0,0,9"]
    assert f"IMEI: {imei}" in said["ATI"]
    assert f"SV {imei[:14]}01" in said["ATI"]
    assert swap(iccid).lower() in said["AT^ICCID?"]
    assert f'"{iccid}"' in said["AT+ICCID"]
    assert f'"{swap(iccid)}"' in said["AT+CRSM=176,12258,0,0,10"]
    assert swap(iccid) + "9000" in said['AT+CSIM=10,"00B000000A"']
    number = re.search(r'"\+(\d+)"', said["AT+CNUM"])[1]
    assert f'"{number}",129' in said["AT+CNUM"]
    assert swap(number) in said["AT^PDU?"]
    smsc = bytes.fromhex(re.search(r'"([0-9A-F]+)"', said["AT+CSCA?"])[1]).decode("utf-16-be")
    assert swap("19" + smsc[1:]) in said["AT^PDU?"]
    area, cell = re.search(r'1,"([0-9A-F]+)","([0-9A-F]+)"', said["AT+CREG?"]).groups()
    assert f'"{area}","{int(cell, 16):X}"' in said["AT+CEREG?"].upper()
    assert f"0x{area},{int(cell, 16)}," in said["AT+CPSI?"]
    assert f",{int(cell, 16):X},77,-10,{area},-97" in said['AT+QENG="servingcell"']
    address = re.search(r'1,"([0-9.]+)"', said["AT+CGPADDR"])[1]
    assert f'"{address}.255.255.255.0"' in said["AT+CGCONTRDP"]
    assert bytes(map(int, address.split(".")))[::-1].hex() in said["AT^DHCP?"].lower()
    assert "1.2.3.4" in said["ATI"]  # a revision is no address
    assert "123456789012,210987654321" in said["AT+QGDCNT?"]  # nor are counters numbers of people


@settings(max_examples=examples(8))
@given(subscribers())
def test_lengths_check_digits_and_networks_are_of_the_same_kind(who) -> None:
    _, dialogue = written(recording_of(answers(who)))
    said = {command: lines_of(dialogue, command) for command in dialogue.exchanges}
    imsi, imei = said["AT+CIMI"].split()[0], said["AT+CGSN"].split()[0]
    iccid = re.search(r"\+CCID: (\d+)F", said["AT+CCID"])[1]
    assert (len(imsi), len(imei), len(iccid)) == (15, 15, len(who.iccid))
    assert luhn_ok(imei) == luhn_ok(who.imei)
    assert luhn_ok(iccid) == luhn_ok(who.iccid)
    home = "001" + "01".zfill(who.mnc_length)
    assert imsi.startswith(home)
    assert f'"{home}"' in said["AT+QNWINFO"]
    assert f"Online,{home[:3]}-{home[3:]}," in said["AT+CPSI?"]
    assert f'"FDD",{home[:3]},{home[3:]},' in said['AT+QENG="servingcell"']
    for command, text in answers(who).items():
        if command not in {"AT+CGPADDR", "AT+CGCONTRDP"}:  # addresses have ranges of their own
            before = [len(line) for line in text.splitlines()]
            assert [len(line) for line in said[command].splitlines()][: len(before)] == before


@settings(max_examples=examples(4))
@given(subscribers())
def test_the_apn_stays_where_that_is_wanted(who) -> None:
    text, _ = written(recording_of(answers(who)), keep_apn=True)
    assert who.apn in text
    assert '"ims"' in text


CHINA_MOBILE = "898602B61116{0}0{0}1{0}7"


@pytest.mark.parametrize("letter", "ABCDEF")
def test_letters_in_an_iccid_stay_letters_and_become_other_ones(letter) -> None:
    iccid = CHINA_MOBILE.format(letter)
    said = {
        "AT+MCCID": f"+MCCID: {iccid}",
        "AT$MYCCID": f'$MYCCID: "{iccid.lower()}"',
        "AT+CRSM=176,12258,0,0,10": f'+CRSM: 144,0,"{swap(iccid)}"',
    }
    _, dialogue = written(recording_of(said))
    new = lines_of(dialogue, "AT+MCCID").splitlines()[0].removeprefix("+MCCID: ")
    assert [char.isalpha() for char in new] == [char.isalpha() for char in iccid]
    assert new != iccid
    assert f'"{new.lower()}"' in lines_of(dialogue, "AT$MYCCID")
    assert swap(new) in lines_of(dialogue, "AT+CRSM=176,12258,0,0,10")


@pytest.mark.parametrize(
    "hidden",
    ["8986 0112 3456 7890 1234", "8986-0112-3456-7890-1234", "ICCID 89860112,34567890,1234"],
)
def test_a_number_in_a_form_that_nobody_replaces_stops_the_writing(hidden) -> None:
    said = {"AT+CCID": "+CCID: 89860112345678901234", "AT$LABEL?": f"$LABEL: {hidden}"}
    with pytest.raises(IdentifierLeftError) as caught:
        cleaned(recording_of(said))
    assert (caught.value.kind, caught.value.command) == ("iccid", "AT$LABEL?")
    assert "8986" not in str(caught.value)


def test_a_name_in_the_header_is_replaced_like_any_other() -> None:
    said = {"AT+CGSN": "861234567890123"}
    clean, count = cleaned(recording_of(said, model="X1-861234567890123"))
    assert "8612345" not in clean.model
    assert count == 1


@settings(max_examples=examples(20))
@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFFFFF), st.sampled_from([0, 4, 8]))
def test_a_place_is_replaced_and_the_state_beside_it_stays(area, cell, width) -> None:
    said = {"AT+CREG?": f'+CREG: 2,1,"{area:0{width}X}","{cell:0{width}x}",7'}
    _, dialogue = written(recording_of(said))
    (before, after) = (said["AT+CREG?"], lines_of(dialogue, "AT+CREG?").splitlines()[0])
    assert [len(part) for part in after.split(",")] == [len(part) for part in before.split(",")]
    old, new = before.split(","), after.split(",")
    assert (new[:2], new[4]) == (old[:2], old[4])
    for was, becomes in zip(old[2:4], new[2:4], strict=True):
        bare = was.strip('"').upper()
        named = int(bare, 16) >= 0x100 and bare != "FFFE" and set(bare) != {"F"}
        assert (was != becomes) == (named and re.fullmatch("[01]{8}", bare) is None)


@pytest.mark.parametrize(
    "name", ["Grid Mobile", "\u4e2d\u56fd\u79fb\u52a8", "\u00c5rhus \u00b5Net"], ids=ascii
)
def test_the_name_of_a_network_is_found_in_any_character_set(name) -> None:
    said = {
        "AT+COPS?": f'+COPS: 0,0,"{ucs2(name)}",7',
        "AT+QSPN": f'+QSPN: "{name.encode().decode("latin-1")}"',
    }
    text, dialogue = written(recording_of(said))
    assert ucs2(name) not in text
    assert name.encode().decode("latin-1") not in text
    spoken = re.search(r'"(.+)"', lines_of(dialogue, "AT+QSPN"))[1]
    assert f'"{ucs2(spoken)}"' in lines_of(dialogue, "AT+COPS?")


def test_a_network_named_like_the_maker_leaves_the_maker_alone() -> None:
    said = {"AT+CGMI": "CMCC", "AT+COPS?": '+COPS: 0,0,"CMCC",7', "AT+CIMI": "460001234567890"}
    _, dialogue = written(recording_of(said))
    assert lines_of(dialogue, "AT+CGMI").splitlines()[0] == "CMCC"


def test_zeros_are_nobodys() -> None:
    said = {"AT+CGSN": "000000000000000", "AT+CREG?": '+CREG: 2,0,"0000","FFFFFFFF"'}
    clean, count = cleaned(recording_of(said))
    assert count == 0
    assert clean == recording_of(said)


CODED = {
    "plain": "460011234567890",
    "in an APDU": "080946001132547698F0",
    "UCS2": "0034003600300030003100310032003300340035003600370038003900300",
    "lower case": "34363030313132333435363738393" + "0",
    "two-byte characters": "".join(f"\0{char}" for char in "460011234567890"),
}


@pytest.mark.parametrize("text", CODED.values(), ids=CODED)
def test_what_is_left_is_seen_in_any_coding(text) -> None:
    cleaner = Cleaner([Identifier("imsi", "460011234567890")])
    if text == CODED["in an APDU"]:
        text = "08" + swap("9" + "460011234567890")
    assert cleaner.left(f"+X: {text}", located=False) is not None
    assert cleaner.left(cleaner.clean(f"+X: {text}", located=False), located=False) is None


@pytest.mark.parametrize(
    "line", ['+CMT: "+8613912345678",,"26/11/22,01:02:03+32"\r\nhello', '+CLIP: "13912345678",129']
)
def test_a_message_or_a_call_that_came_meanwhile_stops_the_writing(line) -> None:
    with pytest.raises(IdentifierLeftError) as caught:
        cleaned(recording_of({"AT+CSQ": f"+CSQ: 20,99\r\n\r\nOK\r\n\r\n{line}"}))
    assert (caught.value.kind, caught.value.command) == ("message", "AT+CSQ")
