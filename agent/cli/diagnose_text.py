"""A diagnosis for people: what it is, why, what to do; 80 columns, as on a phone's SSH client."""

import re
from typing import Any, Final

from agent.cli.table import columns, paint, printable, wrapped
from agent.diagnosis.checks import EXCLUSIONS
from agent.i18n import language, mark, reason_text, t
from sim.identifiers import mask

Json = dict[str, Any]

COLUMNS: Final = 80

CAUSES: Final = {
    "healthy": mark("healthy"),
    "undetermined": mark("undetermined"),
    "modem_unreachable": mark("the modem does not answer"),
    "radio_off": mark("the radio is off"),
    "card_absent": mark("no card in the holder"),
    "card_faulty": mark("the card cannot be read"),
    "card_locked": mark("the card is locked (PIN or PUK)"),
    "device_locked": mark("the device is locked to another card or network"),
    "wrong_card": mark("another card than the work order's"),
    "device_changed": mark("another device than on record"),
    "no_coverage": mark("no coverage"),
    "searching": mark("still searching for its network"),
    "home_plmn_forbidden": mark("the card remembers that its home network refused it"),
    "subscription_unknown": mark("the network does not know this subscription"),
    "authentication_refused": mark("the card's authentication is refused"),
    "device_refused": mark("the network refuses this device"),
    "data_service_stopped": mark("data service is stopped"),
    "home_plmn_refused": mark("the home network refuses the card"),
    "roaming_restricted": mark("roaming is restricted"),
    "area_restricted": mark("refused in this area"),
    "network_transient": mark("trouble in the network, for the moment"),
    "sms_only": mark("registered for short messages only"),
    "apn_wrong": mark("wrong or closed APN"),
    "service_not_subscribed": mark("data is not subscribed"),
    "operator_barring": mark("data is barred by the operator"),
    "apn_authentication": mark("the APN refuses user or password"),
    "device_card_separated": mark("bound to another device by the carrier"),
    "pdn_type": mark("the PDP type is not allowed"),
    "whitelist_only": mark("only listed destinations can be reached"),
    "data_cut": mark("attached, but no data passes"),
    "captive_portal": mark("requests end at somebody else's page"),
    "throttled": mark("throttled"),
    "wrong_uplink": mark("data goes another way than by the card"),
    "sms_not_provisioned": mark("short messages are not provisioned"),
    "one_way_suspension": mark("suspended one way, or data is cut"),
}
LAYERS: Final = {
    "modem": mark("modem"),
    "sim": mark("card"),
    "radio": mark("radio"),
    "registration": mark("registration"),
    "bearer": mark("bearer"),
    "ip": mark("IP path"),
    "service": mark("short messages"),
}
_LAYER_OF_ROW: Final = dict(zip(("L0", "L1", "L2", "L3", "L4", "L5", "L6"), LAYERS, strict=True))
CONFIDENCE: Final = {"high": mark("high"), "medium": mark("medium"), "low": mark("low")}
CLASSES: Final = {
    "perm_identity": mark("the subscriber, for good"),
    "device": mark("the device"),
    "perm_ps_only": mark("data service, for good"),
    "plmn_area": mark("network or area"),
    "transient": mark("for the moment"),
    "bearer": mark("the data session"),
    "other": mark("another cause"),
}
STATES: Final = {
    "inventory": mark("in stock"),
    "test_ready": mark("ready for tests"),
    "ready": mark("not activated yet"),
    "active": mark("in use"),
    "suspended": mark("suspended"),
    "transferred": mark("transferred"),
    "unknown": mark("state unknown"),
}
AGES: Final = {
    "fresh": mark("{hours} h old"),
    "old": mark("{hours} h old: too old to rely on"),
    "unknown": mark("of unknown age: the clock is not synchronised"),
}
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z.])[0-9A-F]{14,22}(?![0-9A-Za-z.])")
_GOOD: Final = frozenset({"healthy", "whitelist_only", "sms_not_provisioned", "throttled"})


def render(document: Json, *, full: bool = False) -> str:
    """The whole text, several lines, without a newline at the end."""
    page = _Page(document, full=full)
    lines = [page.title()]
    lines += columns(page.rows(), limit=COLUMNS)
    lines.append(paint(t("What to do"), "strong"))
    lines += [f"  {line}" for line in wrapped(document["advice"][language()], COLUMNS - 2)]
    return "\n".join(lines)


