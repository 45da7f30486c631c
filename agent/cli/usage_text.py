"""The document of `simward usage` as text for people, at most 80 columns wide.

The chart is made of ASCII signs: block elements are one or two columns wide, as the terminal likes.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from agent.cli.table import columns, pad, paint, width
from agent.i18n import mark, reason_text, t
from agent.usage.cycle import day_of, zone_of
from sim.identifiers import mask

Json = dict[str, Any]

COLUMNS: Final = 80
_INDENT: Final = "  "
_BAR: Final = "#"
_GAP: Final = "?"
_UNITS: Final = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))
_ENOUGH: Final = 80
_DAYS_FROM_H: Final = 48
_FULL: Final = 100

_OWN: Final = (
    ("reports_bytes", mark("reports")),
    ("acks_bytes", mark("acknowledgements")),
    ("pings_bytes", mark("keep-alive")),
    ("connections_bytes", mark("connections")),
)
SOURCES = {
    "modem": mark("the modem's own counters"),
    "interface": mark("the kernel's counters of the network interface"),
    "modemmanager": mark("ModemManager's counters"),
}


def render(document: Json, *, full: bool = False, chart: bool = True) -> str:
    """The whole text, without a newline at the end; `chart`: with a bar for each day."""
    if not document["cards"]:
        return t("no usage recorded yet; the daemon (simward run) records it")
    page = _Page(document, full=full)
    lines: list[str] = []
    for number, card in enumerate(document["cards"]):
        if number:
            lines.append("")
        lines.append(paint(page.title(card), "strong"))
        lines += columns(page.rows(number, card), limit=COLUMNS)
        if chart and any(_total(day) for day in card["cycle"]["days"]):
            lines += ["", *_chart(card["cycle"]["days"])]
        lines += _before(card["before"])
    if not document["clock_synchronized"]:
        lines.append(
            paint(t("The clock is not known to be right: the cycle may be another."), "bad")
        )
    return "\n".join(lines)


def render_air(document: Json) -> str:
    """Our own bytes a day: what its figures foretell, and what the kernel counted."""
    air = document["air"]
    lines = [paint(t("simward's own bytes a day"), "strong")]
    foretold = air["predicted"]
    if foretold is None:
        lines += columns([(t("predicted"), reason_text(document["absent"]["air.predicted"]))])
    else:
        size = t(
            "{day}, {month} in 30 days",
            day=in_words(foretold["day_bytes"]),
            month=in_words(30 * foretold["day_bytes"]),
        )
        rows = [(t("predicted"), size)]
        for name, label in _OWN:
            rows.append((_INDENT + t(label), in_words(foretold[name])))
        lines += columns(rows, limit=COLUMNS)
    rows = [
        (
            day["day"],
            t(
                "{size}; {sent} sent, {received} received, connections: {connects}",
                size=in_words(_total(day)),
                sent=in_words(day["tx_bytes"]),
                received=in_words(day["rx_bytes"]),
                connects=day["connects"],
            ),
        )
        for day in air["measured"]
    ]
    if not rows:
        return "\n".join([*lines, *columns([(t("measured"), t("nothing yet"))], limit=COLUMNS)])
    return "\n".join([*lines, _INDENT + t("measured"), *columns(rows, _INDENT * 2, COLUMNS)])


class _Page:
    """Titles and rows of cards."""

    def __init__(self, document: Json, *, full: bool) -> None:
        self._zone = document["time_zone"]
        self._absent: dict[str, str] = document["absent"]
        self._full = full

    def title(self, card: Json) -> str:
        """Which card, and where it is."""
        iccid, modem = card["iccid"], card["modem"] or ""
        if not self._full:
            iccid = mask(iccid, 6, 4)
            modem = mask(modem, 8, 2) if modem.isdecimal() else modem
        if card["source"] is None:
            return t("Card {iccid}, in no modem now", iccid=iccid)
        return t(
            "Card {iccid}, slot {slot}, modem {modem}", iccid=iccid, slot=card["slot"], modem=modem
        )

    def rows(self, number: int, card: Json) -> list[tuple[str, str]]:
        """What is known of the cycle that runs."""
        cycle = card["cycle"]
        first, last = cycle["start"], cycle["last_day"]
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
        span = t(
            "{first} to {last}, day {day} of {days} ({zone})",
            first=first,
            last=last,
            day=cycle["day"],
            days=days,
            zone=self._zone,
        )
        rows = [(t("this cycle"), span), (t("used"), self._used(card))]
        rows += _uncertainty(cycle)
        if cycle["used_up_at"] is not None:
            day = self._day(cycle["used_up_at"])
            text = t("used up on {day}", day=day)
            early = day <= last
            rows.append((t("at this pace"), paint(text, "bad") if early else text))
        rows += self._plan(card["plan"])
        rows += self._carrier(card.get("carrier"))
        if card["undated"] is not None:
            undated = card["undated"]
            size = in_words(undated["tx_bytes"] + undated["rx_bytes"])
            rows.append((t("not dated yet"), t("{size}, until the clock is right", size=size)))
        source = card["source"]
        why = self._absent.get(f"cards.{number}.source", "unknown")
        rows.append((t("counted by"), t(SOURCES[source]) if source else reason_text(why)))
        return rows

    def _day(self, instant: str, ago_s: float = 0.0) -> str:
        """The carrier's day of an instant of the document, or of so much before it."""
        moment = datetime.fromisoformat(instant) - timedelta(seconds=ago_s)
        return day_of(moment, zone_of(self._zone)).isoformat()

    def _plan(self, plan: Json) -> list[tuple[str, str]]:
        """Whose plan it is, where account facts say it, and how old they are."""
        if plan["as_of"] is None:
            return []
        day, age = self._day(plan["as_of"]), plan["age_h"]
        if age is None:
            text = t("account facts of {day}, age not known", day=day)
        elif age < _DAYS_FROM_H:
            text = t("account facts of {day}, {hours} h old", day=day, hours=int(age))
        else:
            text = t("account facts of {day}, {days} days old", day=day, days=int(age / 24))
        if plan["expires_at"] is not None:
            # What ends at midnight has its last day before it.
            last = self._day(plan["expires_at"], 1.0)
            ended = t("; it ended on {day}: the configuration counts", day=last)
            text += ended if plan["ended"] else t("; ends on {day}", day=last)
        return [(t("plan"), text)]

    def _carrier(self, carrier: Json | None) -> list[tuple[str, str]]:
        """The platform's figure, and ours for the same time."""
        if carrier is None or carrier["used_bytes"] is None:
            return []
        size = in_words(carrier["used_bytes"])
        if carrier["until"] is None:
            text = t("{size}, as of {moment}, lag unknown", size=size, moment=carrier["as_of"][:16])
        else:
            text = t("{size} until {moment} UTC", size=size, moment=carrier["until"][:16])
        if carrier["counted_bytes"] is not None:
            ours = in_words(carrier["counted_bytes"])
            text += t("; counted here until then: {size}", size=ours)
        if carrier["settling"]:
            text += t("; the platform may still speak of the cycle before")
        return [(t("carrier"), text)]

    def _used(self, card: Json) -> str:
        cycle, quota = card["cycle"], card["quota_bytes"]
        size = in_words(cycle["total_bytes"])
        if quota:
            size = t(
                "{size} of {quota} ({percent} %)",
                size=size,
                quota=in_words(quota),
                percent=cycle["percent"],
            )
            if cycle["percent"] >= _ENOUGH:
                size = paint(size, "bad" if cycle["percent"] >= _FULL else "strong")
        return t(
            "{size}; {sent} sent, {received} received",
            size=size,
            sent=in_words(cycle["tx_bytes"]),
            received=in_words(cycle["rx_bytes"]),
        )


