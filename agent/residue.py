"""What is left of somebody on a card and in its modem, as documents: counts, and contents."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from agent.backup import books_of
from sim.access import Condition
from sim.errors import FileDecodeError
from sim.files.registry import ALL_FILES
from sim.messages import StoredMessage, assemble_messages
from sim.personal import CALLS, KINDS, STRUCTURE, PersonalFile
from sim.phonebook import Entry, Phonebook, assemble_phonebooks
from sim.records import RecordFile

Json = dict[str, Any]

RESIDUE, MESSAGES, CONTENTS = "simward/residue/1", "simward/sms/1", "simward/contents/1"
REMAINS, OWN_MESSAGES = "deleted_messages", "modem_messages"
OWN_BOOKS = {"phonebook": "modem_phonebook", "calls": "modem_calls"}
_ENOUGH = frozenset({"always", "pin1", "universal_pin", "user_auth"})
# A modem's status (TS 27.005 clause 3.1, unread) as the first byte of EF.SMS has it.
_ON_CARD = {0: 3, 1: 1, 2: 7, 3: 5}
_SMS = "EF.SMS"
_MODEM = "modem"


def files_of(document: Json) -> tuple[PersonalFile, ...]:
    """The files of a document of `agent.personal`."""
    return tuple(PersonalFile.from_json(each) for each in document["files"])


def counts_of(files: Iterable[PersonalFile], modem: Json | None) -> dict[str, int | None]:
    """Entries by kind, messages that were deleted and can be read, and the modem's own.

    None where nobody could count.
    """
    counts: dict[str, int | None] = dict.fromkeys((*KINDS, REMAINS), 0)
    for file in files:
        if file.kind != STRUCTURE:
            counts[file.kind] = (counts[file.kind] or 0) + file.counted
            counts[REMAINS] = (counts[REMAINS] or 0) + file.remains
    store = (modem or {}).get("store")
    counts[OWN_MESSAGES] = store["used"] if store else None
    return {**counts, **_counts_of_books((modem or {}).get("books"))}


def _counts_of_books(books: Json | None) -> dict[str, int | None]:
    counts: dict[str, int | None] = {}
    for kind, name in OWN_BOOKS.items():
        counts[name] = None
        if books is not None and not books["absent"]:
            found = [book["used"] for book in books["stores"] if book["kind"] == kind]
            known = [used for used in found if used is not None]
            counts[name] = sum(known) if known or not found else None
    return counts


def residue_document(document: Json) -> Json:
    """What is left, in numbers alone; who may clear it; and what could not be looked at.

    `left` is null where nothing was found and not everything could be looked at.
    """
    files = [file for file in files_of(document) if file.kind != STRUCTURE]
    modem = document["modem"]
    counts = counts_of(files, modem)
    absent = {f"files.{file.path}": file.absent for file in files if file.absent}
    if modem is not None and modem["absent"]:
        absent[f"counts.{OWN_MESSAGES}"] = modem["absent"]
    absent |= _absent_books(modem)
    return {
        "schema": RESIDUE,
        **{name: document[name] for name in ("taken_at", "clock_synchronized", "iccid")},
        "transport": document["transport"],
        "counts": counts,
        "left": True if _is_left(files, counts) else (None if absent else False),
        "files": [_file(file) for file in files],
        "modem_stores": [_store(book) for book in books_of(modem)],
        "absent": absent,
    }


def _absent_books(modem: Json | None) -> dict[str, str]:
    """Which stores of the modem could not be counted, and why."""
    reason = ((modem or {}).get("books") or {}).get("absent")
    absent = {f"counts.{name}": reason for name in OWN_BOOKS.values()} if reason else {}
    return absent | {
        f"modem_stores.{book['name']}": book["absent"] for book in books_of(modem) if book["absent"]
    }


def _store(book: Json) -> Json:
    """A store of the modem's own: lists of calls are not for AT commands to write."""
    return {
        **{name: book[name] for name in ("name", "kind", "used")},
        "room": book["size"],
        "clearable": {"phonebook": True, "calls": False}.get(book["kind"]),
    }


def _is_left(files: Iterable[PersonalFile], counts: dict[str, int | None]) -> bool:
    return any(counts.values()) or any(file.records for file in files)


def _file(file: PersonalFile) -> Json:
    return {
        "path": file.path,
        "file": file.file,
        "kind": file.kind,
        "used": None if file.absent else len(file.records),
        "room": file.record_count,
        "update": file.update,
        "clearable": is_clearable(file),
    }


def is_clearable(file: PersonalFile) -> bool | None:
    """Whether who shows PIN1 may clear it; None where the card does not say."""
    if file.why_not_clearable is not None:
        return False
    return None if file.update is None else _is_enough(file.update)


def _is_enough(condition: Condition) -> bool:
    if isinstance(condition, dict):
        if "any" in condition:
            return any(map(_is_enough, condition["any"]))
        return all(map(_is_enough, condition["all"]))
    return condition in _ENOUGH


