"""The card, as far as the modem's own commands tell, and the two ways through it to the files.

3GPP TS 27.007 clauses 8.3 (+CPIN), 8.17 (+CSIM), 8.18 (+CRSM), 8.43-8.45 (+CCHO, +CCHC, +CGLA),
8.65 (+CPINR), 7.1 (+CNUM) and 5.6 (+CIMI), TS 27.005 clause 3.3.1 (+CSCA); all unread.
"""

import re
from typing import NamedTuple

from modem.at.syntax import to_int, unquote
from modem.causes import cme_code, cms_code
from modem.commands.base import (
    GAVE_NONE,
    UNREADABLE,
    BareCommand,
    PrefixedCommand,
    SettingCommand,
    ShapedCommand,
    decode_ucs2,
)
from sim.errors import ApduProtocolError, IdentifierError
from sim.identifiers import Iccid, Imsi, Msisdn
from sim.instructions import (
    GET_RESPONSE,
    PIN_INSTRUCTIONS,
    READ_BINARY,
    READ_RECORD,
    STATUS,
    WRITING,
    OrderedApdu,
    check_may_be_sent,
)
from sim.reading import Absent

_INTERNATIONAL = 0x91
"""Type of number `international`, plan E.164 (3GPP TS 24.008 clause 10.5.4.7, unread)."""

_STATE_OF_WORD = {
    "READY": "ready",
    "SIM PIN": "pin_required",
    "SIM PUK": "puk_required",
    # PIN2 guards fixed dialling alone: the card registers without it.
    "SIM PIN2": "ready",
    "SIM PUK2": "ready",
    "PH-SIM PIN": "ph_sim_lock",
    "PH-SIM PUK": "ph_sim_lock",
    "PH-FSIM PIN": "ph_sim_lock",
    "PH-FSIM PUK": "ph_sim_lock",
    "PH-NET PIN": "network_lock",
    "PH-NET PUK": "network_lock",
    "PH-NETSUB PIN": "network_lock",
    "PH-NETSUB PUK": "network_lock",
    "PH-SP PIN": "network_lock",
    "PH-SP PUK": "network_lock",
    "PH-CORP PIN": "network_lock",
    "PH-CORP PUK": "network_lock",
    # Firmware's own words: SIM800C, EC21, A76xx; FM350's eUICC without a profile.
    "NOT INSERTED": "absent",
    "SIM NOT INSERTED": "absent",
    "SIM REMOVED": "absent",
    "NO SIM": "absent",
    "NOT READY": "busy",
    "SIM BUSY": "busy",
    "SIM FAILURE": "faulty",
    "BLOCKED": "blocked",
    "SIM BLOCKED": "blocked",
    "EMPTY_EUICC": "no_profile",
}
_STATE_OF_CME = {
    5: "ph_sim_lock",
    6: "ph_sim_lock",
    7: "ph_sim_lock",
    10: "absent",
    11: "pin_required",
    12: "puk_required",
    13: "faulty",
    14: "busy",
    15: "faulty",
    17: "ready",
    18: "ready",
    **dict.fromkeys(range(40, 48), "network_lock"),
}
_STATE_OF_CMS = {
    310: "absent",
    311: "pin_required",
    312: "ph_sim_lock",
    313: "faulty",
    314: "busy",
    315: "faulty",
    316: "puk_required",
    317: "ready",
    318: "ready",
}
_ICCID_SHAPE = re.compile(r'"?[0-9A-Fa-f]{18,22}"?')


def word_of_cpin(body: str) -> str:
    """What stands behind `+CPIN:`, in capitals and with single blanks.

    Air780E puts the slot behind it in unsolicited lines: `+CPIN: SIM REMOVED 0`.
    """
    return re.sub(r" [01]$", "", " ".join(unquote(body).upper().split()))


def sim_state_of_word(word: str) -> str:
    """The contract's `sim.state` for what +CPIN says; `unknown` for a word of no known meaning."""
    return _STATE_OF_WORD.get(word, "unknown")


def sim_state_of_refusal(final: str) -> str:
    """The contract's `sim.state` for the final result with which AT+CPIN? was refused."""
    code = cme_code(final)
    if code is not None:
        return _STATE_OF_CME.get(code, "unknown")
    code = cms_code(final)  # a phone's modem may know the card from its messages alone
    return "unknown" if code is None else _STATE_OF_CMS.get(code, "unknown")


class ReadSimState(PrefixedCommand[str]):
    """AT+CPIN?: what the card waits for, as a word in capitals."""

    text = "AT+CPIN?"
    prefixes = ("+CPIN",)
    one_line = True
    final_optional = True  # Wavecom ends this one without OK (python-gsmmodem's fake modems)

    def parse(self, lines: tuple[str, ...]) -> str:
        """The last word: where an unsolicited one fell between, the later is the newer."""
        return word_of_cpin(self.bodies(lines)[-1])


