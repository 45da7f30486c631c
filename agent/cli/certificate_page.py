"""What the certificate page of evidence says, in the language spoken: each entry, in sections."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from agent.cli.certificate_file import Examined
from agent.cli.certificate_text import KINDS, head_rows, member_text, shown, verdict_words
from agent.cli.check_text import GATE_NAMES, RESULTS
from agent.cli.table import printable
from agent.i18n import LANGUAGES, language, mark, t
from agent.i18n.filled import filled_text
from agent.paper.codes import PRINT, cut, file_of
from agent.release.table import STEPS
from agent.unbind.questions import QUESTIONS
from cloud_bridge.certificate import Evidence
from cloud_bridge.evidence import Entry
from cloud_bridge.evidence_entries import ANSWERED, DONE, GATE, READ
from cloud_bridge.qr_text import name_of
from cloud_bridge.signing import fingerprint

Json = dict[str, Any]

_BREAK: Final = "\u200b"
"""Where a long word may go on in the next line."""
_LONG: Final = re.compile(r"[!-~]{20,}")
_SIGN: Final = re.compile(r"(?<=[0-9A-Za-z])[._,;:=/](?=[0-9A-Za-z])")
_MOST_ON_A_PAGE: Final = 600
_HASH: Final = re.compile(r"[0-9A-Za-z]{25,}")
_SOURCES: Final = {
    "device": mark("device"),
    "operator": mark("operator"),
    "backend": mark("platform"),
}
_OF_STEPS: Final = {
    "done": mark("carried out"),
    "nothing_to_do": mark("nothing to do"),
    "not_available": mark("not available here"),
    "refused": mark("refused"),
    "released": mark("released"),
}
_NUMBER, _WHEN = "9mm", "29mm"


class _Form(NamedTuple):
    """Columns of a section: headings and widths, behind number and time."""

    heads: tuple[str, ...]
    widths: tuple[str, ...]


_READ: Final = _Form((mark("item"), mark("value"), mark("command")), ("42mm", "1fr", "38mm"))
_GATES: Final = _Form(
    (mark("gate"), mark("result"), mark("source"), mark("reason")), ("37mm", "25mm", "17mm", "1fr")
)
_ANSWERS: Final = _Form(
    (mark("question"), mark("answer"), mark("by"), mark("note")), ("1fr", "26mm", "20mm", "32mm")
)
_DONE: Final = _Form((mark("step"), mark("result"), mark("command")), ("64mm", "38mm", "1fr"))
_OTHER: Final = _Form((mark("what"), mark("value")), ("28mm", "1fr"))

# Sections in their order: what stands in them by the first part of a path, or by kind of entry.
_SECTIONS: Final = (
    ("order", mark("Work order"), _READ),
    ("account", mark("What the platform said"), _READ),
    (READ, mark("Read from the device"), _READ),
    (GATE, mark("Gates"), _GATES),
    (ANSWERED, mark("Answers of people"), _ANSWERS),
    ("baseline", mark("What worked before the release"), _READ),
    ("usage", mark("Data used"), _READ),
    ("backup", mark("Backup of the card's personal data"), _READ),
    (DONE, mark("What was done"), _DONE),
    ("release", mark("Why a step was or was not done"), _READ),
    ("proof", mark("Read back after the release"), _READ),
    ("evidence", mark("Evidence before this one"), _READ),
    ("verification", mark("Verification after the cancellation"), _READ),
    ("carrier_certificate", mark("The carrier's certificate, by its hash"), _READ),
    ("deadlines", mark("Deadlines"), _READ),
    ("", mark("Other entries"), _OTHER),
)
_NAMES: Final = frozenset(name for name, _, _ in _SECTIONS)


def page_of(examined: Examined, evidence: Evidence, *, full: bool) -> Json:
    """The content of `certificate.typ` for evidence that holds; all but the fonts.

    Not `full`: numbers and names are masked, and there are no QR codes, which hold them.
    """
    lang = language()
    document = name_of(examined.raw)
    kind = t(KINDS[evidence.head["kind"]])
    return {
        "title": t("Device-side evidence for an IoT card"),
        "subtitle": kind,
        "lang": lang,
        "region": "cn" if lang == "zh" else "gb",
        "proved": examined.key_file is not None,
        "status": verdict_words(examined),
        "about": _about(full=full),
        "head": [
            _cells(label, _breaking(text)) for label, text in _head(examined, evidence, full=full)
        ],
        "not-attested": {
            "title": t("Not attested"),
            "points": [printable(point[lang]) for point in evidence.head["not_attested"]],
        },
        "sections": list(_sections(evidence, full=full)),
        "codes": _codes(examined.raw) if full else {"title": "", "about": [], "pictures": []},
        "footer": t(
            "{kind} · document {document} · simward certificate verify",
            kind=kind,
            document=document,
        ),
        "attached": f"{document}.json",
    }


def _about(*, full: bool) -> list[str]:
    texts = [
        t(
            "A gateway's own record, signed as it was made: what it read from modem, card and"
            " machine, what people answered, what was done, and what reading back showed. It"
            " complements the carrier's certificate of cancellation and does not replace it."
        ),
        t(
            "This page was made from the signed file whose SHA-256 is below. The file counts, not"
            " the page: verify it with the gateway's public key, obtained elsewhere."
        ),
    ]
    if full:
        texts.append(
            t("The file is attached to this PDF, and stands as QR codes at its end, byte for byte.")
        )
    else:
        texts.append(
            t(
                "Numbers and names are masked here. The file is neither attached nor printed as QR"
                " codes, as it holds them in full; for its holder: option --full."
            )
        )
    return texts


def _head(examined: Examined, evidence: Evidence, *, full: bool) -> Iterator[tuple[str, str]]:
    yield from head_rows(evidence, full=full)
    yield t("key fingerprint"), _grouped(fingerprint(evidence.public_key))
    yield t("file"), t("{size} bytes, SHA-256 {hash}", size=len(examined.raw),
                       hash=_grouped(hashlib.sha256(examined.raw).hexdigest()))  # fmt: skip
    yield t("signature"), _grouped(evidence.signature)


def _sections(evidence: Evidence, *, full: bool) -> Iterator[Json]:
    placed: dict[str, list[Entry]] = {name: [] for name, _, _ in _SECTIONS}
    for entry in evidence.entries:
        placed[_section_of(entry.body)].append(entry)
    for name, title, form in _SECTIONS:
        if placed[name]:
            yield {
                "title": t(title),
                "heads": [t(mark("no.")), t(mark("time (UTC)")), *(t(head) for head in form.heads)],
                "widths": [_NUMBER, _WHEN, *form.widths],
                "rows": [_row(entry, form, full=full) for entry in placed[name]],
            }


def _section_of(body: Mapping[str, Any]) -> str:
    what = body["what"]
    if what == READ:
        first = str(body.get("path")).partition(".")[0]
        return first if first in _NAMES and first else READ
    return what if what in {GATE, ANSWERED, DONE} else ""


def _cells(*texts: str) -> Json:
    """A row; one that is too long for a page may go on on the next."""
    return {"cells": list(texts), "long": sum(map(len, texts)) > _MOST_ON_A_PAGE}


def _row(entry: Entry, form: _Form, *, full: bool) -> Json:
    body = entry.body
    cells = {_GATES: _gate, _ANSWERS: _answer, _DONE: _done, _READ: _reading, _OTHER: _other}
    told = [shown(text, full=full) for text in cells[form](body, full=full)]
    return _cells(str(entry.n), _when(body), *(_breaking(text) for text in told))


def _when(body: Mapping[str, Any]) -> str:
    if body["at"] is None:
        return t("{seconds} s after boot, no clock", seconds=body["up_s"])
    day, _, time = str(body["at"]).partition("T")
    return f"{day} {time.removesuffix('Z').partition('.')[0]}"


def _reading(body: Mapping[str, Any], *, full: bool) -> list[str]:
    return [_text(body, "path"), _value(body, "value", full=full), _text(body, "command")]


def _gate(body: Mapping[str, Any], *, full: bool) -> list[str]:
    del full
    gate, result, source = (_text(body, name) for name in ("gate", "result", "source"))
    return [
        _named(GATE_NAMES, gate),
        _named(RESULTS, result),
        t(_SOURCES[source]) if source in _SOURCES else source,
        filled_text(_text(body, "reason")),
    ]


def _answer(body: Mapping[str, Any], *, full: bool) -> list[str]:
    name, value = _text(body, "question"), body.get("value")
    question = QUESTIONS.get(name)
    said = _value(body, "value", full=full)
    if question is None:
        return [name, said, _value(body, "by", full=full), _text(body, "note")]
    choice = question.choices.get(value) if isinstance(value, str) else None
    return [
        t("{text} ({more})", text=question.text._asdict()[language()], more=name),
        said if choice is None else choice._asdict()[language()],
        _value(body, "by", full=full),
        _text(body, "note"),
    ]


def _done(body: Mapping[str, Any], *, full: bool) -> list[str]:
    del full
    steps = {step.id: step.title for step in STEPS}
    return [
        _named(steps, _text(body, "step")),
        _named(_OF_STEPS, _text(body, "result")),
        _text(body, "command"),
    ]


def _other(body: Mapping[str, Any], *, full: bool) -> list[str]:
    rest = {name: value for name, value in body.items() if name not in {"what", "at", "up_s"}}
    return [_text(body, "what"), _flat(rest) if full else shown(_flat(rest), full=False)]


def _named(names: Mapping[str, str], word: str) -> str:
    """A word of the documents in the language spoken, with the word itself."""
    return t("{text} ({more})", text=t(names[word]), more=word) if word in names else word


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return "" if value is None else _flat(value)


def _value(body: Mapping[str, Any], name: str, *, full: bool) -> str:
    value = body.get(name)
    if isinstance(value, dict | list):
        return _flat(value)
    return "" if value is None else member_text(name, value, full=full)


def _flat(value: object) -> str:
    """Objects and lists as a line of text; of one in two languages the one that is spoken."""
    if isinstance(value, dict) and set(value) == set(LANGUAGES):
        return _flat(value[language()])
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_flat(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_flat(each) for each in value) or "[]"
    return value if isinstance(value, str) else json.dumps(value)


def _breaking(text: str) -> str:
    """`text` with places where a long word may be broken: behind its signs; a hash, anywhere.

    A number of card or device stays whole: whoever copies it from the page shall have it.
    """
    signs = _LONG.sub(
        lambda word: _SIGN.sub(lambda sign: sign[0] + _BREAK, word[0]), printable(text)
    )
    return _HASH.sub(lambda found: _BREAK.join(_every(found[0], 16)), signs)


def _every(text: str, count: int) -> list[str]:
    return [text[place : place + count] for place in range(0, len(text), count)]


def _grouped(digits: str) -> str:
    """Hexadecimal digits to be compared by eye."""
    return " ".join(_every(digits, 8))


def _codes(raw: bytes) -> Json:
    texts = cut(raw, PRINT)
    return {
        "title": t("The evidence as QR codes"),
        "about": [
            t(
                "Scan all {count} in any order with any scanner app, and give the texts to simward"
                " backend import: together they are the file, byte for byte.",
                count=len(texts),
            )
        ],
        "pictures": [
            {
                "svg": file_of(text, PRINT, "svg").decode(),
                "caption": f"{name_of(raw)}  {number}/{len(texts)}",
            }
            for number, text in enumerate(texts, start=1)
        ],
    }
