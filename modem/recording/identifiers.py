"""What in a modem's answers names a subscriber, a device or a place: found by command and shape."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from modem.recording.known import known_identifiers, known_networks
from modem.recording.walk import Exchange, Recording


class Identifier(NamedTuple):
    """Something to be replaced: its kind, and its value in the plainest form."""

    kind: str
    value: str


_WORD = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
_ICCID = re.compile(_WORD.format(r"(89[0-9]{16,20})F{0,2}"), re.IGNORECASE)
# Cards of China Mobile may have letters in it; only where an ICCID was asked for.
_ICCID_OF_ANSWER = re.compile(_WORD.format(r"(89[0-9A-F]{16,20}?)F{0,2}"), re.IGNORECASE)
_ICCID_COMMAND = re.compile(r"ICCID|CCID|SCID|12258", re.IGNORECASE)
_SWAPPED_ICCID = re.compile(r"(?<![0-9A-F])98[0-9A-F]{17,20}", re.IGNORECASE)
_EID = re.compile(_WORD.format(r"(89[0-9]{30})"))
_IMEI = re.compile(_WORD.format(r"([0-9]{15,16})"))
_IMSI = re.compile(_WORD.format(r"([0-9]{14,15})"))
_LONG_DIGITS = re.compile(_WORD.format(r"([0-9]{11,14}|[0-9]{17,})"))
_INTERNATIONAL = re.compile(r"\+([0-9]{7,15})(?![0-9A-Za-z])")
_QUOTED = re.compile(r'"([^"]*)"')
_NUMBER = re.compile(r"\+?([0-9*#]{3,20})")
_UNITS = re.compile(r"(?:[0-9A-F]{4}){2,}", re.IGNORECASE)
_UCS2 = re.compile(r"(?:00[2-7][0-9A-F]){3,}", re.IGNORECASE)
_SERIAL_COMMAND = re.compile(r"AT\+C?GSN(=\d|\?)?", re.IGNORECASE)
_SERIAL = re.compile(r"(?<![0-9A-Za-z+])([0-9A-Za-z]{6,})(?![0-9A-Za-z])")
_REVISION = re.compile(r"ATI\d*|AT.?(C?GMR|QGMR|SIMCOMATI|HWVER)\??", re.IGNORECASE)
_COUNTERS = re.compile(r"CNT|DSFLOW|STAT|DATAVOL|CONSUME|USAGE|bler", re.IGNORECASE)

_REGISTRATION = re.compile(
    r'\+C(?:5G|E|G)?REG:\s*(?:[0-7]\s*,\s*)?\d{1,3}\s*,\s*"?([0-9A-F]+)"?\s*,\s*"?([0-9A-F]+)"?',
    re.IGNORECASE,
)
_LOCATED = re.compile(
    r"QENG|CPSI|RFSTS|SERVINFO|MONI|MONSC|GTCCINFO|XMCI|XMONITOR|CONEVAL|CELL|MUESTATS|NUESTATS"
    r"|EEMGINFO|CCED|UCGED|GSTATUS|REJINFO",
    re.IGNORECASE,
)
# A number without sign or point, in hexadecimal or not, that could be a cell, an area, a channel.
_PLACE = re.compile(
    r"(?<![-.+^%#$*!0-9A-Za-z])(?:0x)?([0-9A-F]{4,16})(?![.0-9A-Za-z])", re.IGNORECASE
)

_TIMER = re.compile(r"[01]{8}")

_IPV4 = re.compile(r"(?<![0-9.])(?:\d{1,3}\.){3}\d{1,3}(?![0-9])")
_IPV6 = re.compile(
    r"(?:(?<=IPV6:)|(?<![0-9A-Za-z:]))(?:[0-9A-F]{0,4}:){2,7}[0-9A-F]{0,4}(?![0-9A-F:])",
    re.IGNORECASE,
)
_DOTTED_IPV6 = re.compile(r"(?<![0-9.])(?:\d{1,3}\.){15}\d{1,3}(?![0-9])")

_APN = (
    re.compile(r'\+CGDCONT:\s*\d+\s*,\s*"[^"]*"\s*,\s*"([^"]+)"'),
    re.compile(r'\+CGCONTRDP:\s*\d+\s*,\s*\d*\s*,\s*"?([^",]+)"?'),
)
_PUBLIC_APN = frozenset(
    {"ims", "sos", "internet", "xcap", "mms", "default", "admin", "www", "3gpp"}
)
_NAMES = (
    re.compile(r'\+COPS:\s*\d\s*,\s*[01]\s*,\s*"([^"]+)"'),
    re.compile(r'\+CNUM:\s*"([^"]+)"'),
    re.compile(r'%XMONITOR:\s*\d+\s*,\s*"([^"]*)"'),
    re.compile(r'%XMONITOR:\s*\d+\s*,\s*"[^"]*"\s*,\s*"([^"]*)"'),
    re.compile(r'\+(?:QSPN|CSPN|SPN):\s*"([^"]+)"'),
    re.compile(r'\^(?:SPN|NWNAME):.*?"([^"]+)"'),
)
_PLMN = re.compile(r'"([0-9]{5,6})"')
_PLMN_APART = re.compile(r"(?<![-.+0-9A-Za-z])([2-7][0-9]{2})-([0-9]{2,3})(?![-.0-9A-Za-z])")
_PLMN_COMMANDS = re.compile(r"COPS|QNWINFO|XMONITOR|CONEVAL|REJINFO|SMONI")
_MAKER = re.compile(r"AT\+C?GM[IM]")
_SPN_FILE = "AT+CRSM=176,28486"
_AD_FILE = "AT+CRSM=176,28589"
_CONTENT = re.compile(r'\+CRSM:\s*\d+\s*,\s*\d+\s*,\s*"?([0-9A-F]+)"?', re.IGNORECASE)


def text_of(exchange: Exchange) -> str:
    """What the modem said, one character a byte, without the echo."""
    text = exchange.data.decode("latin-1")
    if text[: len(exchange.command)].upper() == exchange.command.upper():
        return text[len(exchange.command) :]
    return text


_RANK = {
    kind: rank
    for rank, kind in enumerate(
        ("imsi", "eid", "iccid", "imei", "number", "ipv4", "ipv6", "serial", "name", "apn", "place")
    )
}
"""What a value is that could be several things."""


def is_located(command: str, recording: Recording) -> bool:
    """Whether the answer to `command` says where the modem is."""
    return command in recording.located or _LOCATED.search(command) is not None


def find(recording: Recording, *, keep_apn: bool = False) -> list[Identifier]:
    """All identifiers, each once; those by which others are recognised first."""
    found = dict.fromkeys(_known(recording, keep_apn=keep_apn))
    for exchange in recording.exchanges:
        for identifier in _of_exchange(exchange, recording, keep_apn=keep_apn):
            found.setdefault(identifier)
    plmns = _plmns(recording, [each.value for each in found if each.kind == "imsi"])
    kinds = dict.fromkeys(plmns, "plmn")
    makers = _makers(recording)
    for kind, value in sorted([*found, *_places(recording)], key=lambda each: _RANK[each.kind]):
        nobodys = set(value) in ({"0"}, {"F"})
        if not nobodys and not (kind == "name" and value.upper() in makers):
            kinds.setdefault(value, kind)
    return [Identifier(kind, value) for value, kind in kinds.items()]


def _makers(recording: Recording) -> str:
    """Maker and model in capitals: a network may have the same name (CMCC), and they stay."""
    said = [text_of(each) for each in recording.exchanges if _MAKER.fullmatch(each.command)]
    return "\n".join(said).upper()


def _known(recording: Recording, *, keep_apn: bool) -> Iterator[Identifier]:
    for kind, value in known_identifiers(recording.snapshot) if recording.snapshot else ():
        if _names_somebody(kind, value, keep_apn=keep_apn):
            yield Identifier(kind, value)


def _names_somebody(kind: str, value: str, *, keep_apn: bool) -> bool:
    if kind == "place":
        return _is_place(value)
    if kind == "apn":
        return value.lower() not in _PUBLIC_APN and not keep_apn and value != ""
    return kind != "name" or _is_name(value)


def _of_exchange(
    exchange: Exchange, recording: Recording, *, keep_apn: bool
) -> Iterator[Identifier]:
    text, command = text_of(exchange), exchange.command
    yield from _cards(command, text)
    if command.upper().startswith(("AT+CIMI", "AT#CIMI")):
        yield from (Identifier("imsi", value) for value in _IMSI.findall(text))
    yield from _numbers(command, text)
    if not _COUNTERS.search(command):
        yield from (Identifier("imei", value) for value in _IMEI.findall(text))
        yield from (Identifier("serial", value) for value in _LONG_DIGITS.findall(text))
    if _SERIAL_COMMAND.fullmatch(command):
        words = (word for word in _SERIAL.findall(text) if any(c.isdigit() for c in word))
        yield from (Identifier("serial", word) for word in words if not _IMEI.fullmatch(word))
    if not _REVISION.fullmatch(command):  # `1.2.3.4` may be one
        yield from _addresses(text)
    if not keep_apn:
        apns = (apn for shape in _APN for apn in shape.findall(text))
        yield from (Identifier("apn", apn) for apn in apns if apn.lower() not in _PUBLIC_APN)
    yield from _names(command, text)
    if not is_located(command, recording):
        for area, cell in _REGISTRATION.findall(text):  # also where it came by itself
            yield from (Identifier("place", value) for value in (area, cell) if _is_place(value))


def _cards(command: str, text: str) -> Iterator[Identifier]:
    shape = _ICCID_OF_ANSWER if _ICCID_COMMAND.search(command) else _ICCID
    yield from (Identifier("iccid", value.upper()) for value in shape.findall(text))
    yield from (Identifier("eid", value) for value in _EID.findall(text))
    for run in _SWAPPED_ICCID.findall(text):
        whole = run[: len(run) // 2 * 2].upper()[:20]
        plain = "".join(whole[at + 1] + whole[at] for at in range(0, len(whole), 2)).rstrip("F")
        if len(plain) >= 18:
            yield Identifier("iccid", plain)


def _numbers(command: str, text: str) -> Iterator[Identifier]:
    yield from (Identifier("number", value) for value in _INTERNATIONAL.findall(text))
    if not command.upper().startswith(("AT+CNUM", "AT+CSCA")):
        return
    for quoted in _QUOTED.findall(text):
        written = quoted
        if _UCS2.fullmatch(quoted):
            written = bytes.fromhex(quoted).decode("utf-16-be")
        number = _NUMBER.fullmatch(written)
        if number and len(number[1]) >= 7:
            yield Identifier("number", number[1])


def _addresses(text: str) -> Iterator[Identifier]:
    from ipaddress import AddressValueError, IPv4Address, IPv6Address

    rest = _DOTTED_IPV6.sub("", text)
    for shape, kind in ((_DOTTED_IPV6, "ipv6"), (_IPV4, "ipv4"), (_IPV6, "ipv6")):
        for value in shape.findall(text if shape is _DOTTED_IPV6 else rest):
            try:
                if shape is _DOTTED_IPV6:
                    octets = bytes(int(part) for part in value.split("."))
                    address: IPv4Address | IPv6Address = IPv6Address(octets)
                else:
                    address = IPv4Address(value) if kind == "ipv4" else IPv6Address(value)
            except (AddressValueError, ValueError):
                continue
            if not (address.is_unspecified or address.is_loopback or _is_mask(address.packed)):
                yield Identifier(kind, str(address))


def _is_mask(octets: bytes) -> bool:
    """255.255.255.0 and its like; a mask names nobody."""
    bits = f"{int.from_bytes(octets, 'big'):0{8 * len(octets)}b}"
    return "01" not in bits


def _names(command: str, text: str) -> Iterator[Identifier]:
    for shape in _NAMES:
        names = (_spoken(name) for name in shape.findall(text))
        yield from (Identifier("name", name) for name in names if _is_name(name))
    if command.startswith(_SPN_FILE):
        for content in _CONTENT.findall(text):
            octets = bytes.fromhex(content[: len(content) // 2 * 2])[1:].rstrip(b"\xff")
            name = octets.decode("ascii", "ignore")
            if octets[:1] == b"\x80":
                name = octets[1 : len(octets) // 2 * 2 + 1].decode("utf-16-be", "ignore")
            if _is_name(name):
                yield Identifier("name", name)


def _spoken(name: str) -> str:
    """A name as people read it: the modem may write it in UCS2 or UTF-8."""
    written = bytes.fromhex(name) if _UNITS.fullmatch(name) else name.encode("latin-1")
    try:
        text = written.decode("utf-16-be" if _UNITS.fullmatch(name) else "utf-8")
    except UnicodeDecodeError:
        return name
    return text if text.isprintable() else name


def _is_name(text: str) -> bool:
    """Digits name a network by number, and words as short as `N` nobody."""
    return len(text) > 1 and not text.isdigit()


def _places(recording: Recording) -> Iterator[Identifier]:
    for exchange in recording.exchanges:
        text = text_of(exchange)
        if is_located(exchange.command, recording):
            named = _PLACE.findall(text)
            for area, cell in _REGISTRATION.findall(text):
                named += [area, cell]
            yield from (Identifier("place", value) for value in named if _is_place(value))


def _is_place(value: str) -> bool:
    """Zeros alone and Fs alone are no place (nor is FFFE of Sierra), nor are eight bits of a timer.

    Nor is a number below 256: it tells next to nothing, and a state or a band may be the same.
    """
    nowhere = set(value.upper()) == {"F"} or value.upper() == "FFFE"
    return not nowhere and int(value, 16) >= 0x100 and not _TIMER.fullmatch(value)


def _plmns(recording: Recording, imsis: list[str]) -> list[str]:
    """Networks as digits, home first."""
    seen = [
        plmn
        for exchange in recording.exchanges
        if _PLMN_COMMANDS.search(exchange.command)
        for plmn in _PLMN.findall(text_of(exchange))
    ]
    for exchange in recording.exchanges:
        if is_located(exchange.command, recording):
            seen += [mcc + mnc for mcc, mnc in _PLMN_APART.findall(text_of(exchange))]
    seen += known_networks(recording.snapshot) if recording.snapshot else []
    length = 5 + _has_long_mnc(recording)
    homes = [
        next((plmn for plmn in seen if imsi.startswith(plmn)), imsi[:length]) for imsi in imsis
    ]
    return list(dict.fromkeys([*homes, *seen]))


def _has_long_mnc(recording: Recording) -> bool:
    """Whether EF.AD says that the network's code has three digits."""
    for exchange in recording.exchanges:
        if exchange.command.startswith(_AD_FILE):
            for content in _CONTENT.findall(text_of(exchange)):
                return bool(content[6:8] == "03")
    return False