class _Page:
    """Rows (label, text) of the document."""

    def __init__(self, document: Json, *, full: bool) -> None:
        self._document = document
        self._full = full

    def title(self) -> str:
        """What it is."""
        document = self._document
        colour = "good" if document["cause"] in _GOOD else "bad"
        return paint(t(CAUSES[document["cause"]]), colour)

    def rows(self) -> list[tuple[str, str]]:
        """All that stands between title and advice."""
        document = self._document
        rows: list[tuple[str, str]] = []
        if document["row"] is not None:
            layer = t(LAYERS[document["layer"]])
            rows.append((t("Row"), t("{row} ({layer})", row=document["row"], layer=layer)))
        rows.append((t("Confidence"), t(CONFIDENCE[document["confidence"]])))
        first, *others = document["findings"] or [None]
        if first is not None:
            rows.append((t("Because"), self._because(first)))
        rows += [(t("Also found"), self._other(each)) for each in others]
        if document["reject_class"] != "none":
            rows.append((t("Refused is"), t(CLASSES[document["reject_class"]])))
        rows += self._checks()
        rows += self._documents()
        rows += self._tried()
        return [(label, printable(text)) for label, text in rows]

    def _checks(self) -> list[tuple[str, str]]:
        document, rows = self._document, []
        for name, label in (("excluded", t("Excluded")), ("not_excluded", t("Not excluded"))):
            if document[name]:
                rows.append((label, t("; ").join(map(_exclusion, document[name]))))
        if document["not_tested"]:
            layers = [t(LAYERS[_LAYER_OF_ROW[each]]) for each in document["not_tested"]]
            rows.append((t("Not tested"), t(", ").join(layers)))
        said = [t("ask the platform")] if document["needs_backend"] else []
        said += [t("stop retrying")] if document["stop_retrying"] else []
        return [*rows, (t("And"), t("; ").join(said))] if said else rows

    def _documents(self) -> list[tuple[str, str]]:
        account, rows = self._document["account"], []
        if account is not None:
            age = t(AGES[account["age"]], hours=account["age_h"])
            if account["of_this_card"] is False:
                age = t("of another card, not used")
            name = account["platform"] or t("unknown")
            # The platform's word for the end is shown as it is: it is not ours to say.
            state = t(STATES.get(account["state"], account["state"]))
            text = t("{name}: {state} ({age})", name=name, state=state, age=age)
            rows.append((t("Platform"), text))
        return rows

    def _tried(self) -> list[tuple[str, str]]:
        """What was done beside reading, and what stood in its way."""
        document, rows = self._document, []
        absent, reattach, probe = document["absent"], document["reattach"], document["probe"]
        if reattach["done"]:
            rows.append((t("Radio cycle"), t("done once")))
        elif reattach["reason"]:
            rows.append((t("Radio cycle"), t("not done: {reason}", reason=self._why(reattach))))
        if "modem.functionality" in absent:
            why = reason_text(absent["modem.functionality"])
            rows.append((t("Radio"), t("could not be switched on again: {reason}", reason=why)))
        if probe is not None and "spent_bytes" in probe:
            spent = t(
                "{spent} of {budget} bytes",
                spent=probe["spent_bytes"],
                budget=probe["budget_bytes"],
            )
            rows.append((t("Probe"), spent))
        names = {"modem": t("Modem"), "cells": t("Search"), "probe.hosts": t("Probe")}
        names |= {"probe.sms": t("Short message"), "sim.ef_fplmn": "EF.FPLMN"}
        if probe is None and document["reattach"] is not None and "probe" in absent:
            names["probe"] = t("Probe")
        rows += [(label, reason_text(absent[key])) for key, label in names.items() if key in absent]
        return rows

    def _why(self, table: Json) -> str:
        return reason_text(table["reason"])

    def _because(self, finding: Json) -> str:
        return self._masked(t("; ").join(finding["because"]))

    def _other(self, finding: Json) -> str:
        return f"{finding['row']} {t(CAUSES[finding['cause']])}: {self._because(finding)}"

    def _masked(self, text: str) -> str:
        if self._full:
            return text
        return _NUMBER.sub(lambda found: mask(found[0], 6, 4), text)


def _exclusion(name: str) -> str:
    _, zh, en = EXCLUSIONS[name]
    return zh if language() == "zh" else en
