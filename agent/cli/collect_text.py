"""What a bench says of each card, in words and beeps, and at the end."""

from pathlib import Path
from typing import Final, TextIO

from agent.batch.collecting import AGAIN, NEW, STRANGER, Bench, Seen
from agent.cli.table import columns, paint, printable
from agent.i18n import reason_text, t
from sim.identifiers import Iccid

_BELL: Final = "\a"
_COLUMNS: Final = 80
_NAMED: Final = 20


class Teller:
    """One line a card; on a terminal one beep for a good one, two for one to look at."""

    def __init__(self, stream: TextIO, bench: Bench, *, full: bool) -> None:
        self._stream = stream
        self._bench = bench
        self._full = full

    def begin(self, reader: str, journal: Path) -> None:
        """What to do, and how far it is."""
        self._say(t("Put card after card into {reader}; Ctrl-C ends.", reader=printable(reader)))
        self._say(t("Journal: {file}", file=printable(str(journal))))
        if self._bench.cards:
            self._say(t("It has {count} cards already.", count=len(self._bench.cards)))

    def tell(self, seen: Seen) -> None:
        """The line of a card that was put in."""
        if seen.card is None:
            why = reason_text(seen.why)
            self._line("-", t("not read: {why}; put it in again", why=why), "bad", beeps=2)
            return
        iccid = shown(seen.card.iccid, full=self._full)
        if seen.what == AGAIN:
            words = t("read before, as number {number}", number=seen.card.number)
            if seen.differs:
                words += t("; this one has another IMSI")
            self._line("-", f"{iccid}  {words}", "bad", beeps=2)
        elif seen.what == STRANGER:
            self._line(self._count(seen), f"{iccid}  {t('not on the list')}", "bad", beeps=2)
        else:
            assert seen.what == NEW
            self._line(self._count(seen), iccid, "good", beeps=1)

    def _count(self, seen: Seen) -> str:
        assert seen.card is not None
        left = self._bench.missing
        if left is None:
            return str(seen.card.number)
        return t("{number} ({left} to go)", number=seen.card.number, left=len(left))

    def _line(self, count: str, words: str, colour: str, *, beeps: int) -> None:
        bells = _BELL * beeps if self._stream.isatty() else ""
        self._say(f"{count}  {paint(words, colour, self._stream)}{bells}")

    def _say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


def summary(bench: Bench, *, full: bool) -> str:
    """What there is at the end, several lines."""
    rows = [
        (t("cards"), str(len(bench.cards))),
        (t("of these now"), str(len(bench.cards) - bench.began_with)),
        (t("read twice"), _named(bench.again, full=full)),
        (t("not read"), str(bench.unreadable) if bench.unreadable else ""),
        (t("not on the list"), _named(bench.strangers, full=full)),
        (t("still missing"), _named(bench.missing or [], full=full)),
    ]
    return "\n".join(columns([row for row in rows if row[1]], limit=_COLUMNS))


def _named(iccids: list[str], *, full: bool) -> str:
    if not iccids:
        return ""
    names = " ".join(shown(iccid, full=full) for iccid in iccids[:_NAMED])
    return f"{len(iccids)}: {names}" + (" …" if len(iccids) > _NAMED else "")


def shown(iccid: str, *, full: bool) -> str:
    """An ICCID as the screen may show it."""
    return iccid if full else Iccid(iccid).masked
