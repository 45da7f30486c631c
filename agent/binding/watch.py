"""Sees in each sample which card is in which modem; a new pairing is an entry and an event."""

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from agent.binding.history import SEEN, Broken, History, says_of
from agent.binding.hold import NOTHING_AT_STAKE, Holds
from agent.binding.rebinding import platform_of_card, rules_of
from agent.binding.record import Pairing, change_of, costs_of, is_new
from agent.binding.unsaid import Unsaid
from agent.jobs import Sample
from agent.report import Stamp
from cloud_bridge.events import PAIRING_CHANGED
from modem.snapshot import ModemSnapshot

Json = dict[str, Any]

_logger = logging.getLogger(__name__)


class PairingWatch:
    """What the samples show, against the history; inside the transaction of each sample."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.history = History(connection)
        self.holds = Holds(connection)
        self._unsaid = Unsaid(connection)
        self._broken: Broken | None = None  # as it was at the start: looking at all takes long
        self.why_not_held: Callable[[int], str | None] | None = None
        """Tells of a slot why its data cannot be held; None where that is not wanted."""
        # Of the latest full sample alone: what an earlier one said may be another modem's.
        self._imeis: dict[int, str | None] = {}

    def begin(self) -> None:
        """Look through the history, and say it in the log where it is broken."""
        self._broken = broken = self.history.check()
        if broken is not None:
            _logger.error(
                "the pairing history is broken entry=%d reason=%r; it is kept as it is",
                broken.number,
                broken.reason,
            )

    def observe(self, sample: Sample) -> list[tuple[str, Json]]:
        """Put a new pairing into the history; (code, args) of what is to be said of it."""
        if sample.full:
            self._imeis[sample.slot] = _imei_of(sample.snapshot.modem)
        now = self._pairing(sample)
        if now is None:
            return []
        port = sample.snapshot.port
        for _, args in new_pairing(self.history, now, port, sample.stamp, self._known_broken):
            self._unsaid.put(sample.slot, {**args, **self._held(sample, args)})
        args_to_say = self._unsaid.take(sample.slot, sample.stamp)
        return [] if args_to_say is None else [(PAIRING_CHANGED, args_to_say)]

    def _known_broken(self) -> Broken | None:
        return self._broken or self.history.check_end()

    def _held(self, sample: Sample, args: Json) -> Json:
        """Hold the slot's data where that is wanted, can be, and something is at stake."""
        if self.why_not_held is None:
            return {}
        stands = self.holds.of(sample.slot) is not None  # nobody but `simward bind` ends it
        reason = self.why_not_held(sample.slot) if args["costs"] else NOTHING_AT_STAKE
        if reason is not None and not stands:
            return {"held": False, "not_held": reason}
        self.holds.begin(sample.slot, args["entry"], sample.stamp.at)
        return {"held": True}

    def _pairing(self, sample: Sample) -> Pairing | None:
        """The pairing that this sample shows; None where it does not show all of it."""
        imei, iccid = self._imeis.get(sample.slot), iccid_in(sample.snapshot.modem)
        return None if imei is None or iccid is None else Pairing(sample.slot, imei, iccid)


def new_pairing(
    history: History,
    now: Pairing,
    port: str,
    stamp: Stamp,
    check: Callable[[], Broken | None],
) -> list[tuple[str, Json]]:
    """Put `now` into the history if it is new there; (code, args) of what is to be said of it.

    `check` tells where the history is broken.
    """
    known = history.known(now)
    if not is_new(now, known):
        return []
    broken = check()
    entry = history.append(SEEN, now, {"port": port, **stamp.body()})
    change = change_of(now, known)
    if change is None and broken is None:
        return []
    account = history.last_account(now.iccid)
    says = None if account is None else says_of(account)
    rules = rules_of(platform_of_card(now.iccid, None if says is None else says.platform))
    args: Json = {
        **now.to_json(),
        "changed": list(() if change is None else change.changed),
        "costs": list(costs_of(now, known, says, rules)),
        "entry": entry.n,
        "hash": entry.hash,
    }
    if change is not None:
        args["was"] = change.was.to_json()
    if known.stood_before:
        args["stood_before"] = True
    if broken is not None:  # what was before is not known then, or not to be relied on
        args["history_broken_at"] = broken.number
    return [(PAIRING_CHANGED, args)]


def _imei_of(snapshot: ModemSnapshot) -> str | None:
    imei = None if snapshot.identity is None else snapshot.identity.imei.known
    return None if imei is None else imei.value


def iccid_in(snapshot: ModemSnapshot) -> str | None:
    """The card that is in, and that a network could see; None where none is, or it is unread."""
    card = snapshot.sim
    if card is None or card.state.known in {"absent", "no_profile"}:
        return None
    return None if card.iccid.known is None else card.iccid.known.value
