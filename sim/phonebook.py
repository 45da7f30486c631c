"""A card's phone book put together from the files that it is spread over.

Source: 3GPP TS 31.102 clauses 4.4.2 and annex G (the first read in part in Release 19, the second
unread); TS 51.011 clause 10.5.1 (unread).
"""

from collections.abc import Mapping
from typing import Any, TypedDict

from sim.errors import FileDecodeError
from sim.files import ts_31_102_phonebook as parts
from sim.files.base import EfSpec
from sim.files.ts_51_011_numbers import EfAdn, EfExt1, ExtensionValue
from sim.records import RecordFile, RecordFiles

_NO_FILE = RecordFile("", 0, {})
_SIM_BOOK = "MF/DF.TELECOM/EF.ADN"
_SIM_EXTENSIONS = "MF/DF.TELECOM/EF.EXT1"
_LONGEST_CHAIN = 16


class FurtherNumber(TypedDict):
    """Another number of an entry, and what it is called (at work), where that is said."""

    number: str
    kind: str | None


class Entry(TypedDict):
    """One entry; `record` is its number in its set of files, `set` the record of EF.PBR."""

    set: int | None
    record: int
    name: str | None
    number: str | None
    further_numbers: list[FurtherNumber]
    second_name: str | None
    emails: list[str]
    groups: list[str]
    uris: list[str]
    uid: int | None
    hidden: bool


class Phonebook(TypedDict):
    """The entries of one book that are used, and how many it has room for."""

    path: str
    size: int
    entries: list[Entry]


def number_in_full(
    file: type[EfSpec[Any]],
    content: bytes,
    number: str | None,
    extensions: Mapping[int, ExtensionValue],
) -> str | None:
    """`number` of a record with what extensions add; None where they add nothing."""
    following: int | None = getattr(file, "extension", _no_extension)(content)
    digits = ""
    seen: set[int] = set()
    while following is not None and following not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(following)
        value = extensions.get(following)
        if value is None:
            break
        if value["kind"] == "additional":
            digits += value["number"] or ""
        following = value["next_record"]
    return f"{number or ''}{digits}" if digits else None


def _no_extension(_content: bytes) -> None:
    return None


def decoded(file: type[EfSpec[Any]], records: Mapping[int, bytes]) -> dict[int, Any]:
    """The values of the records that decode, by their numbers."""
    found = {}
    for number, content in records.items():
        try:
            found[number] = file.decode(content)
        except FileDecodeError:
            continue  # named where the file is shown
    return found


def assemble_phonebooks(files: RecordFiles) -> list[Phonebook]:
    """The phone books of the files that were read: those that EF.PBR describes, and the SIM's.

    DF.TELECOM's own EF.ADN is often the same memory as one of them under another identifier.
    """
    books = [
        _book(path.rpartition("/")[0], file, files)
        for path, file in files.items()
        if file.name == parts.EfPbr.name
    ]
    if _SIM_BOOK in files:
        books.append(_sim_book(files))
    return books


def _sim_book(files: RecordFiles) -> Phonebook:
    book = files[_SIM_BOOK]
    extensions = decoded(EfExt1, files.get(_SIM_EXTENSIONS, _NO_FILE).records)
    entries = [_entry(None, record, raw, extensions) for record, raw in book.records.items()]
    used = [entry for entry in entries if entry is not None]
    return {"path": _SIM_BOOK, "size": book.size, "entries": used}


def _book(directory: str, references: RecordFile, files: RecordFiles) -> Phonebook:
    """The book of one DF.PHONEBOOK."""
    size = 0
    entries: list[Entry] = []
    for number, value in decoded(parts.EfPbr, references.records).items():
        found = _Set(number, value, directory, files)
        size += found.size
        entries += found.entries()
    return {"path": directory, "size": size, "entries": entries}


