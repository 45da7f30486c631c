"""What SELECT answers about a file.

Sources: ETSI TS 102 221 clause 11.1.1 (FCP, unread); 3GPP TS 51.011 clause 9.2.1 (the answer of
class A0, unread).
"""

from dataclasses import dataclass

from sim.access import Rule, compact_rules, expanded_rules, gsm_rules
from sim.errors import FileDecodeError
from sim.tlv import read_tlvs

ARR_OF_A_DIRECTORY = 0x6F06
"""The identifier of an EF.ARR that is not the MF's."""

_PIN1_IN_USE = 0x01


@dataclass(frozen=True)
class FileInfo:
    """What a card says of a file when it is selected.

    `structure` is `transparent`, `linear_fixed`, `cyclic`, `ber_tlv`, `df`, `adf` or `unknown`.
    `size` is in bytes. Who may do what: `rules` where the card says it here, else `access` is the
    record of EF.ARR that says it: its file and its number.
    Directories say whether PIN1 is asked for; those of class A0 also the tries left.
    """

    structure: str
    fid: int | None = None
    size: int | None = None
    record_length: int | None = None
    record_count: int | None = None
    sfi: int | None = None
    aid: bytes | None = None
    life_cycle: str | None = None
    access: tuple[int, int] | None = None
    rules: tuple[Rule, ...] | None = None
    pin1_enabled: bool | None = None
    pin1_retries: int | None = None
    puk1_retries: int | None = None

    @property
    def has_records(self) -> bool:
        """Whether the file is read record by record."""
        return self.structure in {"linear_fixed", "cyclic"}


_EF_STRUCTURES = {1: "transparent", 2: "linear_fixed", 6: "cyclic"}


def parse_fcp(content: bytes) -> FileInfo:
    """From the FCP template (62, or 6F as GlobalPlatform applications have it).

    Raises:
        FileDecodeError: no such template, or bytes that do not fit it.
    """
    outer = next(read_tlvs(content, "FCP"), None)
    if outer is None or outer.tag not in {0x62, 0x6F}:
        raise FileDecodeError("FCP", 0, "no FCP template")
    fields = {tlv.tag: tlv.value for tlv in read_tlvs(outer.value, "FCP", outer.value_offset)}
    descriptor = fields.get(0x82, b"")
    fid = _number(fields.get(0x83))
    structure = _structure(descriptor, is_adf=0x84 in fields)
    size = _number(fields.get(0x80))
    record_length, record_count = _records(descriptor, size)
    return FileInfo(
        structure,
        fid=fid,
        size=size,
        record_length=record_length,
        record_count=record_count,
        sfi=_sfi(fields.get(0x88), fid) if structure in _EF_STRUCTURES.values() else None,
        aid=fields.get(0x84),
        life_cycle=_life_cycle(fields.get(0x8A)),
        access=_access(fields.get(0x8B)),
        rules=_rules(fields),
        pin1_enabled=_pin1_enabled(fields.get(0xC6)),
    )


def _number(value: bytes | None) -> int | None:
    return int.from_bytes(value, "big") if value else None


def _structure(descriptor: bytes, *, is_adf: bool) -> str:
    if not descriptor:
        return "adf" if is_adf else "unknown"
    kind, form = descriptor[0] >> 3 & 0b111, descriptor[0] & 0b111
    if kind == 0b111:
        if form:
            return "ber_tlv"
        return "adf" if is_adf else "df"
    return _EF_STRUCTURES.get(form, "unknown")


def _records(descriptor: bytes, size: int | None) -> tuple[int | None, int | None]:
    if len(descriptor) < 4:
        return None, None
    length = int.from_bytes(descriptor[2:4], "big")
    if len(descriptor) > 4:
        return length, descriptor[4]
    return length, size // length if size and length else None


def _sfi(value: bytes | None, fid: int | None) -> int | None:
    # No object: the SFI is the low five bits of the FID. An empty one: the file has none.
    if value is None:
        return None if fid is None else fid & 0x1F
    return value[0] >> 3 if value else None


def _life_cycle(value: bytes | None) -> str | None:
    if not value:
        return None
    state = value[0]
    if state & 0xFC == 0x0C:
        return "terminated"
    if state & 0xFD == 0x05:
        return "activated"
    if state & 0xFD == 0x04:
        return "deactivated"
    return {1: "creation", 3: "initialisation"}.get(state)


def _access(value: bytes | None) -> tuple[int, int] | None:
    """FID and record; or FID and a record for each security environment; or a record alone.

    In environment 01 PIN1 is in use, in 00 it is switched off: the first is the one to know.
    """
    if not value or len(value) == 2:
        return None
    if len(value) == 1:
        return ARR_OF_A_DIRECTORY, value[0]
    fid = int.from_bytes(value[:2], "big")
    if len(value) == 3:
        return fid, value[2]
    records = dict(zip(value[2::2], value[3::2], strict=False))
    return fid, records.get(_PIN1_IN_USE, value[3])


def _rules(fields: dict[int, bytes]) -> tuple[Rule, ...] | None:
    """What the description itself says, in the compact or the expanded form."""
    if 0x8C in fields:
        return tuple(compact_rules(fields[0x8C]))
    if 0xAB in fields:
        return tuple(expanded_rules(fields[0xAB], "FCP"))
    return None


def _pin1_enabled(value: bytes | None) -> bool | None:
    """From the PIN status template: a bit for each key that follows, the highest for the first."""
    if not value or value[0] != 0x90 or len(value) < 3:
        return None
    mask = value[2]
    keys = [tlv.value for tlv in read_tlvs(value, "FCP") if tlv.tag == 0x83]
    return bool(mask & 0x80 >> keys.index(b"\x01")) if b"\x01" in keys[:8] else None


_GSM_STRUCTURES = {0: "transparent", 1: "linear_fixed", 3: "cyclic"}


def parse_gsm_select(content: bytes) -> FileInfo:
    """From the answer to SELECT with class A0.

    Raises:
        FileDecodeError: too short.
    """
    if len(content) < 14:
        raise FileDecodeError("SELECT", len(content), "answer too short")
    fid = int.from_bytes(content[4:6], "big")
    if content[6] in {0x01, 0x02}:
        return _gsm_directory(fid, content)
    size = int.from_bytes(content[2:4], "big")
    structure = _GSM_STRUCTURES.get(content[13], "unknown")
    length = content[14] if len(content) > 14 and structure != "transparent" else 0
    return FileInfo(
        structure,
        fid=fid,
        size=size,
        record_length=length or None,
        record_count=size // length if length else None,
        life_cycle="activated" if content[11] & 1 else "deactivated",
        rules=tuple(gsm_rules(content[8:11])),
    )


def _gsm_directory(fid: int, content: bytes) -> FileInfo:
    if len(content) < 20:
        return FileInfo("df", fid=fid)
    pin, puk = content[18], content[19]
    return FileInfo(
        "df",
        fid=fid,
        pin1_enabled=not content[13] & 0x80,
        pin1_retries=pin & 0x0F if pin & 0x80 else None,
        puk1_retries=puk & 0x0F if puk & 0x80 else None,
    )
