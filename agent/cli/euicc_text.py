"""An eUICC's number and profiles as text for people, identifiers masked."""

from typing import Any

from agent.cli.table import columns, paint, printable
from agent.i18n import mark, reason_text, t
from sim.identifiers import mask

Json = dict[str, Any]

_STATES = {"enabled": mark("enabled"), "disabled": mark("disabled")}
_CLASSES = {
    "test": mark("for tests"),
    "provisioning": mark("for provisioning"),
    "operational": mark("operational"),
}
_LABELS = {
    "name": mark("name"),
    "nickname": mark("nickname"),
    "provider": mark("provider"),
    "class": mark("class"),
}
_HIDDEN = {"eid": (8, 4), "iccid": (6, 4)}


def render_euicc(euicc: Json, *, full: bool) -> str:
    """The part of a card that is an eUICC, or why there is none to tell of."""
    page = _Page(euicc, full=full)
    lines = [paint("eUICC", "strong"), *columns([("EID", page.shown("eid", euicc["eid"]))])]
    if euicc["eid"] is not None and euicc["profiles"] is None:
        lines += columns([(t("profiles"), page.unknown("profiles"))])
    for at, profile in enumerate(euicc["profiles"] or ()):
        lines.append("  " + t("profile {number}", number=at + 1))
        lines += columns(page.profile(f"profiles.{at}", profile), indent="    ")
    if euicc["profiles"] == []:
        lines += columns([(t("profiles"), t("none"))])
    return "\n".join(lines)


class _Page:
    def __init__(self, euicc: Json, *, full: bool) -> None:
        self._absent: dict[str, str] = euicc["absent"]
        self._full = full

    def profile(self, path: str, profile: Json) -> list[tuple[str, str]]:
        state = profile["state"]
        shown = t(_STATES[state]) if state else self.unknown(f"{path}.state")
        rows = [
            ("ICCID", self.shown("iccid", profile["iccid"], f"{path}.iccid")),
            (t("state"), paint(shown, "good") if state == "enabled" else shown),
        ]
        texts = {**profile, "class": t(_CLASSES.get(profile["class"], "")) or None}
        rows += [(t(label), printable(texts[key])) for key, label in _LABELS.items() if texts[key]]
        return rows

    def shown(self, kind: str, number: str | None, path: str = "") -> str:
        if number is None:
            return self.unknown(path or kind)
        return number if self._full else mask(number, *_HIDDEN[kind])

    def unknown(self, path: str) -> str:
        reason = reason_text(self._absent.get(path, "unknown"))
        return paint(t("unknown ({reason})", reason=reason), "faint")
