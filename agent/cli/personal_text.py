"""Personal data on a screen: counts, and (where they are asked for) messages."""

from typing import Any

from agent.cli.access_text import condition_text
from agent.cli.table import columns, paint, printable
from agent.i18n import mark, reason_text, t
from sim.identifiers import mask

Json = dict[str, Any]

_KIND_WORDS = {
    "phonebook": mark("phone book"),
    "dialling": mark("fixed and barred numbers"),
    "messages": mark("messages"),
    "calls": mark("call lists"),
    "forwarding": mark("call forwarding"),
    "deleted_messages": mark("deleted messages that can be read"),
    "modem_messages": mark("messages in the modem"),
    "modem_phonebook": mark("phone book in the modem"),
    "modem_calls": mark("call lists in the modem"),
}
_STATUS_WORDS = {
    "received_unread": mark("message unread"),
    "received_read": mark("message read"),
    "stored_unsent": mark("message not sent"),
    "stored_sent": mark("message sent"),
}


def heading(iccid: str | None, *, full: bool) -> str:
    """The card's number."""
    if iccid is None:
        return paint(t("card without a number"), "strong")
    return paint(t("card {iccid}", iccid=iccid if full else mask(iccid, 6, 4)), "strong")


def count_rows(counts: dict[str, int | None]) -> list[str]:
    """How many of each kind; kinds of which there are none are left out."""
    found = [(t(_KIND_WORDS[kind]), str(count)) for kind, count in counts.items() if count]
    return columns(found) if found else [f"  {t('nothing of anybody')}"]


def names_of(document: Json) -> dict[str, str]:
    """The files of a document by their paths, as people call them: `EF.ADN (4F3A)`."""
    found = {}
    for file in document["files"]:
        directory, _, last = file["path"].rpartition("/")
        own = file["file"] if last == file["file"] else f"{file['file']} ({last})"
        found[file["path"]] = f"{directory}/{own}"
    return found


def residue_text(document: Json, *, full: bool) -> str:
    """What is left, file by file, and what cannot be cleared."""
    lines = [heading(document["iccid"], full=full)]
    if document["left"] is not None:
        lines += count_rows(document["counts"])
    names = names_of(document)
    rows = [(names[file["path"]], _file(file)) for file in document["files"] if file["used"]]
    stores = [each for each in document["modem_stores"] if each["used"]]
    rows += [(f"modem/{each['name']}", _store(each)) for each in stores]
    if rows:
        lines += ["", t("records in use"), *columns(rows)]
    absent = document["absent"]
    if absent:
        places = ((key.removeprefix("files."), why) for key, why in absent.items())
        shown = [(_place(place), reason_text(why)) for place, why in places]
        lines += ["", t("not looked at"), *columns(shown)]
    return "\n".join(lines)


def _place(place: str) -> str:
    kind = place.removeprefix("counts.")
    return t(_KIND_WORDS[kind]) if kind in _KIND_WORDS else place.replace("modem_stores.", "modem/")


def _file(file: Json) -> str:
    text = t("{used} of {room}", used=file["used"], room=file["room"])
    if file["clearable"] is not False:
        return text
    right = condition_text(file["update"]) if file["update"] else t("another application")
    return t("{count}; cannot be cleared: {right}", count=text, right=right)


def _store(store: Json) -> str:
    text = t("{used} of {room}", used=store["used"], room=store["room"] or "?")
    if store["clearable"] is not False:
        return text
    return t("{count}; no AT command of the standard clears it", count=text)


def messages_text(document: Json, *, full: bool) -> str:
    """The messages with their texts."""
    lines = [heading(document["iccid"], full=full)]
    for message in document["messages"]:
        lines += ["", *_message(message, full=full)]
    if not document["messages"]:
        lines.append(f"  {t('no messages')}")
    for place, why in document["absent"].items():
        where = t("modem") if place == "modem" else place
        lines += ["", t("{where}: not read: {reason}", where=where, reason=reason_text(why))]
    return "\n".join(lines)


def _message(message: Json, *, full: bool) -> list[str]:
    address = message["address"] or "-"
    if not full and len(address) > 6:  # a service number is no person's
        address = mask(address, 4, 2)
    where = t("modem") if message["path"] == "modem" else t("card")
    status = t(_STATUS_WORDS[message["status"]])
    places = ", ".join(map(str, message["records"]))
    head = f"{where} {places}  {status}  {address}"
    if message["sent_at"]:
        head += f"  {message['sent_at']}"
    if not message["complete"]:
        head += "  " + t("{got} of {all} parts", got=len(message["records"]), all=message["parts"])
    text = message["text"]
    shown = t("(no text)") if text is None else text
    return [head, *(f"  {printable(line)}" for line in shown.splitlines() or [""])]
