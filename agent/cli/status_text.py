"""The snapshot document as text for people: labels and reasons in words, identifiers masked."""

from typing import Any

from agent.cli.table import columns, paint, printable
from agent.i18n import mark, reason_text, t
from sim.identifiers import mask

Json = dict[str, Any]

SIM_STATES = {
    "ready": mark("ready"),
    "absent": mark("no card"),
    "pin_required": mark("locked, PIN required"),
    "puk_required": mark("locked, PUK required"),
    "ph_sim_lock": mark("the device is locked to another card"),
    "network_lock": mark("the device is locked to a network"),
    "no_profile": mark("eUICC without an enabled profile"),
    "faulty": mark("faulty"),
    "busy": mark("busy"),
    "blocked": mark("blocked for ever"),
    "unknown": mark("unknown"),
}
_REGISTRATION_STATES = {
    "not_registered": mark("not registered"),
    "home": mark("registered, home network"),
    "searching": mark("searching"),
    "denied": mark("denied"),
    "unknown": mark("unknown"),
    "roaming": mark("registered, roaming"),
    "sms_only_home": mark("SMS only, home network"),
    "sms_only_roaming": mark("SMS only, roaming"),
    "emergency_only": mark("emergency calls only"),
    "csfb_not_preferred_home": mark("registered, CSFB not preferred, home network"),
    "csfb_not_preferred_roaming": mark("registered, CSFB not preferred, roaming"),
}
_DENIED = 3
_SERVED = {1, 5, 6, 7, 9, 10}
_GOOD = {"ready", "home", "roaming"}
_BAD = {"denied", "absent", "faulty", "blocked", "no_profile"}
_DOMAINS = (("cs", "CS"), ("ps", "PS"), ("eps", "EPS (LTE)"), ("nr5g", "5GS (NR)"))
_LOCKS = (
    ("ps", mark("to this card (PS)")),
    ("pf", mark("to the first card (PF)")),
    ("pn", mark("network (PN)")),
    ("pu", mark("network subset (PU)")),
    ("pp", mark("service provider (PP)")),
    ("pc", mark("corporate (PC)")),
)
_KINDS = {
    "attach": mark("attach"),
    "authentication": mark("authentication"),
    "lau": mark("location area update"),
    "network detach": mark("detached by the network"),
    "rau": mark("routing area update"),
    "service request": mark("service request"),
    "tau": mark("tracking area update"),
}
_FUNCTIONALITY = {0: mark("minimum"), 1: mark("full"), 4: mark("radio off")}
_RECOVERY_STATES = {
    "ok": mark("nothing to do"),
    "trouble": mark("trouble with the modem"),
    "holding_back": mark(
        "holding back: the network refuses for good, so fewer samples and no restarts"
    ),
    "radio_off": mark("the radio was switched off by somebody"),
}
_STEPS = (
    ("fence", mark("late answers kept out")),
    ("reopen", mark("port opened again")),
    ("reinit", mark("modem set up again")),
    ("reset", mark("restarts by AT command")),
    ("power", mark("power hook")),
)
# The network knows the subscriber no longer: MM, GMM and EMM number these alike.
_LIKE_CANCELLED = {2, 8}
_NUMBERED_ALIKE = {"mm", "gmm", "emm"}
_MEGABYTE = 1_000_000
# Identifiers and how much of each a person sees: characters kept at the front and at the end.
_MASKS = {
    "imei": (8, 2),
    "iccid": (6, 4),
    "iccid_modem": (6, 4),
    "imsi": (5, 2),
    "msisdn": (4, 2),
    "eid": (8, 4),
}


