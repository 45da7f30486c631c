"""What a card file's description is: identity, structure, decoder, and vectors that prove it.

A value is a typed dictionary with the field names of `simward sim decode` (docs/commands), so it
goes to JSON as it is. Unset is None; a file or record of nothing but FF is unset throughout.
"""

from typing import Any, ClassVar, Generic, NamedTuple, NoReturn, TypeVar

from sim.errors import FileDecodeError

T = TypeVar("T")


class Vector(NamedTuple):
    """Bytes of a file and what they mean; `source` says where the pair comes from."""

    raw_hex: str
    value: Any
    source: str


class EfSpec(Generic[T]):
    """One elementary file as its specification describes it; never instantiated.

    `fid` is None where each card chooses its own (what EF.PBR points to). `parents` are the
    directories that have it, by the names of `sim.files.directories`. `title` says in a few
    English words what it is, `source` which document and clause say so. `personal`: what stands
    in it is somebody's address book, correspondence or call list.
    """

    name: ClassVar[str]
    fid: ClassVar[int | None]
    structure: ClassVar[str]
    parents: ClassVar[tuple[str, ...]]
    title: ClassVar[str]
    source: ClassVar[str]
    personal: ClassVar[bool] = False
    vectors: ClassVar[tuple[Vector, ...]]

    @classmethod
    def decode(cls, content: bytes) -> T:
        """What the file (or one record of it) says.

        Raises:
            FileDecodeError: the bytes are not what the specification allows.
        """
        raise NotImplementedError

    @classmethod
    def need(cls, content: bytes, length: int) -> None:
        """Refuse a content shorter than `length` bytes.

        Raises:
            FileDecodeError: it is.
        """
        if len(content) < length:
            reason = f"only {len(content)} bytes, at least {length} belong here"
            raise FileDecodeError(cls.name, len(content), reason)

    @classmethod
    def fail(cls, offset: int, reason: str) -> NoReturn:
        """Say that the byte at `offset` is wrong.

        Raises:
            FileDecodeError: always.
        """
        raise FileDecodeError(cls.name, offset, reason)


def is_blank(content: bytes) -> bool:
    """Whether nothing was ever written: every byte FF, or no byte at all."""
    return content.count(0xFF) == len(content)
