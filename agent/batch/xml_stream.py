"""XML of unknown origin, read as it is unpacked: bounded, without entities and document types.

Element and attribute names come without their namespaces: the two flavours of the format
(ISO/IEC 29500 transitional and strict, unread) differ in these alone.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Final
from xml.parsers import expat

from agent.batch.bounds import MOST_TOKEN_BYTES
from agent.i18n import mark

_CHUNK: Final = 64 * 1024
NO_DOCTYPE: Final = mark("it declares a document type; no spreadsheet does")
LONG_TOKEN: Final = mark("one element is longer than all that a list may hold")


class XmlError(ValueError):
    """What is wrong with the XML: a reason of the catalogue, or expat's own words."""


class XmlHandler:
    """What to do with elements and texts; each method may be left as it is."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of the text between."""


def parse_chunks(stream: BinaryIO, handler: XmlHandler) -> Iterator[None]:
    """Feed `handler`; pauses after each chunk, so that its findings can be taken away.

    Raises:
        XmlError: no XML, a document type, or an element without an end in sight.
        what `stream` and `handler` raise.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    silent = _Silence()

    def start(name: str, attributes: dict[str, str]) -> None:
        silent.bytes = 0
        handler.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        silent.bytes = 0
        handler.end(_local(name))

    def text(text: str) -> None:
        silent.bytes = 0
        handler.text(text)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while chunk := stream.read(_CHUNK):
        silent.bytes += len(chunk)
        _fed(lambda chunk=chunk: parser.Parse(chunk, False))  # type: ignore[misc]
        if silent.bytes > MOST_TOKEN_BYTES:
            raise XmlError(LONG_TOKEN)
        yield
    _fed(lambda: parser.Parse(b"", True))
    yield


class _Silence:
    """How many bytes went in since something came out."""

    bytes = 0


def _fed(parse: Callable[[], object]) -> None:
    try:
        parse()
    except expat.ExpatError as error:
        raise XmlError(str(error)) from None


def _refuse_doctype(*_: object) -> None:
    raise XmlError(NO_DOCTYPE)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