def render(document: Json, *, full: bool = False) -> str:
    """The whole text, several lines, without a newline at the end."""
    page = _Page(document, full=full)
    parts = (
        ("modem", t("Modem"), page.modem),
        ("sim", t("Card"), page.sim),
        ("registration", t("Registration"), page.registration),
        ("rejects", t("Refused by the network"), page.rejects),
        ("operator", t("Operator"), page.operator),
        ("signal", t("Signal"), page.signal),
        ("packet", t("Packet service"), page.packet),
        ("usage", t("Data used (counted by the modem)"), page.usage),
        ("locks", t("Device locks"), page.locks),
        ("last_error", t("Last error"), page.last_error),
        ("recovery", t("Recovery"), page.recovery),
    )
    lines: list[str] = []
    if conflicts := page.conflicts():
        lines += [paint(t("Sources that disagree"), "bad"), *columns(conflicts)]
    for name, title, rows in parts:
        if name in document and (found := rows()):
            lines += [paint(title, "strong"), *columns(found)]
    return "\n".join(lines)


class _Page:
    """Rows (label, text) of each section."""

    def __init__(self, document: Json, *, full: bool) -> None:
        self._document = document
        self._absent: dict[str, str] = document["absent"]
        self._full = full

    def _text(self, path: str, unit: str = "") -> str:
        """The value at a dotted path, or why there is none."""
        value: Any = self._document
        for name in path.split("."):
            value = value[int(name)] if isinstance(value, list) else value[name]
            if value is None:
                return self._why(path)
        if isinstance(value, bool):
            return t("yes") if value else t("no")
        name = path.rpartition(".")[2]
        if name in _MASKS and not self._full:
            return mask(value, *_MASKS[name])
        return printable(f"{value}{unit}")

    def _why(self, path: str) -> str:
        reason = self._absent.get(path, "unknown")
        return paint(t("unknown ({reason})", reason=reason_text(reason)), "faint")

    def conflicts(self) -> list[tuple[str, str]]:
        """Where two sources say different things: both, and nothing chosen."""
        rows = []
        sim = self._document.get("sim")
        if sim is not None and sim["iccid_checks"]["at_agrees"] is False:
            card, modem = self._text("sim.iccid"), self._text("sim.iccid_modem")
            rows.append(("ICCID", t("EF.ICCID {card}, the modem {modem}", card=card, modem=modem)))
        domains = self._document.get("registration") or {}
        stats = [facts["stat"] for facts in domains.values() if facts is not None]
        # A network that has no CS for a data card, or serves one domain alone, is common; a refusal
        # beside a registration is worth a look.
        if _DENIED in stats and any(stat in _SERVED for stat in stats):
            told = [
                f"{label} {t(_REGISTRATION_STATES[facts['state']])}"
                for name, label in _DOMAINS
                if (facts := domains.get(name)) is not None
            ]
            rows.append((t("registration"), t(", ").join(told)))
        return rows

    def modem(self) -> list[tuple[str, str]]:
        # Where both are unknown for one reason, it is said once.
        names = dict.fromkeys((self._text("modem.manufacturer"), self._text("modem.model")))
        return [
            (t("make and model"), " ".join(names)),
            (t("firmware"), self._text("modem.revision")),
            ("IMEI", self._text("modem.imei")),
            (t("port"), self._text("modem.port")),
            (t("profile"), self._text("modem.profile")),
            (t("functionality (CFUN)"), self._functionality()),
        ]

    def _functionality(self) -> str:
        level = self._document["modem"]["functionality"]
        text = self._text("modem.functionality")
        if level not in _FUNCTIONALITY:
            return text
        return t("{level} ({word})", level=text, word=t(_FUNCTIONALITY[level]))

    def sim(self) -> list[tuple[str, str]]:
        return [
            (t("state"), self._state("sim.state", self._document["sim"]["state"], SIM_STATES)),
            (t("slot"), self._text("sim.slot")),
            ("ICCID", self._iccid()),
            ("IMSI", self._text("sim.imsi")),
            (t("home network (MCC, MNC)"), self._home()),
            ("MSISDN", self._text("sim.msisdn")),
            ("EID", self._text("sim.eid")),
            (t("carrier by ICCID"), self._text("sim.carrier")),
            (t("name on the card"), self._text("sim.spn")),
            (t("SMS centre"), self._text("sim.smsc")),
            (t("PIN1 asked for"), self._text("sim.pin1.enabled")),
            (t("tries left: PIN1"), self._text("sim.pin1.retries")),
            (t("tries left: PUK1"), self._text("sim.pin1.puk_retries")),
        ]

    def _state(self, path: str, state: str | None, words: dict[str, str]) -> str:
        if state is None:
            return self._why(path)
        colour = "good" if state in _GOOD else "bad" if state in _BAD else None
        text = t(words.get(state, state))
        return paint(text, colour) if colour else text

    def _iccid(self) -> str:
        sim = self._document["sim"]
        text = self._text("sim.iccid")
        checks = sim["iccid_checks"]
        if sim["iccid_source"] == "modem":
            text += "  " + t("(as the modem says; EF.ICCID was not read)")
        if checks["luhn"] is False:
            text += "  " + paint(t("(check digit wrong)"), "bad")
        if checks["at_agrees"] is False:
            text += "  " + paint(t("(the modem's own command says otherwise)"), "bad")
        return text

    def _home(self) -> str:
        mcc, mnc = self._document["sim"]["mcc"], self._document["sim"]["mnc"]
        return f"{mcc} {mnc}" if mcc and mnc else self._why("sim.mnc")

    def registration(self) -> list[tuple[str, str]]:
        rows = [(label, self._domain(name)) for name, label in _DOMAINS]
        facts = [self._document["registration"][name] for name in ("cs", "ps", "eps")]
        # A cause type other than 0 is the maker's own numbering.
        causes = {each["reject_cause"] for each in facts if each and not each["cause_type"]}
        rejects = self._document.get("rejects", [])
        causes |= {it["cause"] for it in rejects if it["domain"] in _NUMBERED_ALIKE}
        if causes & _LIKE_CANCELLED:
            rows.append((t("hint"), t("consistent with cancelled; confirm on the platform")))
        return rows

    def _domain(self, name: str) -> str:
        facts = self._document["registration"][name]
        if facts is None:
            return self._why(f"registration.{name}")
        text = self._state(f"registration.{name}", facts["state"], _REGISTRATION_STATES)
        area = "tac" if "tac" in facts else "lac"
        details = [
            f"{label} {facts[key]}"
            for key, label in (("act", ""), (area, area.upper()), ("ci", "CI"))
            if facts[key] is not None
        ]
        if facts["reject_cause"] is not None:
            cause = t("reject cause {number}", number=facts["reject_cause"])
            name = facts["reject_name"]
            details.append(cause if name is None else f"{cause} {reason_text(name)}")
        return t(", ").join([text, *(detail.strip() for detail in details)])

    def rejects(self) -> list[tuple[str, str]]:
        """What +CxREG does not show, with its causes, in the rows of the domains."""
        return [
            (_domain_label(reject["domain"]), self._reject(reject))
            for reject in self._document["rejects"]
            if not reject["source"].startswith("AT+C")
        ]

    def _reject(self, reject: Json) -> str:
        name = reject["name"]
        details = [
            f"{reject['cause']}" if name is None else f"{reject['cause']} {reason_text(name)}"
        ]
        if reject["plmn"] is not None:
            details.append(f"PLMN {reject['plmn']}")
        details += [reject["rat"]] if reject["rat"] is not None else []
        kind: str | None = reject["kind"]
        if kind is not None:
            details.append(t(_KINDS.get(kind, kind)))
        if reject["at"] is None:
            details.append(t("as the modem remembers it"))
        else:
            details.append(t("heard {at}", at=reject["at"]))
        return t(", ").join(details)

    def operator(self) -> list[tuple[str, str]]:
        return [
            ("PLMN", self._text("operator.plmn")),
            (t("name"), self._text("operator.name")),
            (t("access technology"), self._text("operator.act")),
        ]

    def signal(self) -> list[tuple[str, str]]:
        return [
            ("RSSI", self._text("signal.rssi_dbm", " dBm")),
            ("RSRP", self._text("signal.rsrp_dbm", " dBm")),
            ("RSRQ", self._text("signal.rsrq_db", " dB")),
            ("SINR", self._text("signal.sinr_db", " dB")),
            (t("bit error class"), self._text("signal.ber")),
        ]

    def packet(self) -> list[tuple[str, str]]:
        rows = [(t("attached"), self._text("packet.attached"))]
        contexts = self._document["packet"]["contexts"]
        if contexts is None:
            return [*rows, (t("contexts"), self._why("packet.contexts"))]
        for index, context in enumerate(contexts):
            path = f"packet.contexts.{index}"
            words = [self._text(f"{path}.pdp_type"), f"APN {self._text(f'{path}.apn')}"]
            if context["active"] is not None:
                words.append(t("active") if context["active"] else t("not active"))
            words += [printable(address) for address in context["addresses"] or []]
            rows.append((t("context {cid}", cid=context["cid"]), t(", ").join(words)))
        return rows

    def usage(self) -> list[tuple[str, str]]:
        rows = [
            (t("sent"), self._bytes("usage.tx_bytes")),
            (t("received"), self._bytes("usage.rx_bytes")),
        ]
        doubt = self._document["usage"]["doubt"]
        return [*rows, (t("doubt"), reason_text(doubt))] if doubt else rows

    def _bytes(self, path: str) -> str:
        count = self._document["usage"][path.rpartition(".")[2]]
        text = self._text(path, " B")
        return text if (count or 0) < _MEGABYTE else f"{text} ({count / _MEGABYTE:.1f} MB)"

    def locks(self) -> list[tuple[str, str]]:
        return [(t(label), self._lock(f"locks.{name}")) for name, label in _LOCKS]

    def _lock(self, path: str) -> str:
        locked = self._document["locks"][path.rpartition(".")[2]]
        if locked is None:
            return self._why(path)
        return paint(t("locked"), "bad") if locked else t("open")

    def last_error(self) -> list[tuple[str, str]]:
        error = self._document["last_error"]
        if error is None:
            return [(t("text"), self._why("last_error"))]
        rows = [(t("text"), printable(error["text"]))]
        if error["cause"] is not None:
            domain = (error["domain"] or "").upper()
            rows.append((t("cause"), f"{domain} {error['cause']}".strip()))
        return rows

    def recovery(self) -> list[tuple[str, str]]:
        facts = self._document["recovery"]
        state = t(_RECOVERY_STATES.get(facts["state"], facts["state"]))
        rows = [(t("state"), paint(state, "bad") if facts["state"] != "ok" else state)]
        if (trouble := facts.get("trouble")) is not None:
            rows.append((t("trouble"), reason_text(trouble["reason"])))
            if (held := trouble.get("held")) is not None:
                rows.append((t("no heavier step"), reason_text(held)))
        if refused := facts.get("refused"):
            causes = [f"{name.upper()} {cause}" for name, cause in refused.items()]
            rows.append((t("cause"), t(", ").join(causes)))
        if "interval_s" in facts:
            rows.append((t("time between samples"), f"{facts['interval_s']:g} s"))
        rows += [
            (t(label), str(count)) for step, label in _STEPS if (count := facts["steps"][step])
        ]
        if (last := facts.get("last_step")) is not None:
            why = reason_text(last.get("problem", last["reason"]))
            step = t(dict(_STEPS)[last["step"]])
            rows.append((t("last step"), t("{step} ({reason})", step=step, reason=why)))
        return rows


def _domain_label(domain: str | None) -> str:
    """Whose number a cause is."""
    if domain is None:
        return t("unknown")
    return t("the modem's own cause") if domain == "vendor" else domain.upper()
