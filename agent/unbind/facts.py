"""What the gates know: of the device, of the operator, of the backend; kept apart. Pure.

A fact that is `Absent`, or null, is evidence of nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from agent.unbind.account_state import PlatformState, state_of
from agent.unbind.platform import Platform, find
from cloud_bridge.orders import AccountFacts, WorkOrder
from sim.reading import Reading, absent

Json = dict[str, Any]

NOT_ASKED: Final = "not asked"
FROM_CARD: Final = "EF.ICCID"


class Uplink(NamedTuple):
    """How this machine reaches others: the interfaces of its default routes, and what would be cut.

    `carries` is `route` where a default route leads over the cellular interface, `ssh` where the
    operator's own session comes over it, else None; `interface` and `address` belong to it.
    """

    defaults: tuple[str, ...]
    carries: str | None = None
    interface: str | None = None
    address: str | None = None


class Device(NamedTuple):
    """What was read here."""

    taken_at: datetime
    clock_synchronized: bool
    sim_state: Reading[str] = absent(NOT_ASKED)
    iccid: Reading[str] = absent(NOT_ASKED)
    """Its source is `EF.ICCID` where the card's own file was read."""
    modem_iccid: Reading[str] = absent(NOT_ASKED)
    luhn: bool | None = None
    imsi: Reading[str] = absent(NOT_ASKED)
    msisdn: Reading[str] = absent(NOT_ASKED)
    imei: Reading[str] = absent(NOT_ASKED)
    locks: Reading[tuple[str, ...]] = absent(NOT_ASKED)
    """The facilities that are locked, of those that the modem tells."""
    personal: Reading[Mapping[str, int | None]] = absent(NOT_ASKED)
    """Entries by kind; None: could not be counted."""
    uplink: Reading[Uplink] = absent(NOT_ASKED)
    imei_changes: Reading[int] = absent(NOT_ASKED)
    """How often this card was seen with another IMEI by this device's pairing history."""
    release: Reading[bool] = absent(NOT_ASKED)
    """Whether the release was proved by reading back."""
    handed: Reading[str] = absent(NOT_ASKED)
    """How the evidence before the release was handed over: `acked file qr`."""
    saved: Reading[str] = absent(NOT_ASKED)
    """The hash of the backup that an unbinding made of the card."""


class Answer(NamedTuple):
    """An operator's answer to one question; `at` where it is known when."""

    value: Any
    note: str | None = None
    at: datetime | None = None


class Operator(NamedTuple):
    """Who answered, and what, by `<gate>.<question>`; for which card, where that is written."""

    technician: str | None = None
    answers: Mapping[str, Answer] = {}
    iccid: str | None = None
    order_id: str | None = None


class Backend(NamedTuple):
    """What the cloud side gave."""

    order: WorkOrder | None = None
    account: AccountFacts | None = None


class After(NamedTuple):
    """What is known after the cancellation.

    `certificate`: the hash of the carrier's own. `verdict`: of the last look; `looks_left`: how
    many are still planned.
    """

    certificate: Reading[str] = absent(NOT_ASKED)
    verdict: Reading[str] = absent(NOT_ASKED)
    looks_left: Reading[int] = absent(NOT_ASKED)


class Facts(NamedTuple):
    """All of it, and the time by which ages are told."""

    device: Device
    operator: Operator
    backend: Backend
    now: datetime
    platforms: tuple[Platform, ...]
    after: After = After()

    @property
    def synchronized(self) -> bool:
        """Whether ages and expiry can be told."""
        return self.device.clock_synchronized

    @property
    def platform(self) -> Platform | None:
        """Whose rules hold: of the platform that account facts, else the order, name."""
        order, account = self.backend
        named = account.platform if account is not None else None
        return find(self.platforms, named or (order.platform if order is not None else None))

    def state(self, account: AccountFacts) -> PlatformState:
        """The card's state, by the platform's own code."""
        order = self.backend.order
        return state_of(account, self.platforms, named=None if order is None else order.platform)

    @property
    def answers_are_of_this_card(self) -> bool:
        """No, where the answers were written for another card or order."""
        own, order = self.operator, self.backend.order
        iccid = self.device.iccid.known
        other_card = own.iccid is not None and iccid is not None and own.iccid != iccid
        other_order = own.order_id is not None and order is not None
        return not other_card and not (other_order and own.order_id != order.order_id)  # type: ignore[union-attr]

    def answer(self, question: str) -> Answer | None:
        """The answer to a question; None where there is none for this card."""
        if not self.answers_are_of_this_card:
            return None
        found = self.operator.answers.get(question)
        return None if found is None or found.value is None else found
