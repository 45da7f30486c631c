"""A binding for people: what stands here, the four bindings, what changed and may cost."""

from typing import Any, Final

from agent.binding.installation import KIND_NAMES
from agent.binding.words import CHANGED
from agent.cli.evidence_words import HANDED_OVER
from agent.cli.table import columns, paint, printable
from agent.i18n import language, mark, reason_text, t
from sim.identifiers import mask

Json = dict[str, Any]

_COLOURS: Final = {"acked": "good", "queued": "faint", "unreachable": "bad"}
_BOUND: Final = {True: mark("bound"), False: mark("not bound")}
_LOCKED: Final = {True: mark("locked"), False: mark("not locked")}


def render(document: Json, *, full: bool) -> str:
    """The whole page."""
    page = _Page(document, full=full)
    head = t("recorded") if document["recorded"] else t("not recorded (--show)")
    parts = [
        t("Pairing: {what}", what=head),
        *columns(page.pairing()),
        t("The four bindings"),
        *columns(page.bindings()),
        *page.costs(),
        *page.hold(),
        *page.warnings(),
        *page.evidence(),
        t("Pairing history"),
        *columns(page.history()),
    ]
    return "\n".join(parts)


class _Page:
    """One document, in one language."""

    def __init__(self, document: Json, *, full: bool) -> None:
        self._document = document
        self._full = full

    def pairing(self) -> list[tuple[str, str]]:
        document, modem = self._document, self._document["modem"]
        names = [name for name in (modem["manufacturer"], modem["model"]) if name]
        rows = [
            (t("slot"), str(document["slot"])),
            ("ICCID", self._number(document["iccid"])),
            ("IMEI", self._number(document["imei"])),
            (t("make and model"), printable(" ".join(names)) or t("unknown")),
        ]
        for label, name in (
            (t("work order"), "order_id"),
            (t("technician"), "technician"),
            (t("time"), "at"),
        ):
            if document[name] is not None:
                rows.append((label, printable(document[name])))
        return rows

    def bindings(self) -> list[tuple[str, str]]:
        return [(t(name), self._binding(kind)) for kind, name in KIND_NAMES.items()]

    def _binding(self, kind: str) -> str:
        facts = self._document["bindings"][kind]
        if facts["bound"] is None:
            text = t("unknown: {reason}", reason=reason_text(facts["reason"]))
        else:
            words = _LOCKED if kind == "device_lock" else _BOUND
            text = t(words[facts["bound"]])
            if facts["imei"]:
                text += f" IMEI {self._number(facts['imei'])}"
        if facts["source"]:
            text += "  " + paint(f"({printable(facts['source'])}, {facts['at']})", "faint")
        return text

    def costs(self) -> list[str]:
        """What changed since it was bound last, and what that may cost; nothing where nothing."""
        document, rows = self._document, []
        if document["changed"]:
            what = t(", ").join(t(CHANGED[name]) for name in document["changed"])
            was = document["was"]
            rows.append((t("changed since"), paint(what, "bad")))
            text = f"{t('slot')} {was['slot']}, {self._number(was['iccid'])}"
            rows.append((t("bound before"), f"{text}, IMEI {self._number(was['imei'])}"))
        rows += [(t("may cost"), each["text"][language()]) for each in document["costs"]]
        rules = document["rebinding"]
        if document["costs"] and rules is not None:
            texts = [rules[name][language()] for name in ("way", "limit") if rules[name]]
            rows += [(rules["platform"][language()], text) for text in texts]
        return [t("What a change costs"), *columns(rows)] if rows else []

    def hold(self) -> list[str]:
        """Whether data is held, and how well."""
        hold = self._document["hold"]
        if hold is None:
            return []
        words = t("ended") if hold["released"] else paint(t("stands"), "bad")
        rows = [(t("hold"), words), (t("since"), hold["since"] or t("unknown"))]
        if hold["contexts"]:
            rows.append((t("contexts taken down"), ", ".join(map(str, hold["contexts"]))))
        if hold["detached"]:
            rows.append((t("packet service"), t("detached (AT+CGATT=0)")))
        if hold["left"] and not hold["released"]:
            rows.append((t("still up"), ", ".join(map(str, hold["left"]))))
        if hold.get("refused"):
            rows.append((t("the modem refused"), "; ".join(map(printable, hold["refused"]))))
        return [t("Data held back"), *columns(rows)]

    def warnings(self) -> list[str]:
        texts = [each[language()] for each in self._document["warnings"]]
        return [paint(t("Note: {what}", what=text), "bad") for text in texts]

    def evidence(self) -> list[str]:
        """The signed evidence, and how far it is on its way to the backend."""
        evidence = self._document["evidence"]
        if evidence is None:
            return []
        state = paint(t(HANDED_OVER[evidence["state"]]), _COLOURS[evidence["state"]])
        if evidence["reason"] is not None:
            reason = evidence["reason"][language()]
            state = t("{state} ({reason})", state=state, reason=reason)
        rows = [
            ("SHA-256", evidence["sha256"]),
            (t("file"), printable(evidence["file"])),
            (t("signed with"), self._document["public_key"]),
            (t("backend"), state),
        ]
        return [t("Signed evidence"), *columns(rows)]

    def history(self) -> list[tuple[str, str]]:
        history = self._document["history"]
        broken = history["broken"]
        state = paint(t("whole"), "good")
        if broken is not None:
            reason = reason_text(broken["reason"])
            state = paint(
                t("broken at entry {n}: {reason}", n=broken["entry"], reason=reason), "bad"
            )
        return [
            (t("entries"), str(history["entries"])),
            (t("chain"), state),
            (t("newest hash"), history["head"]),
        ]

    def _number(self, text: str) -> str:
        return text if self._full else mask(text, 6, 4)