class ReadImsi(ShapedCommand[Imsi | Absent]):
    """AT+CIMI: the subscription's number."""

    text = "AT+CIMI"
    prefixes = ("+CIMI",)
    one_line = True
    shape = re.compile(r"[0-9]{10,15}")

    def parse(self, lines: tuple[str, ...]) -> Imsi | Absent:
        """The IMSI; zeros alone are none."""
        digits = unquote(self.bodies(lines)[0])
        if not digits.strip("0"):
            return Absent(GAVE_NONE)
        return Imsi(digits)


class ReadImsiByQuery(ReadImsi):
    """AT+CIMI?: the form that MediaTek's FM350 wants."""

    text = "AT+CIMI?"


class ReadIccid(BareCommand[Iccid | Absent]):
    """AT+CCID: the modem's own idea of the card's number, with or without a name before it."""

    text = "AT+CCID"
    # The name in the answer is often another command's: `AT+CICCID` answers `+ICCID:`.
    prefixes: tuple[str, ...] = ("+CCID", "+ICCID", "+QCCID", "+CICCID", "+MCCID")
    one_line = True

    def owns(self, line: str) -> bool:
        """Whether `line` has the length of an ICCID, or stands behind a name of ours."""
        own = super(BareCommand, self).body(line)
        return own is not None or _ICCID_SHAPE.fullmatch(line.strip()) is not None

    def parse(self, lines: tuple[str, ...]) -> Iccid | Absent:
        """The ICCID in the order that is printed on the card."""
        text = unquote(self.bodies(lines)[0]).split(",")[0].strip().strip('"')
        if not text.strip("Ff0"):
            return Absent(GAVE_NONE)
        try:
            return Iccid.from_modem(text)
        except IdentifierError:
            return Absent(UNREADABLE)


class ReadIccidByName(ReadIccid):
    """AT+ICCID: the same under another name (Fibocom, Telit, MeiG, Air724)."""

    text = "AT+ICCID"


class ReadOwnNumbers(PrefixedCommand[Msisdn | Absent]):
    """AT+CNUM: the subscriber's own number, the first that is filled in."""

    text = "AT+CNUM"
    prefixes = ("+CNUM",)

    def parse(self, lines: tuple[str, ...]) -> Msisdn | Absent:
        """The number; `+CNUM: ,"",255` (Quectel) and an answer without a line are none."""
        for line in lines:
            body = self.body(line)
            fields = () if body is None else self.rows((line,))[0]
            if len(fields) >= 2 and (number := _number(fields[1], _at(fields, 2))):
                return number
        return Absent(GAVE_NONE)


