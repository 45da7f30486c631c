"""The document of `simward ports` as text for people."""

from typing import Any

from agent.cli.table import columns, paint, printable
from agent.i18n import mark, reason_text, t
from sim.transport.pcsc import NO_READER

Json = dict[str, Any]

_ROLES = {
    "at": mark("AT commands"),
    "at2": mark("AT commands, second port"),
    "ppp": mark("AT commands and dial-up"),
    "diag": mark("diagnosis (binary)"),
    "gps": mark("GPS (NMEA)"),
    "audio": mark("audio"),
    "other": mark("to be left alone"),
}

_CARDS = {
    "absent": mark("no card"),
    "present": mark("card present"),
    "mute": mark("the card does not answer"),
    "held": mark("another program holds the reader"),
}


def render(document: Json, limit: int | None = None) -> str:
    """The whole text, without a newline at the end; `limit` columns instead of the terminal's."""
    page = _Page(document)
    lines: list[str] = []
    for modem in document["modems"]:
        lines += [paint(page.title(modem), "strong"), *columns(page.modem(modem), limit=limit)]
    others = [port for port in document["ports"] if port["modem"] is None]
    if others:
        lines.append(paint(t("Other serial ports"), "strong"))
        lines += columns([(port["port"], page.state(port)) for port in others], limit=limit)
    if not document["modems"]:
        lines.append(t("no modem found"))
    lines += [paint(t("Card readers"), "strong"), *columns(page.readers(), limit=limit)]
    chosen = document["chosen"]
    if chosen is not None:
        text = t("{port} is taken: {reason}", port=chosen["port"], reason=t(chosen["why"]))
        lines += [paint(t("Without --port"), "strong"), *columns([("", text)], limit=limit)]
    return "\n".join(lines)


class _Page:
    """Titles and rows."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._absent: dict[str, str] = document["absent"]

    def title(self, modem: Json) -> str:
        names = dict.fromkeys((modem["manufacturer"], modem["product"]))
        words = " ".join(printable(name) for name in names if name)
        return t("Modem {name}", name=words or modem["modem"])

    def modem(self, modem: Json) -> list[tuple[str, str]]:
        rows = [(t("place"), t(", ").join(x for x in (modem["modem"], modem["usb_id"]) if x))]
        if modem["profile"]:
            rows.append((t("profile"), modem["profile"]))
        ports = [port for port in self._document["ports"] if port["modem"] == modem["modem"]]
        rows += [(port["port"], self.state(port)) for port in ports]
        link = next((port["by_id"] for port in ports if port["port"] == modem["port"]), None)
        if link:
            rows.append((t("stable name"), link))
        if modem["modemmanager"]:
            rows.append(("ModemManager", t("manages this modem (docs/modemmanager.md)")))
        if modem["ready_s"]:
            rows.append((t("ready"), t("{seconds} s after plugging in", seconds=modem["ready_s"])))
        return rows

    def state(self, port: Json) -> str:
        """What a port is for, and whether it can be had."""
        path = f"ports.{self._document['ports'].index(port)}"
        role = port["role"]
        if role:
            words = [t(_ROLES[role])]
        elif port["modem"] is None:
            words = [self._why(path, "modem")]
        else:
            words = [t("unknown ({reason})", reason=self._why(path, "role"))]
        if port["answer"] is not None:
            words.append(reason_text(port["answer"]))
        if not port["openable"]:
            words.append(paint(self._why(path, "openable"), "bad"))
        return t(", ").join(words)

    def readers(self) -> list[tuple[str, str]]:
        rows = [
            (
                printable(each["name"]),
                t(", ").join(filter(None, (t(_CARDS[each["card"]]), each["atr"]))),
            )
            for each in self._document["readers"]
        ]
        return rows or [(t("none"), reason_text(self._absent.get("readers", NO_READER)))]

    def _why(self, path: str, key: str) -> str:
        return reason_text(self._absent.get(f"{path}.{key}".removesuffix("."), "unknown"))
