"""A look at a card that was cancelled: the radio off and on once, each service tried once.

A dead card is treated politely: what the network refuses is not asked again, and where somebody's
way to this machine leads over the modem its radio is left alone.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

from agent.clock import clock_synchronized
from agent.diagnosis import assemble
from agent.diagnosis.attempts import NO_ANSWER, Attempts, reason_of
from agent.diagnosis.machine import THIS_MACHINE, Machine
from agent.diagnosis.radio import Known, Radio
from agent.diagnosis.wish import Setup
from agent.diagnosis.wish import Wish as DiagnosisWish
from agent.i18n import mark
from agent.modem_session import ModemSession
from agent.snapshot import GatewaySnapshot
from agent.verification.exclusions import coverage
from agent.verification.seen import Look, World
from agent.verification.service import SERVICES, not_tested
from agent.verification.services import where_of
from agent.verification.trial import Trial, Tried, Wish, refuse_card_emergencies
from modem.commands.context_setup import DefineContext
from sim.reading import Absent

Json = dict[str, Any]

OTHER_CARD: Final = mark("another card is in the modem")
NO_TARGET: Final = mark("nobody says which card it is about")
UPLINK: Final = mark("somebody's way to this machine leads over the modem")
_SIM: Final = frozenset({"sim"})
_IP: Final = "IP"
_HIGHEST_CID: Final = 8


def begin(session: ModemSession, setup: Setup, wish: Wish) -> Known:
    """Modem and card as they are, before anything is done.

    Raises:
        ModemUnreachable, PortError: the modem went away.
        RefusedError: a number is one for emergencies, by the card's own list.
    """
    refuse_card_emergencies(session, wish)
    snapshot = session.snapshot()
    return assemble.of_snapshot(snapshot.modem, apn=setup.apn), snapshot


class Looking:
    """One look, in the making; `setup` names the APN of the baseline."""

    def __init__(
        self,
        session: ModemSession,
        setup: Setup,
        wish: Wish,
        machine: Machine = THIS_MACHINE,
        progress: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._session = session
        self._setup = setup
        self._wish = wish
        self._machine = machine
        self._stored: int | None = None
        own = DiagnosisWish(probe=True, ssh=wish.ssh)
        self._attempts = Attempts(session, own, setup, machine, progress)
        self._radio = Radio(session, setup, machine, self._attempts, progress)

    def untried(self, known: Known, why: str) -> Look:
        """A look at a card that is not touched: nothing is cycled, nothing tried."""
        facts, snapshot = known
        return Look(
            snapshot.taken_at,
            self._machine.synchronized(),
            facts,
            {name: not_tested(why) for name in SERVICES},
            where_of(snapshot, self._setup, None)["where"],
            cycled=Absent(why),
            port=snapshot.port,
        )

    def tried(
        self, known: Known, world_of: Callable[[Look], World], since: datetime | None
    ) -> Look:
        """The look at the card that was cancelled; `world_of` says what else is known of it.

        A message that came in after `since` (else: from now on) shows that it is alive.
        """
        wish = self._wish._replace(history=False, heard_since=since or known[1].taken_at)
        self._stored = self._attempts.stored_messages() if known[0].usable else None
        known, cycled = self._cycled(known)
        with self._lent(known) as known:
            return self._look(known, world_of, wish, cycled)

    def _look(
        self,
        known: Known,
        world_of: Callable[[Look], World],
        wish: Wish,
        cycled: bool | Absent,
    ) -> Look:
        facts, snapshot = known
        if facts.usable and not facts.registered_for_data:
            facts = self._radio.with_card(facts)
        where = where_of(snapshot, self._setup, None)["where"]
        first = Look(snapshot.taken_at, self._machine.synchronized(), facts, where=where)
        if facts.usable and coverage(world_of(first)).held is None:
            facts = self._radio.with_search(facts)
        trial = Trial(
            self._session, wish, self._setup, self._machine, self._attempts, stored=self._stored
        )
        tried = trial.tried(facts, snapshot)
        return Look(
            snapshot.taken_at,
            self._machine.synchronized(),
            tried.facts,
            tried.services,
            {**where, "host": tried.host},
            cycled=cycled,
            iccid_after=self._iccid(),
            bound=_bound(tried),
            port=snapshot.port,
            absent=tried.absent,
        )

    @contextmanager
    def _lent(self, known: Known) -> Iterator[Known]:
        """With a context of the baseline's APN, where the modem has none any more.

        The release took it away: without one a card that is alive would look dead. It is taken
        away again.
        """
        facts, snapshot = known
        apn, free = self._setup.apn, _free_cid(snapshot)
        if not facts.registered_for_data or apn is None or free is None or _has(snapshot, apn):
            yield known
            return
        engine = self._session.engine
        try:
            engine.run(DefineContext(free, (_IP, apn)))
        except NO_ANSWER as error:
            self._attempts.absent["packet.context"] = reason_of(error)
            yield known
            return
        try:
            snapshot = self._session.snapshot()
            yield self._radio.facts_of(snapshot), snapshot
        finally:
            with suppress(*NO_ANSWER):
                engine.run(DefineContext(free))

    def _cycled(self, known: Known) -> tuple[Known, bool | Absent]:
        why = self._radio.why_not(known[1])
        if why is not None:
            return known, Absent(UPLINK)
        known, reason = self._radio.cycled(*known)
        return known, True if reason is None else Absent(reason)

    def _iccid(self) -> str | Absent:
        sim = self._session.snapshot(_SIM).modem.sim
        value: Any = Absent("not asked") if sim is None else sim.iccid.value
        return value if isinstance(value, Absent) else str(value.value)


def untouched(absent: Mapping[str, str], port: str | None, taken_at: datetime) -> Look:
    """The look where no modem answers, or none is asked; `absent` says why."""
    return Look(
        taken_at,
        clock_synchronized(),
        services={name: not_tested(next(iter(absent.values()))) for name in SERVICES},
        port=port,
        absent=absent,
    )


def _bound(tried: Tried) -> str | None:
    """Over which interface, or from which of the modem's addresses, data was tried."""
    probe = tried.probe or {}
    way = probe.get("interface") or probe.get("source")
    return None if way is None else str(way)


def _has(snapshot: GatewaySnapshot, apn: str) -> bool:
    """Whether the modem has a context with this APN."""
    context = assemble.chosen_context(snapshot.modem, apn)
    known = None if context is None else context.apn
    return isinstance(known, str) and known.lower() == apn.lower()


def _free_cid(snapshot: GatewaySnapshot) -> int | None:
    """The first context that is not defined; None where nobody knows which are."""
    contexts = None if snapshot.modem.packet is None else snapshot.modem.packet.contexts.known
    if contexts is None:
        return None
    used = {each.cid for each in contexts}
    return next((cid for cid in range(1, _HIGHEST_CID + 1) if cid not in used), None)
