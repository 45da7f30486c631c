"""Cards at a bench: one reader, card after card, each read once and kept before it is counted."""

from collections.abc import Callable, Collection
from contextlib import closing
from typing import Any, Final, NamedTuple

from agent.batch.journal import Collected, Journal
from agent.clock import clock_synchronized, iso, now
from agent.i18n import mark
from sim.errors import (
    ApduProtocolError,
    CardAbsent,
    CardMute,
    CardReset,
    ReaderError,
    ReaderStuck,
    ReaderUnavailable,
    StatusWordError,
)
from sim.identity import CardIdentity, read_identity
from sim.transport.pcsc import PcscTransport, ReaderWatch

Json = dict[str, Any]

NEW, AGAIN, STRANGER, UNREADABLE = "new", "again", "not_on_list", "unreadable"
ANSWER_S: Final = 4.0
"""A card that says nothing for so long is broken: who stands there waits for it."""
WAIT_S: Final = 0.5
"""How long one wait for a card lasts; a wish to end is heard in between."""
_TOO_SOON = mark("taken out too soon")
_MUTE = mark("the card does not answer")
_NO_CARD_WE_KNOW = mark("no SIM that simward can read")


class Seen(NamedTuple):
    """What a card that was put in is: `what` is one of the words above.

    `card` is the one in the journal; `why` a reason of the catalogue where it cannot be read.
    `differs`: its ICCID was read before, from a card with another IMSI.
    """

    what: str
    card: Collected | None = None
    why: str = ""
    differs: bool = False


class Bench:
    """What was read so far, and what is expected (None: whatever comes)."""

    def __init__(self, journal: Journal, expected: Collection[str] | None) -> None:
        self._journal = journal
        self._expected = None if expected is None else dict.fromkeys(expected)
        self._by_iccid = {card.iccid: card for card in journal.cards}
        self.began_with = len(journal.cards)
        self.again: list[str] = []
        self.unreadable = 0

    @property
    def cards(self) -> list[Collected]:
        """All cards of the journal."""
        return self._journal.cards

    def is_expected(self, iccid: str) -> bool | None:
        """Whether the list has it; None without a list."""
        return None if self._expected is None else iccid in self._expected

    @property
    def strangers(self) -> list[str]:
        """Cards that were read and are not on the list."""
        return [card.iccid for card in self.cards if self.is_expected(card.iccid) is False]

    @property
    def missing(self) -> list[str] | None:
        """Cards on the list that were not read yet, in its order."""
        if self._expected is None:
            return None
        return [iccid for iccid in self._expected if iccid not in self._by_iccid]

    def take(self, reader: str, atr: str, identity: CardIdentity) -> Seen:
        """Keep what was read; on the disk when this returns.

        Raises:
            ListError: the journal cannot be written.
        """
        iccid, imsi = identity.iccid.known, identity.imsi.known
        if iccid is None:
            return self.failed(identity.iccid.reason or _NO_CARD_WE_KNOW)
        number = None if imsi is None else imsi.value
        before = self._by_iccid.get(iccid.value)
        if before is not None:
            self.again.append(iccid.value)
            return Seen(
                AGAIN, before, differs=None not in {number, before.imsi} and number != before.imsi
            )
        at = iso(now()) if clock_synchronized() else None
        spn = identity.spn.known
        card = Collected(len(self.cards) + 1, iccid.value, number, spn, atr, reader, at)
        self._journal.add(card)
        self._by_iccid[card.iccid] = card
        return Seen(STRANGER if self.is_expected(card.iccid) is False else NEW, card)

    def failed(self, why: str) -> Seen:
        """A card that could not be read: it is not kept, and may be put in again."""
        self.unreadable += 1
        return Seen(UNREADABLE, why=why)

    def document(self) -> Json:
        """The document of `simward batch collect --json`."""
        cards = [{**card._asdict(), "on_list": self.is_expected(card.iccid)} for card in self.cards]
        return {
            "journal": str(self._journal.path),
            "read": len(self.cards) - self.began_with,
            "cards": cards,
            "duplicates": self.again,
            "not_on_list": self.strangers,
            "missing": self.missing,
            "unreadable": self.unreadable,
        }


def collect(
    reader: str, bench: Bench, tell: Callable[[Seen], None], wanted: Callable[[], bool]
) -> None:
    """Read each card that is put into `reader`, as long as more are `wanted`.

    Raises:
        ReaderUnavailable: the reader cannot be had any more.
        ListError: the journal cannot be written.
    """
    with closing(ReaderWatch()) as watch:
        while wanted():
            for moved in watch.changes(WAIT_S):
                if moved.reader == reader and moved.inserted and wanted():
                    tell(_read(reader, bench))


def _read(reader: str, bench: Bench) -> Seen:
    try:
        with closing(PcscTransport(reader, answer_s=ANSWER_S)) as transport:
            identity = read_identity(transport)
            atr = transport.atr.hex().upper()
    except ReaderUnavailable:
        raise
    except ReaderStuck as error:  # a card that never answers; taking it out frees the driver
        return bench.failed(str(error))
    except (CardAbsent, CardReset):
        return bench.failed(_TOO_SOON)
    except CardMute:
        return bench.failed(_MUTE)
    except (StatusWordError, ApduProtocolError, ReaderError):
        return bench.failed(_NO_CARD_WE_KNOW)
    return bench.take(reader, atr, identity)
