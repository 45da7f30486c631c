"""What to clear on a card, and what to put on another: plans made of a backup and of a reading.

No journal is needed to go on after a kill: the backup says what may be cleared, the card says what
is. A plan that is made anew leaves out what is done.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from agent.backup import Backup, books_of
from agent.errors import RefusedError
from agent.i18n import mark
from agent.residue import files_of, is_clearable, path_of
from sim.access import Condition
from sim.personal import CALLS, STRUCTURE, PersonalFile, free

Json = dict[str, Any]

AFTER_THE_BACKUP = mark("not in the backup")
NO_RIGHT = mark("the right to change it is missing")
CHANGED = mark("changed meanwhile")
NOT_WRITTEN = mark("does not read as it was written")
NOT_ON_THE_CARD = mark("not on the card")
OCCUPIED = mark("something else stands there")
NO_ROOM = mark("no room")
DOES_NOT_FIT = mark("does not fit")
OF_A_MODEM = mark("messages of a modem are not written back")
BOOK_OF_A_MODEM = mark("phone books and call lists of a modem are not written back")
CALLS_OF_A_MODEM = mark("no AT command of the standard clears it")
MODEM = "modem"

_CYCLIC = "cyclic"
# What stands behind the name in a record (TS 51.011 clause 10.5.1, TS 31.102 4.2.33, 4.2.34).
_TAILS = {
    **dict.fromkeys(("EF.ADN", "EF.FDN", "EF.LND", "EF.ICE_DN"), 14),
    "EF.BDN": 15,
    "EF.ICI": 28,
    "EF.OCI": 27,
}
_UCS2 = 0x80


class Step(NamedTuple):
    """One change: which record it is about, and the request that makes it.

    `counts` is False where that record of a call log is free, and has to be pushed out all the
    same.
    """

    path: str
    record: int
    request: Json
    counts: bool = True


class Kept(NamedTuple):
    """What stays as it is, and why; `record` is None for a whole file.

    `asks_for` is the right that is missing, where the card says which.
    """

    path: str
    record: int | None
    reason: str
    asks_for: Condition | None = None


class Plan(NamedTuple):
    """What is to be done, what was done before, and what will not be."""

    steps: tuple[Step, ...]
    before: tuple[tuple[str, int], ...]
    kept: tuple[Kept, ...]


def check_is_card(named: str | None, document: Json, option: str) -> None:
    """Nothing, where the person who ordered it named the card that is there.

    Raises:
        RefusedError: another card.
    """
    if named is not None and named != document["iccid"]:
        raise RefusedError("{name}: this is another card than the one that was named", name=option)


def plan_wipe(document: Json, backup: Backup) -> Plan:
    """Clear what is on the card (and in its modem) and in the backup, and nothing else.

    Raises:
        RefusedError: the backup is another card's.
    """
    if backup.iccid != document["iccid"]:
        raise RefusedError("the backup is another card's")
    steps: list[Step] = []
    kept: list[Kept] = []
    present = {file.path: file for file in files_of(document)}
    for file in present.values():
        if file.absent:
            kept.append(Kept(file.path, None, file.absent))
        if file.kind == STRUCTURE or not file.records:
            continue
        reason = file.why_not_clearable or (NO_RIGHT if is_clearable(file) is False else None)
        if reason is not None:
            kept.append(Kept(file.path, None, reason, file.update))
            continue
        saved = backup.file(file.path) or file._replace(records={})
        contents = set(saved.records.values())
        unsaved = [number for number, raw in sorted(file.records.items()) if raw not in contents]
        kept += [Kept(file.path, number, AFTER_THE_BACKUP) for number in unsaved]
        if file.structure != _CYCLIC:
            steps += _clear_records(file, document, saved)
        elif not unsaved:
            steps += _clear_log(file, document, saved)
    before = [
        (file.path, number)
        for file in backup.files
        if file.kind != STRUCTURE
        for number in _gone(file, present.get(file.path))
    ]
    own, foreign = _own_messages(document, backup)
    books = _own_books(document, backup)
    return Plan(
        (*steps, *own, *books.steps), (*before, *books.before), (*kept, *foreign, *books.kept)
    )


def _gone(saved: PersonalFile, now: PersonalFile | None) -> list[int]:
    """The records that are saved and free by now; of a call log the oldest went first."""
    numbers = sorted(saved.records)
    if now is None or now.absent:
        return []
    if now.structure == _CYCLIC:
        return numbers[min(len(now.records), len(numbers)) :]
    return [number for number in numbers if number not in now.records]


def _clear_records(file: PersonalFile, document: Json, saved: PersonalFile) -> Iterator[Step]:
    contents = set(saved.records.values())
    for number, raw in sorted(file.records.items()):
        if raw in contents:
            blank = free(file.file, len(raw))
            yield Step(file.path, number, _put(document, file.path, number, raw, blank))


def _clear_log(file: PersonalFile, document: Json, saved: PersonalFile) -> Iterator[Step]:
    """A push for every record of the file: the oldest falls out first.

    The steps have the numbers that the backup has: what is there is the newest of it, however far
    an earlier run has pushed it.
    """
    request = {
        "ask": "sim_push_out",
        **_card(document),
        "path": file.path,
        "file": file.file,
        "saved": sorted(raw.hex() for raw in saved.records.values()),
    }
    numbers = dict(zip(sorted(file.records), sorted(saved.records), strict=False))
    for number in range(file.record_count, 0, -1):
        yield Step(file.path, numbers.get(number, 0), request, number in numbers)


def _own_messages(document: Json, backup: Backup) -> tuple[list[Step], list[Kept]]:
    modem = document["modem"] or {}
    saved = {each["pdu"] for each in backup.messages}
    store = (modem.get("store") or {}).get("name", "")
    steps, kept = [], []
    if modem.get("store") and modem.get("messages") is None:
        kept.append(Kept(MODEM, None, str(modem["absent"])))
    for each in modem.get("messages") or ():
        number = int(each["number"])
        if each["pdu"] in saved:
            request = {"ask": "sim_delete_message", "store": store, **each}
            steps.append(Step(MODEM, number, request))
        else:
            kept.append(Kept(MODEM, number, AFTER_THE_BACKUP))
    return steps, kept


def _own_books(document: Json, backup: Backup) -> Plan:
    """The part of the plan that is about the modem's own phone books and call lists."""
    saved = {book["name"]: book["entries"] or [] for book in backup.books}
    steps: list[Step] = []
    before: list[tuple[str, int]] = []
    kept: list[Kept] = []
    for book in books_of(document["modem"]):
        path = path_of(book)
        if book["absent"]:
            kept.append(Kept(path, None, book["absent"]))
        if book["kind"] == CALLS:
            kept += [Kept(path, None, CALLS_OF_A_MODEM)] if book["used"] else []
            continue
        known = saved.get(book["name"], [])
        contents = {each["raw"] for each in known}
        entries = book["entries"]
        for each in entries or ():
            if each["raw"] in contents:
                request = {"ask": "sim_clear_entry", "store": book["name"], **each}
                steps.append(Step(path, int(each["record"]), request))
            else:
                kept.append(Kept(path, int(each["record"]), AFTER_THE_BACKUP))
        if entries is not None and not book["absent"]:
            there = {each["record"] for each in entries}
            before += [(path, int(e["record"])) for e in known if e["record"] not in there]
    return Plan(tuple(steps), tuple(before), tuple(kept))