def _uncertainty(cycle: Json) -> list[tuple[str, str]]:
    """What may be missing, and what may belong to another cycle."""
    rows = []
    if cycle["gaps"]:
        label = t("may be missing")
        if cycle["hidden_bytes"] is None:
            rows.append((label, t("nobody knows how much (gaps: {gaps})", gaps=cycle["gaps"])))
        else:
            size = in_words(cycle["hidden_bytes"])
            rows.append((label, t("{size} at most (gaps: {gaps})", size=size, gaps=cycle["gaps"])))
    if cycle["early_bytes"]:
        size = in_words(cycle["early_bytes"])
        rows.append((t("at the start"), t("{size} may belong to the cycle before", size=size)))
    if cycle["late_bytes"]:
        size = in_words(cycle["late_bytes"])
        rows.append((t("at the end"), t("{size} may belong to this one", size=size)))
    return rows


def _chart(days: Sequence[Json]) -> list[str]:
    """A line a day; the longest bar is the day with the most bytes."""
    sizes = [in_words(_total(day)) for day in days]
    right = max(map(width, sizes))
    most = max(1, *(_total(day) for day in days))
    room = COLUMNS - len(_INDENT) - len("MM-DD ") - right - len("  ?")
    lines = []
    for day, size in zip(days, sizes, strict=True):
        total = _total(day)
        # What was used at all shows.
        bar = pad(_BAR * max(round(total * room / most), 1 if total else 0), room)
        gap = f" {_GAP}" if day["gaps"] else ""
        number = " " * (right - width(size)) + size
        lines.append(f"{_INDENT}{day['day'][5:]} {bar} {number}{gap}")
    if any(day["gaps"] for day in days):
        lines.append(_INDENT + t("{mark}: that day may have more", mark=_GAP))
    return lines


def _before(cycles: Sequence[Json]) -> list[str]:
    if not cycles:
        return []
    rows = []
    for cycle in cycles:
        label = t("{first} to {last}", first=cycle["start"], last=cycle["last_day"])
        text = in_words(cycle["total_bytes"])
        if cycle["gaps"]:
            hidden = cycle["hidden_bytes"]
            if hidden is None:
                text += t(", or more (nobody knows how much)")
            else:
                text += t(", or up to {size} more", size=in_words(hidden))
        rows.append((label, text))
    return ["", _INDENT + t("cycles before"), *columns(rows, indent=_INDENT * 2, limit=COLUMNS)]


def in_words(size: int) -> str:
    """`1.2 MB`; powers of ten, as plans are sold."""
    for unit, least in _UNITS:
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size} B"


def _total(day: Json) -> int:
    total: int = day["tx_bytes"] + day["rx_bytes"]
    return total
