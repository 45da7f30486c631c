"""All files of a card as a tree for people: what stands in each, who may change it, what is hidden.

Phone book, messages and call lists are somebody's: without `full` they are counted, not shown.
"""

from collections.abc import Iterable
from typing import Any

from agent.cli.access_text import condition_text
from agent.cli.sim_text import comma, heading, in_lines, missing, rows, why_not
from agent.cli.table import columns, paint, printable
from agent.i18n import mark, reason_text, t
from sim.files.directories import APPLICATIONS, DIRECTORIES
from sim.files.registry import ALL_FILES, KEY_FILES, UNDECODED
from sim.identifiers import mask

Json = dict[str, Any]

_STRUCTURES = {
    "transparent": mark("transparent"),
    "linear_fixed": mark("linear"),
    "cyclic": mark("cyclic"),
    "ber_tlv": mark("data objects"),
}
_NOT_DECODED = "not decoded"
_NOT_THERE = "not on the card"
_TITLES = {
    **{file.name: file.title for file in (*UNDECODED, *KEY_FILES)},
    **{file.name: file.title for file in reversed(ALL_FILES)},
}
_DIRECTORY_TITLES = {each.path: each.title for each in DIRECTORIES}
_PERSONAL = frozenset(file.name for file in ALL_FILES if file.personal)


def render_tree(document: Json, *, full: bool) -> str:
    """The whole card, several lines, without a newline at the end."""
    page = _Page(document, full=full)
    return "\n".join([*page.head(), *page.tree(), *page.phonebooks(), *page.messages()])


class _Page:
    def __init__(self, document: Json, *, full: bool) -> None:
        self._document = document
        self._full = full

    def head(self) -> list[str]:
        """By which way, and which applications there are."""
        shown = [
            (app["name"] if app["name"] in APPLICATIONS else t("application"), _application(app))
            for app in self._document["applications"]
        ]
        return heading(self._document) + columns(shown)

    def tree(self) -> list[str]:
        """Directory by directory."""
        files: dict[str, list[Json]] = {}
        for file in self._document["files"]:
            files.setdefault(file["path"].rpartition("/")[0], []).append(file)
        lines = self._directory("MF", None, files.get("MF", []))
        for directory in self._document["directories"]:
            if directory["absent"] != _NOT_THERE:
                path = directory["path"]
                lines += self._directory(path, directory["absent"], files.get(path, []))
        return lines

    def _directory(self, path: str, absent: str | None, files: list[Json]) -> list[str]:
        title = _DIRECTORY_TITLES.get(path)
        lines = [paint(path, "strong") + (f"  {t(title)}" if title else "")]
        if absent is not None:
            return lines + columns([(t("unknown"), reason_text(absent))])
        aside: dict[str, list[str]] = {}
        for file in files:
            reason = self._aside(file)
            if reason is None:
                lines += self._file(file)
            else:
                aside.setdefault(reason, []).append(file["file"])
        return lines + columns(
            [(reason, self._names(reason, names)) for reason, names in aside.items()]
        )

    def _names(self, reason: str, names: list[str]) -> str:
        if reason == t(_NOT_THERE) and not self._full:
            return t("{count} files", count=len(names))
        return " ".join(names)

    def _aside(self, file: Json) -> str | None:
        """Under which heading a file is only named; None where it is shown."""
        if file["absent"] is not None and file["raw"] is None:
            return missing(file)
        if file["file"] == "EF.ARR" and not self._full:
            return t("access rules")  # each file has what they say of it
        parts = [file, *file["records"]]
        if not any(_says_something(part) for part in parts):
            return t("empty")
        if any(part["absent"] == _NOT_DECODED for part in parts) and not self._full:
            return t(_NOT_DECODED)
        return None

    def _file(self, file: Json) -> list[str]:
        title = _TITLES.get(file["file"])
        name = f"{file['file']} ({file['fid']})"
        lines = [f"  {name}  {t(title)}" if title else f"  {name}"]
        lines += columns([("", _description(file))], indent="  ") if _description(file) else []
        if file["file"] in _PERSONAL and not self._full:
            used = sum(_says_something(record) for record in file["records"])
            hidden = t("{used} of {count} used; --full shows them", used=used, count=_room(file))
            return lines + columns([(t("records"), hidden)], indent="    ")
        if file["raw"] is not None:
            return lines + columns(self._part(file["file"], file), indent="    ")
        for numbers, record in _runs(file["records"]):
            lines.append("    " + t("record {number}", number=numbers))
            lines += columns(self._part(file["file"], record), indent="      ")
        return lines

    def _part(self, name: str, part: Json) -> list[tuple[str, str]]:
        if part["value"] is None:
            raw = part["raw"] if part["absent"] == _NOT_DECODED else None
            return [(t("content"), in_lines(raw) if raw else why_not(part, full=self._full))]
        shown = rows(name, part["value"], full=self._full)
        if "number_in_full" in part:
            number = part["number_in_full"]
            shown.append((t("number in full"), number if self._full else mask(number, 4, 2)))
        return shown

    def phonebooks(self) -> list[str]:
        """How many entries, and (`full`) which."""
        books = self._document["phonebooks"]
        if not books:
            return []
        lines = [paint(t("Phone books"), "strong")]
        for book in books:
            count = t("{used} of {count} used", used=len(book["entries"]), count=book["size"])
            lines += columns([(book["path"], count)])
            if self._full:
                lines += columns([_entry(each) for each in book["entries"]], indent="    ")
        return lines

    def messages(self) -> list[str]:
        """How many messages, and (`full`) which."""
        messages = self._document["messages"]
        if not messages:
            return []
        parts = sum(not message["complete"] for message in messages)
        shown = [(t("messages"), str(len(messages))), (t("of these incomplete"), str(parts))]
        lines = [paint(t("Short messages"), "strong"), *columns(shown)]
        if self._full:
            for message in messages:
                lines += columns([_message(message)], indent="    ")
        return lines