def plan_restore(document: Json, backup: Backup) -> Plan:
    """Put what the backup has on the card that `document` is about; nothing there is replaced."""
    there = files_of(document)
    steps: list[Step] = []
    before: list[tuple[str, int]] = []
    kept: list[Kept] = []
    for file, target in _matched(backup.files, there):
        if file.kind == STRUCTURE or not file.records:
            continue
        reason = _why_not(target)
        if target is None or reason is not None:
            asks_for = target.update if target and reason == NO_RIGHT else None
            kept.append(Kept(file.path, None, reason or NOT_ON_THE_CARD, asks_for))
            continue
        fill = _fill_log if target.structure == _CYCLIC else _fill_records
        for number, found in fill(file, target):
            if isinstance(found, bytes):
                steps.append(Step(target.path, number, _fill(document, target, number, found)))
            elif found is None:
                before.append((target.path, number))
            else:
                kept.append(Kept(target.path, number, found))
    kept += [Kept(MODEM, int(each["number"]), OF_A_MODEM) for each in backup.messages]
    kept += [Kept(path_of(book), None, BOOK_OF_A_MODEM) for book in backup.books if book["entries"]]
    return Plan(tuple(steps), tuple(before), tuple(kept))


def _why_not(target: PersonalFile | None) -> str | None:
    if target is None:
        return NOT_ON_THE_CARD
    if is_clearable(target) is False:
        return target.why_not_clearable or NO_RIGHT
    return target.absent


