"""Everything that a simulated modem remembers, and what follows from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from modem.simulator.card_slot import Card
from modem.simulator.profile import Context, ModemProfile, Signal
from modem.simulator.request import Request

DATA_STATS = frozenset({1, 5, 9, 10})
CAMPED_STATS = frozenset({1, 5, 6, 7, 8, 9, 10})

CARD_ERRORS = {"pin": 11, "puk": 12, "blocked": 12}
NO_CARD, CARD_FAILURE = 10, 13
NOT_ALLOWED, NOT_SUPPORTED, WRONG_PASSWORD, WRONG_PARAMETERS, DATA_REFUSED = 3, 4, 16, 50, 148


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A command is answered with an error: CME `code` (3GPP TS 27.007 clause 9.2, unread)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class DomainState:
    """Registration in one domain; area and cell are told only while `stat` has one."""

    stat: int
    area: str = ""
    ci: str = ""
    act: int | None = None
    rac: str = ""
    cause_type: int = 0
    cause: int | None = None


class ModemState:
    """The state of one modem. Values are replaced whole, so that other threads may set them."""

    def __init__(self, profile: ModemProfile, card: Card | None) -> None:
        self.profile = profile
        self.card = card
        self.registration = {
            domain: DomainState(
                start.stat, start.area, start.ci, start.act if start.act >= 0 else None, start.rac
            )
            for domain, start in profile.registration.items()
        }
        self.signal: Signal = profile.signal
        self.tx_bytes = float(profile.usage.tx_bytes)
        self.rx_bytes = float(profile.usage.rx_bytes)
        self.tx_per_s = profile.usage.tx_per_s
        self.rx_per_s = profile.usage.rx_per_s
        self._counted_at: float | None = None
        self.power_on()

    def power_on(self) -> None:
        """The settings that a loss of power resets."""
        style = self.profile.style
        self.echo = style.echo
        self.verbose = True
        self.cmee = style.cmee
        self.functionality = 1
        self.reports = dict.fromkeys(self.registration, 0)
        self.operator_format = style.operator_format
        self.attached = True
        self.contexts: dict[int, Context] = {
            context.cid: context for context in self.profile.contexts
        }
        self.sessions: set[int] = set()
        self.last_error = ""
        if self.card is not None:
            self.card.reset()

    @property
    def card_error(self) -> int | None:
        """The CME code of the card's state; None while it works."""
        if self.card is None:
            return NO_CARD
        if self.functionality == 0 and self.profile.style.card_off_with_radio:
            return CARD_FAILURE
        return CARD_ERRORS.get(self.card.pin1_state())

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

    @property
    def radio(self) -> bool:
        """Whether the radio is on."""
        return self.functionality == 1

    def domain(self, domain: str) -> DomainState:
        """Registration in `domain` as it is now: none without radio or a working card."""
        if self.radio and self.card_error is None:
            return self.registration[domain]
        return DomainState(stat=0)

    def domains(self) -> dict[str, DomainState]:
        """Registration in all domains that the modem has."""
        return {domain: self.domain(domain) for domain in self.registration}

    @property
    def camped(self) -> bool:
        """Whether any domain has a cell."""
        return any(state.stat in CAMPED_STATS for state in self.domains().values())

    @property
    def data_service(self) -> bool:
        """Whether packets can flow."""
        return self.attached and any(
            state.stat in DATA_STATS for name, state in self.domains().items() if name != "cs"
        )

    def is_active(self, context: Context) -> bool:
        """Whether `context` is up."""
        return context.active and self.data_service

    @property
    def act(self) -> int | None:
        """The access technology of the best domain that has a cell."""
        for name in ("nr5g", "eps", "ps", "cs"):
            if name in self.registration and self.domain(name).stat in CAMPED_STATS:
                return self.registration[name].act
        return None

    def set_domain(self, domain: str, **changes: object) -> None:
        """Replace members of the registration in `domain`."""
        changed = replace(self.registration[domain], **changes)  # type: ignore[arg-type]
        self.registration = {**self.registration, domain: changed}

    def count(self, now: float) -> None:
        """Let the usage counters grow up to `now`."""
        if self._counted_at is None:
            self._counted_at = now
        passed = now - self._counted_at
        if passed <= 0:
            return
        self._counted_at = now
        if (self.tx_per_s or self.rx_per_s) and any(
            self.is_active(context) for context in self.contexts.values()
        ):
            self.tx_bytes += self.tx_per_s * passed
            self.rx_bytes += self.rx_per_s * passed

    def restart_counting(self, at: float) -> None:
        """Lose the counters, unless they are kept; they grow again from the time `at` on."""
        if not self.profile.usage.survives_reboot:
            self.tx_bytes = self.rx_bytes = 0.0
        self._counted_at = at

    def activate(self, cid: int, active: bool) -> None:
        """Switch the context `cid`.

        Raises:
            Refused: there is none, or the network gives no data service.
        """
        if cid not in self.contexts:
            raise Refused(WRONG_PARAMETERS)
        if active and not self.data_service:
            raise Refused(DATA_REFUSED)
        self.contexts[cid] = replace(self.contexts[cid], active=active)

    def values(self) -> dict[str, object]:
        """What the templates of a profile may name."""
        identity, signal, operator = self.profile.identity, self.signal, self.profile.operator
        card = self.card
        retries = card.retries() if card is not None else {}
        eps = self.registration.get("eps", DomainState(stat=0))
        iccid = (card.iccid or "") if card is not None else ""
        return {
            "manufacturer": identity.manufacturer,
            "model": identity.model,
            "revision": identity.revision,
            "imei": identity.imei,
            "serial": identity.serial,
            "iccid": iccid,
            "iccid_filled": iccid.ljust(20, "F"),
            "imsi": (card.imsi or "") if card is not None else "",
            "pin1": retries.get("pin1", 0),
            "puk1": retries.get("puk1", 0),
            "pin2": 3,  # the simulated card has no PIN2
            "puk2": 10,
            "plmn": operator.plmn,
            "mcc": operator.plmn[:3],
            "mnc": operator.plmn[3:],
            "operator": operator.name,
            "tac": eps.area,
            "ci": eps.ci,
            "address": next((c.addresses[0] for c in self.contexts.values() if c.addresses), ""),
            "tx": int(self.tx_bytes),
            "rx": int(self.rx_bytes),
            "tx_kb": int(self.tx_bytes) // 1024,
            "rx_kb": int(self.rx_bytes) // 1024,
            **signal_values(signal),
        }


Answerer = Callable[[ModemState, Request], list[str]]
"""Gives the information lines of an answer; raises Refused."""


def signal_values(signal: Signal) -> dict[str, object]:
    """Signal in the scales that modems use (27.007 clauses 8.5, 8.69, unread; vendors' forms)."""
    return {
        "rssi_dbm": signal.rssi_dbm,
        "rsrp_dbm": signal.rsrp_dbm,
        "rsrq_db": int(signal.rsrq_db),
        "sinr_db": int(signal.sinr_db),
        "csq": max(0, min(31, (signal.rssi_dbm + 113) // 2)),
        "ber": signal.ber,
        "rsrp_n": signal.rsrp_dbm + 141,
        "rsrq_n": int((signal.rsrq_db + 20) * 2),
        "rssi_n121": signal.rssi_dbm + 121,
        "sinr_n5": int((signal.sinr_db + 20) * 5),
        "sinr_x2": int(signal.sinr_db * 2),
        "rsrp_tenths": signal.rsrp_dbm * 10,
        "rsrq_tenths": int(signal.rsrq_db * 10),
        "rssi_tenths": signal.rssi_dbm * 10,
        "sinr_tenths": int(signal.sinr_db * 10),
    }