def _runs(records: list[Json]) -> list[tuple[str, Json]]:
    """Records that say something, each with its number; equal neighbours are one (`2-5`)."""
    runs: list[tuple[int, int, Json]] = []
    for record in filter(_says_something, records):
        number = record["record"]
        if runs and runs[-1][1] == number - 1 and runs[-1][2]["raw"] == record["raw"]:
            runs[-1] = (runs[-1][0], number, runs[-1][2])
        else:
            runs.append((number, number, record))
    return [
        (f"{first}" if first == last else f"{first}-{last}", record) for first, last, record in runs
    ]


def _application(application: Json) -> str:
    label = application["label"]
    aid: str = application["aid"]
    return f"{aid}  {printable(label)}" if label else aid


def _says_something(part: Json) -> bool:
    """Whether a file or record holds anything: bytes that decode to nothing set do not."""
    if part["value"] is not None:
        return any(_leaves(part["value"]))
    return part.get("raw") is not None and bool(part["raw"].strip("F"))


def _leaves(value: Json) -> Iterable[bool]:
    """For each member whether it is set; `free` and `empty` are words for nothing."""
    for name, member in value.items():
        if isinstance(member, dict):
            yield from _leaves(member)
        elif name != "empty":
            yield member not in (None, [], "free")


def _description(file: Json) -> str:
    """How it is made and who may do what: `transparent, 9 bytes; read PIN1, update ADM1`."""
    words = []
    if file["structure"] in _STRUCTURES:
        words.append(t(_STRUCTURES[file["structure"]]))
    if file["record_count"] is not None:
        size = t(
            "{count} records of {length} bytes", count=_room(file), length=file["record_length"]
        )
        words.append(size)
    elif file["size"] is not None:
        words.append(t("{count} bytes", count=file["size"]))
    access = file["access"] or {}
    words += [f"{t(name)} {condition_text(condition)}" for name, condition in access.items()]
    if file["life_cycle"] not in {None, "activated"}:
        words.append(t("switched off"))
    return paint(comma().join(words), "faint") if words else ""


def _room(file: Json) -> int:
    """How many records there are, used or not."""
    count: int = file["record_count"] or len(file["records"])
    return count


def _entry(entry: Json) -> tuple[str, str]:
    words = [entry["number"] or ""]
    words += [
        f"{further['number']} ({further['kind']})" if further["kind"] else further["number"]
        for further in entry["further_numbers"]
    ]
    words += [*entry["emails"], *entry["uris"]]
    words += [f"[{group}]" for group in entry["groups"]]
    name = comma().join(filter(None, (entry["name"], entry["second_name"])))
    return printable(name or "-"), printable("  ".join(filter(None, words)))


def _message(message: Json) -> tuple[str, str]:
    head = message["address"] or message["smsc"] or "-"
    when = f"{message['sent_at']}  " if message["sent_at"] else ""
    text = message["text"] if message["text"] is not None else t("no text")
    return printable(head), printable(f"{when}{text}")