class ReadServiceCentre(PrefixedCommand[Msisdn | Absent]):
    """AT+CSCA?: the SMS service centre."""

    text = "AT+CSCA?"
    prefixes = ("+CSCA",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> Msisdn | Absent:
        """The number; empty quotes are none."""
        fields = self.rows(lines)[-1]
        return _number(_at(fields, 0), _at(fields, 1)) or Absent(GAVE_NONE)


class PinRetries(NamedTuple):
    """Tries left for PIN1 and PUK1; None where the answer leaves one out."""

    pin: int | None
    puk: int | None


class ReadPinRetries(PrefixedCommand[PinRetries]):
    """AT+CPINR: tries left for all codes, a line each."""

    text = "AT+CPINR"
    prefixes = ("+CPINR",)

    def parse(self, lines: tuple[str, ...]) -> PinRetries:
        """`+CPINR: SIM PIN,3` or `+CPINR: "SIM PIN",3,3` (left, of)."""
        left = {
            (row[0] or "").upper(): count
            for row in self.rows(lines)
            if len(row) >= 2 and (count := to_int(row[1])) is not None
        }
        if not left:
            raise self.refuse(lines)
        return PinRetries(left.get("SIM PIN"), left.get("SIM PUK"))


class ReadPin1Retries(ReadPinRetries):
    """AT+CPINR="SIM PIN": tries left for PIN1 alone."""

    text = 'AT+CPINR="SIM PIN"'
    one_line = True


class ReadPuk1Retries(ReadPinRetries):
    """AT+CPINR="SIM PUK": tries left for PUK1 alone."""

    text = 'AT+CPINR="SIM PUK"'
    one_line = True


class FileAnswer(NamedTuple):
    """What +CRSM brought: status word and data."""

    sw: int
    data: bytes


_FILE_READING = frozenset({READ_BINARY, READ_RECORD, GET_RESPONSE, STATUS})


class AccessFile(PrefixedCommand[FileAnswer]):
    """AT+CRSM: one file command that reads, carried out by the modem in its own session.

    `command` is an instruction byte (176 READ BINARY, 178 READ RECORD, 192 GET RESPONSE), `path`
    the directories above the file (`7FFF`), where the modem should not choose them itself.
    """

    prefixes = ("+CRSM",)
    one_line = True

    def __init__(
        self, command: int, fid: int, p1: int, p2: int, p3: int, *, path: str = ""
    ) -> None:
        if command not in _FILE_READING:
            raise ApduProtocolError(f"INS {command:02X} is not one that only reads")
        tail = f',"","{path}"' if path else ""
        self.text = f"AT+CRSM={command},{fid},{p1},{p2},{p3}{tail}"

    def parse(self, lines: tuple[str, ...]) -> FileAnswer:
        """Status word and bytes; quotes and blanks as the modem likes them."""
        fields = self.rows(lines)[-1]
        sw1, sw2 = to_int(_at(fields, 0)), to_int(_at(fields, 1))
        if sw1 is None or sw2 is None:
            raise self.refuse(lines)
        return FileAnswer(sw1 << 8 | sw2, self._bytes(_at(fields, 2) or "", lines))

    def _bytes(self, text: str, lines: tuple[str, ...]) -> bytes:
        try:
            return bytes.fromhex(text)
        except ValueError as exc:
            raise self.refuse(lines) from exc


class ChangeFile(AccessFile):
    """AT+CRSM: the UPDATE that somebody ordered, to file `fid` in the directories of `path`."""

    def __init__(self, apdu: OrderedApdu, fid: int, *, path: str = "") -> None:
        if not isinstance(apdu, OrderedApdu) or apdu[1] not in WRITING:
            raise ApduProtocolError("no UPDATE that was ordered")
        _, command, p1, p2, length = apdu[:5]
        tail = f',"{path}"' if path else ""
        data = apdu[5:].hex().upper()
        self.text = f'AT+CRSM={command},{fid},{p1},{p2},{length},"{data}"{tail}'


def _hex_of(apdu: bytes) -> str:
    """The APDU as AT commands write it.

    Raises:
        ApduProtocolError: it may not be sent, or shows a PIN: the modem has to hear of those.
    """
    check_may_be_sent(apdu)
    if apdu[1] in PIN_INSTRUCTIONS and len(apdu) > 5:
        raise ApduProtocolError("a PIN goes to a card in a modem by the modem's own command")
    return apdu.hex().upper()


class _Apdu(PrefixedCommand[bytes]):
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> bytes:
        """The response APDU: data, SW1, SW2."""
        fields = self.rows(lines)[-1]
        length, text = to_int(_at(fields, 0)), _at(fields, 1) or ""
        try:
            answer = bytes.fromhex(text)
        except ValueError as exc:
            raise self.refuse(lines) from exc
        # Some firmware counts bytes where the standard counts characters.
        if length not in {len(text), len(answer)} or len(answer) < 2:
            raise self.refuse(lines)
        return answer


class TransmitApdu(_Apdu):
    """AT+CSIM: one APDU on the basic channel, which the modem uses too."""

    prefixes = ("+CSIM",)

    def __init__(self, apdu: bytes) -> None:
        self.text = f'AT+CSIM={2 * len(apdu)},"{_hex_of(apdu)}"'


class OpenChannel(ShapedCommand[int]):
    """AT+CCHO: a logical channel with the application `aid` selected; its session number."""

    prefixes = ("+CCHO",)
    shape = re.compile(r"[0-9]{1,3}")

    def __init__(self, aid: bytes) -> None:
        self.text = f'AT+CCHO="{aid.hex().upper()}"'

    def parse(self, lines: tuple[str, ...]) -> int:
        """The session number, for TransmitOnChannel and CloseChannel."""
        session = to_int(unquote(self.bodies(lines)[-1]))
        if session is None:
            raise self.refuse(lines)
        return session


class TransmitOnChannel(_Apdu):
    """AT+CGLA: one APDU on a logical channel."""

    prefixes = ("+CGLA",)

    def __init__(self, session: int, apdu: bytes) -> None:
        self.text = f'AT+CGLA={session},{2 * len(apdu)},"{_hex_of(apdu)}"'


class CloseChannel(SettingCommand):
    """AT+CCHC: gives a logical channel back."""

    def __init__(self, session: int) -> None:
        self.text = f"AT+CCHC={session}"

    def owns(self, line: str) -> bool:
        """Whether `line` is the bare echo of our name that some modems write."""
        return line.strip().upper().startswith("+CCHC")


def _at(fields: tuple[str | None, ...], index: int) -> str | None:
    return fields[index] if index < len(fields) else None


def _number(text: str | None, kind: str | None) -> Msisdn | None:
    """A telephone number, `+` before it where its type says international; None for no number."""
    plain = re.sub(r"[ ()-]", "", decode_ucs2(text or ""))
    if plain and to_int(kind) == _INTERNATIONAL and not plain.startswith("+"):
        plain = "+" + plain
    try:
        return Msisdn(plain)
    except IdentifierError:
        return None
