"""The personal data of a card and of its modem, read."""

from typing import Any

from agent.card import Wish, card_in_modem
from agent.clock import clock_synchronized, iso, now
from agent.modem_session import ModemSession
from modem import books, stores
from sim.card_snapshot import CardSnapshot
from sim.personal import personal_files
from sim.survey import Manners
from sim.transport.base import ApduTransport

Json = dict[str, Any]

SCHEMA = "simward/personal/1"
ONLY_CARD = Wish(personal=True)
_LAST_DIALLED = "EF.LND"


def personal_in_modem(session: ModemSession, *, contents: bool) -> Json:
    """What is somebody's on the card in the modem, and in the modem's own stores.

    Without `contents` the modem's messages are counted and not read: reading marks them as read.

    Raises:
        CardAbsent, CardUnreadable, ModemUnreachable: see `agent.card`.
    """
    card, _ = card_in_modem(session, ONLY_CARD)
    document = document_of(card)
    ask = session.interview()
    own = stores.read_own_messages(ask, contents=contents)
    last_dialled_is_cards = any(file["file"] == _LAST_DIALLED for file in document["files"])
    own_books = books.read_own_books(
        ask, contents=contents, last_dialled_is_cards=last_dialled_is_cards
    )
    return {**document, "modem": {**own.to_json(), "books": own_books.to_json()}}


def personal_on_card(transport: ApduTransport) -> Json:
    """The same of a card in a reader.

    Raises:
        ReaderError, StatusWordError, ApduProtocolError: see `sim.survey`.
    """
    return {**document_of(ONLY_CARD.read(transport, Manners.HOST)), "modem": None}


def document_of(card: CardSnapshot) -> Json:
    """The document: every file with its used records."""
    return {
        "schema": SCHEMA,
        "taken_at": iso(now()),
        "clock_synchronized": clock_synchronized(),
        "iccid": card.iccid,
        "transport": card.transport,
        "files": [file.to_json() for file in personal_files(card)],
    }
