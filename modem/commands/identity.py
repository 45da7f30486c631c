"""Who the modem is: maker, model, revision, IMEI.

3GPP TS 27.007 clauses 5.1-5.4 (unread) and ITU-T V.250 (unread) for ATI. The standard answers
without a prefix, so any unsolicited line could be taken for the answer: lines are told by shape.
"""

import re
from typing import NamedTuple

from modem.at.syntax import unquote
from modem.commands.base import GAVE_NONE, BareCommand, ShapedCommand, is_nothing
from sim.identifiers import Imei
from sim.reading import Absent

_LABELS = ("manufacturer", "model", "revision", "imei")
_LABELLED = re.compile(r"\s*([A-Za-z][A-Za-z0-9_ ]*?)\s*:\s*(.*)")
# `000125491259519,PH2155R3TR` (Option): a serial number follows.
_IMEI = re.compile(r"([0-9]{15,17})(\s*,.*)?")


def _text(value: str) -> str | Absent:
    return Absent(GAVE_NONE) if is_nothing(value) else value


class _FirstLine(BareCommand[str | Absent]):
    timeout_s = 3.0
    any_text = True

    def parse(self, lines: tuple[str, ...]) -> str | Absent:
        """The text, quotes and blanks around it taken off."""
        return _text(unquote(self.bodies(lines)[0]))


class ReadManufacturer(_FirstLine):
    """AT+CGMI: who made the modem."""

    text = "AT+CGMI"
    prefixes = ("+CGMI", "+GMI")
    whole = True  # `+CGMI: Sierra Wireless, Incorporated`


class ReadManufacturerByQuery(ReadManufacturer):
    """AT+CGMI?: the form that MediaTek's FM350 wants (`+CGMI: "Fibocom Wireless Inc."`)."""

    text = "AT+CGMI?"


class ReadModel(_FirstLine):
    """AT+CGMM: the model."""

    text = "AT+CGMM"
    prefixes = ("+CGMM", "+GMM")


class ReadModelByQuery(ReadModel):
    """AT+CGMM?: the form that MediaTek's FM350 wants."""

    text = "AT+CGMM?"


class ReadRevision(BareCommand[str | Absent]):
    """AT+CGMR: the firmware; several lines (Nokia) are joined by line feeds."""

    text = "AT+CGMR"
    prefixes = ("+CGMR", "+GMR")
    timeout_s = 3.0
    any_text = True

    def parse(self, lines: tuple[str, ...]) -> str | Absent:
        """The text, quotes and blanks around each line taken off."""
        return _text("\n".join(unquote(body) for body in self.bodies(lines)))


class ReadRevisionByQuery(ReadRevision):
    """AT+CGMR?: the form that MediaTek's FM350 wants."""

    text = "AT+CGMR?"


class ReadImei(ShapedCommand[Imei | Absent]):
    """AT+CGSN: the IMEI. AT+GSN is another serial number on SIM7600 and Telit."""

    text = "AT+CGSN"
    prefixes = ("+CGSN", "+GSN")
    timeout_s = 3.0
    one_line = True
    shape = _IMEI

    def parse(self, lines: tuple[str, ...]) -> Imei | Absent:
        """The IMEI; two digits of software version behind it are dropped."""
        digits = [m.group(1) for b in self.bodies(lines) if (m := _IMEI.fullmatch(unquote(b)))]
        if not digits:
            raise self.refuse(lines)
        number = digits[0] if len(digits[0]) <= 16 else digits[0][:15]
        return Absent(GAVE_NONE) if not number.strip("0") else Imei(number)


class ReadImeiByQuery(ReadImei):
    """AT+CGSN?: the form that MediaTek's FM350 wants."""

    text = "AT+CGSN?"


class ReadImeiByType(ReadImei):
    """AT+CGSN=1: where AT+CGSN gives the serial number (Nordic)."""

    text = "AT+CGSN=1"


class Identification(NamedTuple):
    """What an identification text says; None for what it leaves out."""

    manufacturer: str | None
    model: str | None
    revision: str | None
    imei: Imei | None


class ReadIdentification(BareCommand[Identification]):
    """ATI: everything in one text, in labelled lines or in Quectel's three."""

    text = "ATI"
    prefixes = ()
    timeout_s = 3.0

    def parse(self, lines: tuple[str, ...]) -> Identification:
        """Labelled lines; where maker and model bear no label, the first two lines without one.

        With `Revision:` the form is Quectel's, which has two such lines: of three, one is a
        stranger, and nobody knows which.
        """
        said: dict[str, str] = {}
        plain: list[str] = []
        for body in self.bodies(lines):
            match = _LABELLED.fullmatch(body)
            if match and match.group(1).lower() in _LABELS:
                said.setdefault(match.group(1).lower(), unquote(match.group(2)))
            elif not match:
                plain.append(unquote(body))
        unlabelled = "manufacturer" not in said and "model" not in said
        if unlabelled and (len(plain) == 2 or (len(plain) > 2 and "revision" not in said)):
            said["manufacturer"], said["model"] = plain[:2]
        imei = _IMEI.fullmatch(said.get("imei", ""))
        return Identification(
            manufacturer=said.get("manufacturer") or None,
            model=said.get("model") or None,
            revision=said.get("revision") or None,
            imei=Imei(imei.group(1)[:15]) if imei else None,
        )
