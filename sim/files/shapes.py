"""Shapes that many files share: lists of networks, numbers, flags, texts in data objects.

A file of such a shape is its name, its place and its vectors; what its bytes mean is here.
"""

from typing import Any, ClassVar, TypedDict

from sim.files.base import EfSpec, T, is_blank
from sim.files.fields import PlmnValue, hex_or_none, plmn, services
from sim.tlv import Tlv, read_tlvs

OWN = "own numbers, encoded by hand after the clause"
Fields = dict[str, Any]


class HexValue(TypedDict):
    """Bytes whose meaning is the operator's or of no use here, in hexadecimal."""

    hex: str | None


class HexFile(EfSpec[HexValue]):
    """A file that is shown as it is."""

    @classmethod
    def decode(cls, content: bytes) -> HexValue:
        """The bytes."""
        cls.need(content, 1)
        return {"hex": hex_or_none(content)}


class PlmnsValue(TypedDict):
    """Networks, in the file's order."""

    plmns: list[PlmnValue]


class PlmnList(EfSpec[PlmnsValue]):
    """Networks of three bytes each."""

    structure = "transparent"

    @classmethod
    def decode(cls, content: bytes) -> PlmnsValue:
        """The networks of the slots that are used."""
        networks = [plmn(slot, cls.name, at) for at, slot in slots(cls, content, 3)]
        return {"plmns": [network for network in networks if network["mcc"] is not None]}


class ServicesValue(TypedDict):
    """The numbers of the services that are available, rising."""

    services: list[int] | None


class ServiceTable(EfSpec[ServicesValue]):
    """A table with one bit a service."""

    structure = "transparent"

    @classmethod
    def decode(cls, content: bytes) -> ServicesValue:
        """The services whose bit is set; how long the table is, is the card's choice."""
        cls.need(content, 1)
        return {"services": services(content)}


class NumberFile(EfSpec[Fields]):
    """One number of `size` bytes, the highest first; all FF is unset."""

    field: ClassVar[str]
    size: ClassVar[int]

    @classmethod
    def decode(cls, content: bytes) -> Fields:
        """The number."""
        cls.need(content, cls.size)
        used = content[: cls.size]
        return {cls.field: None if is_blank(used) else int.from_bytes(used, "big")}


class ChoiceFile(EfSpec[Fields]):
    """One byte that stands for a word, counted from 0; FF is unset.

    A number that has no word, or an empty one, is `reserved`.
    """

    field: ClassVar[str]
    words: ClassVar[tuple[str, ...]]
    structure = "transparent"

    @classmethod
    def decode(cls, content: bytes) -> Fields:
        """The word."""
        cls.need(content, 1)
        number = content[0]
        if number == 0xFF:
            return {cls.field: None}
        word = cls.words[number] if number < len(cls.words) else ""
        return {cls.field: word or "reserved"}


class FlagsFile(EfSpec[Fields]):
    """Names of single bits, the lowest first, in the first byte; FF is unset."""

    flags: ClassVar[tuple[str, ...]]
    structure = "transparent"

    @classmethod
    def decode(cls, content: bytes) -> Fields:
        """Whether each bit is set."""
        cls.need(content, 1)
        return flags_of(content[0], cls.flags)


class TextObject(EfSpec[Fields]):
    """One data object with tag 80 that holds a text in UTF-8."""

    field: ClassVar[str]

    @classmethod
    def decode(cls, content: bytes) -> Fields:
        """The text; None where there is no object, or an empty one."""
        cls.need(content, 1)
        found = object_80(cls, content)
        return {cls.field: None if found is None else utf8(cls, found)}


def object_80(file: type[EfSpec[T]], content: bytes) -> Tlv | None:
    """The first object with tag 80; None where nothing is set.

    Seen on new cards: the tag, and then nothing but filler.

    Raises:
        FileDecodeError: something else is there.
    """
    if is_blank(content.removeprefix(b"\x80")):
        return None
    found = next((tlv for tlv in read_tlvs(content, file.name) if tlv.tag == 0x80), None)
    return file.fail(0, "the object with tag 80 is missing") if found is None else found


def flags_of(byte: int, names: tuple[str, ...]) -> dict[str, bool | None]:
    """Whether each bit is set, the lowest first; FF is unset throughout."""
    if byte == 0xFF:
        return dict.fromkeys(names)
    return {name: bool(byte >> bit & 1) for bit, name in enumerate(names)}


def utf8(file: type[EfSpec[T]], tlv: Tlv) -> str | None:
    """The text of a data object; None where it is empty or nothing but filler."""
    used = tlv.value.rstrip(b"\xff")
    try:
        return used.decode("utf-8") or None
    except UnicodeDecodeError as error:
        return file.fail(tlv.value_offset + error.start, "no UTF-8 character")


def slots(
    file: type[EfSpec[T]], content: bytes, size: int, base: int = 0
) -> list[tuple[int, bytes]]:
    """Entries of equal size that are used, each with its offset; `base` is that of `content`.

    Raises:
        FileDecodeError: half an entry at the end.
    """
    file.need(content, 1)
    found = [(base + at, content[at : at + size]) for at in range(0, len(content), size)]
    if len(found[-1][1]) < size and not is_blank(found[-1][1]):
        file.fail(found[-1][0], f"an entry has {size} bytes")
    return [(at, slot) for at, slot in found if len(slot) == size and not is_blank(slot)]