# Contents: never in a report


def records_of(files: Iterable[PersonalFile]) -> dict[str, RecordFile]:
    """The files as what puts phone books and messages together wants them."""
    return {file.path: RecordFile(file.file, file.record_count, file.records) for file in files}


def messages_of(files: Iterable[PersonalFile], own: Sequence[Json]) -> list[StoredMessage]:
    """The messages of the card, and (`path` is `modem`) of the modem, long ones joined."""
    stored = {
        int(each["number"]): bytes((_ON_CARD.get(each["status"], 1),)) + bytes.fromhex(each["pdu"])
        for each in own
    }
    return assemble_messages({**records_of(files), _MODEM: RecordFile(_SMS, len(stored), stored)})


def messages_document(document: Json) -> Json:
    """The messages, whole; for the screen in front of the card and nothing else."""
    modem = document["modem"] or {}
    files = files_of(document)
    absent = {file.path: file.absent for file in files if file.file == _SMS and file.absent}
    if modem.get("absent"):
        absent[_MODEM] = modem["absent"]
    return {
        "schema": MESSAGES,
        **{name: document[name] for name in ("taken_at", "clock_synchronized", "iccid")},
        "messages": messages_of(files, modem.get("messages") or ()),
        "absent": absent,
    }


def contents_document(document: Json) -> Json:
    """What a backup has, decoded: phone books, messages, calls."""
    files = files_of(document)
    modem = document["modem"] or {}
    return {
        "schema": CONTENTS,
        **{name: document[name] for name in ("taken_at", "iccid")},
        "counts": counts_of(files, document["modem"]),
        "phonebooks": [*phonebooks_of(files), *_own_phonebooks(modem)],
        "messages": messages_of(files, modem.get("messages") or ()),
        "calls": [*_calls(files), *_own_calls(modem)],
    }


def phonebooks_of(files: Iterable[PersonalFile]) -> list[Phonebook]:
    """The phone books."""
    return assemble_phonebooks(records_of(files))


def _calls(files: Iterable[PersonalFile]) -> Iterator[Json]:
    known = {file.name: file for file in reversed(ALL_FILES)}
    for file in files:
        if file.kind != CALLS or file.file not in {"EF.LND", "EF.ICI", "EF.OCI"}:
            continue
        for number, raw in sorted(file.records.items()):
            try:
                value = known[file.file].decode(raw)
            except FileDecodeError:
                continue  # the raw bytes are in the backup
            yield {"path": file.path, "file": file.file, "record": number, **value}


def path_of(book: Json) -> str:
    """A store of the modem's own, as files are named: `modem/ME`."""
    return f"{_MODEM}/{book['name']}"


def _own_phonebooks(modem: Json) -> Iterator[Phonebook]:
    for book in books_of(modem):
        if book["kind"] == "phonebook" and book["entries"]:
            entries = [_own_entry(each) for each in book["entries"]]
            yield {"path": path_of(book), "size": book["size"] or len(entries), "entries": entries}


def _own_entry(each: Json) -> Entry:
    return {
        "set": None,
        "record": each["record"],
        "name": each["name"],
        "number": each["number"],
        "further_numbers": [],
        "second_name": None,
        "emails": [],
        "groups": [],
        "uris": [],
        "uid": None,
        "hidden": False,
    }


def _own_calls(modem: Json) -> Iterator[Json]:
    """The calls of the modem's own lists; `raw` has what some modems say beside."""
    for book in books_of(modem):
        if book["kind"] == CALLS:
            for each in book["entries"] or ():
                yield {"path": path_of(book), "file": book["name"], **each}


def vcards(books: Iterable[Phonebook]) -> str:
    """The entries of phone books as vCards 3.0 (RFC 2426, unread), UTF-8."""
    return "".join(_vcard(entry) for book in books for entry in book["entries"])


def _vcard(entry: Entry) -> str:
    name = entry["name"] or entry["number"] or ""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{_escaped(name)}", f"N:{_escaped(name)};;;;"]
    if entry["second_name"]:
        lines.append(f"NICKNAME:{_escaped(entry['second_name'])}")
    if entry["number"]:
        lines.append(f"TEL;TYPE=VOICE:{entry['number']}")
    lines += [f"TEL;TYPE=VOICE:{each['number']}" for each in entry["further_numbers"]]
    lines += [f"EMAIL:{_escaped(each)}" for each in entry["emails"]]
    lines += [f"URL:{_escaped(each)}" for each in entry["uris"]]
    if entry["groups"]:
        lines.append("CATEGORIES:" + ",".join(map(_escaped, entry["groups"])))
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCARD"])


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes a line; a character is never cut."""
    parts, part = [], ""
    for char in line:
        if len((part + char).encode()) > 74:
            parts.append(part)
            part = ""
        part += char
    return "\r\n ".join([*parts, part])
