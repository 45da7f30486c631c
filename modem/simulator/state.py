"""Everything that a simulated modem remembers, put together from its parts."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from modem.simulator.card_slot import Card
from modem.simulator.clock import ModemClock
from modem.simulator.message_store import CardStore, ModemStore, Store
from modem.simulator.network import CAMPED_STATS, DATA_STATS, Network, Verdict
from modem.simulator.phonebook_store import filled
from modem.simulator.profile import Context, DomainStart, ModemProfile, Signal
from modem.simulator.registration import DomainState, Refusal, Registrar, Surroundings
from modem.simulator.request import Request
from modem.simulator.sessions import Sessions
from modem.simulator.usage import UsageMeter

CARD_ERRORS = {"pin": 11, "puk": 12, "blocked": 12}
LOCK_ERRORS = {"PS": 5, "PF": 6, "PN": 40, "PU": 42, "PP": 44, "PC": 46}
NO_CARD, CARD_FAILURE, CARD_BUSY = 10, 13, 14
NOT_ALLOWED, NOT_SUPPORTED, WRONG_PASSWORD, NOT_FOUND = 3, 4, 16, 22
NO_NETWORK, WRONG_PARAMETERS, DATA_REFUSED = 30, 50, 148
UNKNOWN = -1
"""A command that this modem lacks; the model has its own way to say so."""


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A command is answered with an error: CME `code` (3GPP TS 27.007 clause 9.2, unread).

    `message` makes it a +CMS ERROR; `final` is another final result altogether (`NO CARRIER`).
    """

    def __init__(self, code: int = UNKNOWN, *, message: bool = False, final: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.final = final


class Prompt(NamedTuple):
    """The command wants a text first, which ends with Ctrl-Z; `done` answers it."""

    done: Callable[[str], list[str]]


class SentMessage(NamedTuple):
    """A short message that the network took."""

    address: str
    text: str


@dataclass
class Settings:
    """What a loss of power resets."""

    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    cmee: int = 0
    charset: str = "GSM"
    operator_format: int = 0
    reports: dict[str, int] = field(default_factory=dict)
    packet_events: bool = False
    network_errors: int = 0
    zone_reports: int = 0
    takes_network_time: bool = False
    message_mode: int = 0
    message_details: bool = False
    message_stores: list[str] = field(default_factory=list)
    message_reports: tuple[int, ...] = (0, 0, 0, 0, 0)
    service_centre: str | None = None
    phonebook: str = "SM"
    calling: str = ""


class ModemState:
    """The state of one modem; `now` is the time of its clock, in seconds."""

    def __init__(self, profile: ModemProfile, card: Card | None) -> None:
        self.profile = profile
        self.card = card
        self.now = 0.0
        self.network = _network_of(profile)
        self.signal: Signal = profile.signal
        self.device_locks = dict(profile.locks)
        self.asks_device_lock = ""  # the facility whose code the modem waits for
        self.lock_tries = 3
        self.registrar = Registrar(profile.registration, profile.style)
        self.sessions = Sessions(profile.contexts, dotted_ipv6=profile.style.dotted_ipv6)
        self.usage = UsageMeter(profile.usage)
        self.clock = ModemClock()
        self.modem_messages = ModemStore(profile.messages.modem_size)
        self.modem_books = {each.store: filled(each) for each in profile.phonebooks}
        self.sent_messages: list[SentMessage] = []
        self.notices: list[str] = []  # lines to say once the running command has been answered
        self.logins: dict[int, tuple[int, str, str]] = {}  # by cid, where written since the start
        self.auto_connect = profile.style.auto_connect
        self.later: list[tuple[float, str]] = []  # the same, so many seconds after that
        self.takes_s = 0.0  # how long the running command makes its client wait
        self.power_on()

    def power_on(self) -> None:
        """The settings that a loss of power resets."""
        style = self.profile.style
        self.settings = Settings(
            echo=style.echo,
            cmee=style.cmee,
            operator_format=style.operator_format,
            reports=dict.fromkeys(self.registrar.domains, 0),
            message_stores=[self.profile.messages.store] * 3,
            message_reports=self.profile.messages.reports,
        )
        self.functionality = 1
        self.last_error = ""
        self.error_is_new = False  # the running command left it
        self.last_refusal: Refusal | None = None
        self.channels: set[int] = set()
        self.registrar.power_on()
        self.sessions.power_on()
        if self.card is not None:
            self.card.reset()

    # The card

    @property
    def card_error(self) -> int | None:
        """The CME code of the card's state; None while it works."""
        if self.card is None:
            return NO_CARD
        if self.functionality == 0 and self.profile.style.card_off_with_radio:
            return CARD_FAILURE
        pin = CARD_ERRORS.get(self.card.pin1_state())
        return pin or LOCK_ERRORS.get(self.asks_device_lock)

    def powered_card(self) -> Card:
        """The card, locked or not.

        Raises:
            Refused: there is none, or it is switched off.
        """
        error = self.card_error
        if self.card is None or error == CARD_FAILURE:
            raise Refused(error or NO_CARD)
        return self.card

    def ready_card(self) -> Card:
        """The card, unlocked.

        Raises:
            Refused: there is none, or it is locked.
        """
        card = self.powered_card()
        if (error := self.card_error) is not None:
            raise Refused(error)
        return card

    def forget_card_sessions(self) -> None:
        """Another card, or none: logical channels are gone, and the subscriber too."""
        self.channels.clear()
        self.registrar.forget_card()

    # The network

    @property
    def radio(self) -> bool:
        """Whether the radio is on."""
        return self.functionality == 1

    @property
    def surroundings(self) -> Surroundings:
        """What registration depends on."""
        card = self.card if self.card_error is None else None
        if card is not None and card.is_empty:
            card = None
        return Surroundings(self.now, self.radio, card, self.network)

    def domain(self, domain: str) -> DomainState:
        """Registration in `domain` as it is now."""
        return self.registrar.domain(domain)

    def is_camped(self, domain: str) -> bool:
        """Whether the modem has `domain`, and a cell in it."""
        return domain in self.registrar.domains and self.domain(domain).stat in CAMPED_STATS

    @property
    def camped(self) -> bool:
        """Whether any domain has a cell."""
        return any(self.is_camped(domain) for domain in self.registrar.domains)

    @property
    def data_service(self) -> bool:
        """Whether packets can flow."""
        return any(
            state.stat in DATA_STATS
            for name, state in self.registrar.states().items()
            if name != "cs"
        )

    @property
    def act(self) -> int | None:
        """The access technology of the best domain that has a cell."""
        for name in ("nr5g", "eps", "ps", "cs"):
            if self.is_camped(name):
                return self.registrar.place(name).act
        return None

    def is_active(self, context: Context) -> bool:
        """Whether `context` is up."""
        return self.sessions.session(context.cid) is not None

    def tell_packet_event(self, event: str) -> None:
        """+CGEV, where the client has asked for it."""
        if self.settings.packet_events:
            self.notices.append(f"+CGEV: {event}")

    # Short messages

    def store(self, name: str) -> Store:
        """The message store `SM` (the card) or `ME` (the modem).

        Raises:
            Refused: there is no such store, or the card does not work.
        """
        if name == "SM":
            return CardStore(self.ready_card())
        if name == "ME" and self.modem_messages.size:
            return self.modem_messages
        raise Refused(NOT_ALLOWED)

    def written(self, text: str) -> str:
        """`text` in the character set that the client chose (AT+CSCS)."""
        if self.settings.charset == "UCS2":
            return text.encode("utf-16-be").hex().upper()
        return text

    def read_text(self, text: str) -> str:
        """What the client wrote in the character set that it chose.

        Raises:
            Refused: it is not written in it.
        """
        if self.settings.charset != "UCS2":
            return text
        try:
            return bytes.fromhex(text).decode("utf-16-be")
        except ValueError:
            raise Refused(WRONG_PARAMETERS) from None


def _network_of(profile: ModemProfile) -> Network:
    """The network in which the profile's modem stands at start."""
    domains = {name: _verdict(start) for name, start in profile.registration.items()}
    return Network(profile.operator.plmn, profile.operator.name, domains=domains)


def _verdict(start: DomainStart) -> Verdict:
    camped = start.stat in CAMPED_STATS
    return replace(Verdict("accept" if camped else "fixed"), stat=start.stat)


Answerer = Callable[[ModemState, Request], "list[str] | Prompt"]
"""Gives the information lines of an answer, or asks for a text first; raises Refused."""
