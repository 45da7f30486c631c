"""What `simward backend import` took, for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.cli.evidence_words import kind_words, verdict_words
from agent.cli.table import paint, printable
from agent.i18n import reason_text, t
from sim.identifiers import mask

if TYPE_CHECKING:
    from agent.cli.backend_import import Row
    from agent.cli.evidence_source import Left
    from agent.cli.qr_source import Incomplete


def render(
    rows: "Sequence[Row]", left: "Sequence[Left]", incomplete: "Sequence[Incomplete]", *, full: bool
) -> str:
    """One line a document, one a file that holds none or not all, and the sum."""
    lines = [_line(row, full=full) for row in rows]
    lines += [_left(each) for each in left if each.named]
    lines += [_incomplete(each) for each in incomplete]
    passed_over = sum(not each.named for each in left)
    if passed_over:
        lines.append(t("{count} files in folders hold no evidence", count=passed_over))
    new = sum(row.taken.new for row in rows)
    bad = sum(not row.taken.found.holds for row in rows)
    lines.append(
        t(
            "taken: {new} new, {repeated} already here; {bad} of them to be looked at",
            new=new,
            repeated=len(rows) - new,
            bad=bad,
        )
    )
    return "\n".join(lines)


def _line(row: "Row", *, full: bool) -> str:
    found = row.taken.found
    iccid = found.head.get("iccid")
    card = "?" if iccid is None else printable(iccid) if full else mask(printable(iccid), 6, 4)
    verdict = paint(verdict_words(found), "good" if found.holds else "bad")
    place = row.found.file if row.found.place == 1 else f"{row.found.file}:{row.found.place}"
    text = t(
        "{place}  {kind}  gateway {gw}  card {card}  {verdict}",
        place=printable(place),
        kind=kind_words(found.head.get("kind", "?")),
        gw=printable(str(found.head.get("gw", "?"))),
        card=card,
        verdict=verdict,
    )
    return text if row.taken.new else text + t("  (again)")


def _left(left: "Left") -> str:
    reason = paint(reason_text(left.reason), "bad")
    return t("{place}: {reason}", place=printable(left.file), reason=reason)


def _incomplete(each: "Incomplete") -> str:
    text = t(
        "{place}: document {document}: of {total} QR codes these are missing: {numbers}; the others"
        " are kept",
        place=printable(each.file),
        document=each.document,
        total=each.total,
        numbers=t(", ").join(map(str, each.missing)),
    )
    return paint(text, "bad")