def _entry(
    number_of_set: int | None,
    record: int,
    content: bytes,
    extensions: Mapping[int, ExtensionValue],
) -> Entry | None:
    """The entry of one record of EF.ADN; None where it holds none."""
    try:
        value = EfAdn.decode(content)
    except FileDecodeError:
        return None
    if value["empty"]:
        return None
    return {
        "set": number_of_set,
        "record": record,
        "name": value["alpha"],
        "number": number_in_full(EfAdn, content, value["number"], extensions) or value["number"],
        "further_numbers": [],
        "second_name": None,
        "emails": [],
        "groups": [],
        "uris": [],
        "uid": None,
        "hidden": False,
    }


class _Set:
    """The files of one record of EF.PBR."""

    def __init__(
        self, number: int, references: parts.PbrValue, directory: str, files: RecordFiles
    ) -> None:
        self._number = number
        self._references = references
        self._directory = directory
        self._files = files
        self._extensions = decoded(EfExt1, self._named(EfExt1).records)
        self._indexes = decoded(parts.EfIap, self._named(parts.EfIap).records)

    @property
    def size(self) -> int:
        """How many entries there is room for."""
        return self._named(EfAdn).size

    def entries(self) -> list[Entry]:
        """The entries that are used."""
        kinds = decoded(parts.EfAas, self._named(parts.EfAas).records)
        names = decoded(parts.EfGas, self._named(parts.EfGas).records)
        found = []
        for record, content in self._named(EfAdn).records.items():
            entry = _entry(self._number, record, content, self._extensions)
            if entry is not None:
                self._fill(entry, kinds, names)
                found.append(entry)
        return found

    def _fill(self, entry: Entry, kinds: dict[int, Any], names: dict[int, Any]) -> None:
        record = entry["record"]
        for raw, value in self._values(parts.EfAnr, record):
            number = number_in_full(parts.EfAnr, raw, value["number"], self._extensions)
            number = number or value["number"]
            if number:
                kind = kinds.get(value["aas_record"], {}).get("alpha")
                entry["further_numbers"].append({"number": number, "kind": kind})
        for _, value in self._values(parts.EfSne, record):
            entry["second_name"] = entry["second_name"] or value["alpha"]
        entry["emails"] = [v["email"] for _, v in self._values(parts.EfEmail, record) if v["email"]]
        entry["uris"] = [v["uri"] for _, v in self._values(parts.EfPuri, record) if v["uri"]]
        for _, value in self._values(parts.EfGrp, record):
            entry["groups"] += [
                names.get(group, {}).get("alpha") or str(group) for group in value["groups"]
            ]
        for _, value in self._values(parts.EfUid, record):
            entry["uid"] = value["uid"]
        for _, value in self._values(parts.EfPbc, record):
            entry["hidden"] = value["hidden"] is not None

    def _file_of(self, fid: str) -> RecordFile:
        return self._files.get(f"{self._directory}/{fid}", _NO_FILE)

    def _named(self, file: type[EfSpec[Any]]) -> RecordFile:
        """The first file of this kind, whatever the way in which it is referred to."""
        lists = self._references
        every = (*lists["same_record"], *lists["by_index"], *lists["by_identifier"])
        fid = next((each["fid"] for each in every if each["file"] == file.name), None)
        return _NO_FILE if fid is None else self._file_of(fid)

    def _values(self, file: type[EfSpec[Any]], record: int) -> list[tuple[bytes, Any]]:
        """What the files of this kind say of an entry: bytes and value."""
        contents = [
            self._file_of(each["fid"]).records.get(record)
            for each in self._references["same_record"]
            if each["file"] == file.name
        ]
        places = self._indexes.get(record, {}).get("records", [])
        for each, place in zip(self._references["by_index"], places, strict=False):
            if each["file"] == file.name and place is not None:
                linked = self._file_of(each["fid"]).records.get(place)
                # The two bytes that link a text back to its entry are no part of it.
                is_text = file in {parts.EfSne, parts.EfEmail}
                contents.append(linked[:-2] if linked and is_text else linked)
        found = {n: raw for n, raw in enumerate(contents) if raw}
        return [(found[n], value) for n, value in decoded(file, found).items()]