def _matched(
    files: Iterable[PersonalFile], there: Iterable[PersonalFile]
) -> Iterator[tuple[PersonalFile, PersonalFile | None]]:
    """Each file with the one of the same place on the other card.

    Phone books have file identifiers of their own on each card: the first EF.ADN of a directory is
    the first EF.ADN of that directory.
    """
    places = dict(_numbered(there))
    for place, file in _numbered(files):
        yield file, places.get(place)


def _numbered(files: Iterable[PersonalFile]) -> Iterator[tuple[tuple[str, str, int], PersonalFile]]:
    seen: dict[tuple[str, str], int] = {}
    for file in files:
        key = (file.path.rpartition("/")[0], file.file)
        seen[key] = seen.get(key, 0) + 1
        yield (*key, seen[key]), file


def _fill_records(
    file: PersonalFile, target: PersonalFile
) -> Iterator[tuple[int, bytes | str | None]]:
    """For each record what to write, or why not, or None where it is there already."""
    for number, raw in sorted(file.records.items()):
        content = fitted(file.file, raw, target.record_length)
        stands = target.records.get(number)
        if content is None:
            yield number, DOES_NOT_FIT
        elif number > target.record_count:
            yield number, NO_ROOM
        elif stands is not None:
            yield number, None if stands == content else OCCUPIED
        else:
            yield number, content


def _fill_log(file: PersonalFile, target: PersonalFile) -> Iterator[tuple[int, bytes | str | None]]:
    """The same for a cyclic file, oldest first; the newest only where it has less room."""
    newest_first = [raw for _, raw in sorted(file.records.items())][: target.record_count]
    wanted = [fitted(file.file, raw, target.record_length) for raw in newest_first]
    there = [raw for _, raw in sorted(target.records.items())]
    done = len(there)
    if None in wanted:
        yield 1, DOES_NOT_FIT
    elif there != wanted[len(wanted) - done :]:
        yield 1, OCCUPIED
    else:
        for number in range(len(wanted), len(wanted) - done, -1):
            yield number, None
        for number in range(len(wanted) - done, 0, -1):
            yield number, wanted[number - 1]


def fitted(name: str, record: bytes, length: int) -> bytes | None:
    """The record for a file whose records have another length: its name made longer or shorter."""
    tail = _TAILS.get(name)
    if len(record) == length or tail is None:
        return record if len(record) == length else None
    text = record[:-tail].rstrip(b"\xff")
    if text[:1] == bytes((_UCS2,)) and len(text) % 2 == 0:
        text += b"\xff"  # the last character ends with it
    if len(text) > length - tail:
        return None
    return text.ljust(length - tail, b"\xff") + record[-tail:]


def _card(document: Json) -> Json:
    return {"iccid": document["iccid"], "transport": document["transport"]}


def _put(document: Json, path: str, number: int, before: bytes, after: bytes) -> Json:
    return {
        "ask": "sim_put",
        **_card(document),
        "path": path,
        "record": number,
        "before": before.hex(),
        "after": after.hex(),
    }


def _fill(document: Json, target: PersonalFile, number: int, after: bytes) -> Json:
    return {
        "ask": "sim_fill",
        **_card(document),
        "path": target.path,
        "file": target.file,
        "record": number,
        "after": after.hex(),
    }
