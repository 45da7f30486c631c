"""A diagnosis of one modem: asks it, tries what is allowed, and says what comes of it.

Reads by default. One radio cycle at most, one context, one message: each only where it was asked
for, and put back as it was found.
"""

from collections.abc import Callable
from typing import Any, Final

from agent.diagnosis import assemble
from agent.diagnosis.attempts import Attempts
from agent.diagnosis.document import document_of
from agent.diagnosis.facts import RADIO_OFF, Facts, refused_at_home
from agent.diagnosis.history import used_before
from agent.diagnosis.machine import THIS_MACHINE, Machine
from agent.diagnosis.radio import LOOK_S, Radio
from agent.diagnosis.wish import Setup, Wish
from agent.errors import RefusedError
from agent.i18n import mark
from agent.modem_session import ModemSession
from agent.snapshot import GatewaySnapshot
from modem.commands.sim_access import ReadSimState, sim_state_of_refusal, sim_state_of_word
from modem.errors import AtCommandError, AtProtocolError, AtTimeout
from sim.reading import Absent

Json = dict[str, Any]

_FAULTS: Final = frozenset({"faulty", "busy"})
_CARD_PATIENCE_S: Final = 30.0
_BY_PLACE: Final = frozenset({11, 13, 14})
"""Causes that mean one thing at home and another abroad."""
_MESSAGE_IS_NEW_S: Final = 24 * 3600

NOT_ALLOWED: Final = mark("only with --probe")
NOT_NEEDED: Final = mark("registered, so no radio cycle was needed")


def diagnose(
    session: ModemSession,
    wish: Wish,
    setup: Setup,
    *,
    machine: Machine = THIS_MACHINE,
    progress: Callable[[str], None] = lambda _text: None,
) -> Json:
    """The document of `simward diagnose`.

    Raises:
        ModemUnreachable, PortError: the modem went away.
        RefusedError: a radio cycle would cut somebody's way to this machine.
    """
    return _Diagnosis(session, wish.understood(), setup, machine, progress).document()


class _Diagnosis:
    """One of them, in the making."""

    def __init__(
        self,
        session: ModemSession,
        wish: Wish,
        setup: Setup,
        machine: Machine,
        progress: Callable[[str], None],
    ) -> None:
        self._session = session
        self._engine = session.engine
        self._wish = wish
        self._setup = setup
        self._machine = machine
        self._progress = progress
        self._attempts = Attempts(session, wish, setup, machine, progress)
        self._radio = Radio(session, setup, machine, self._attempts, progress)
        self._absent = self._attempts.absent
        self._reattach: Json = {"done": False, "reason": None}

    def document(self) -> Json:
        """Everything, in its order."""
        snapshot = self._session.snapshot()
        facts, snapshot = self._waited_for_card(self._radio.facts_of(snapshot), snapshot)
        stored = self._attempts.stored_messages() if facts.usable else None
        if self._wish.reattach:
            facts, snapshot = self._cycled(facts, snapshot)
        if facts.usable and not facts.registered_for_data:
            facts = self._radio.with_card(facts)
            facts = self._with_search(facts)
        if self._wish.probe:
            facts = self._attempts.probed(facts, snapshot)
        else:
            self._absent["probe"] = NOT_ALLOWED
        facts = facts._replace(
            sms_came=self._message_came(stored),
            used_before=used_before(self._setup.state_dir, facts.iccid),
        )
        if self._wish.sms_to is not None:
            facts = facts._replace(sms_refused=self._attempts.sent(facts, self._wish.sms_to))
        facts = assemble.with_documents(facts, self._wish.order, self._wish.account)
        return document_of(
            facts,
            snapshot,
            self._wish,
            reattach=self._reattach,
            probe=self._attempts.probe,
            absent=self._absent,
        )

    # The card

    def _waited_for_card(
        self, facts: Facts, snapshot: GatewaySnapshot
    ) -> tuple[Facts, GatewaySnapshot]:
        """A card that seems broken gets the time that a modem may need to start."""
        if facts.sim_state not in _FAULTS or facts.functionality in RADIO_OFF:
            return facts, snapshot
        self._progress(mark("the card does not answer; waiting for the modem's start to be over"))
        deadline = self._machine.clock() + min(self._session.ready_s, _CARD_PATIENCE_S)
        while self._machine.clock() < deadline:
            self._engine.poll(LOOK_S)
            if self._sim_state() not in _FAULTS:
                snapshot = self._session.snapshot()
                return self._radio.facts_of(snapshot), snapshot
        return facts._replace(sim_state_lasts=True), snapshot

    def _sim_state(self) -> str:
        try:
            return sim_state_of_word(self._engine.run(ReadSimState()))
        except AtCommandError as refusal:
            return sim_state_of_refusal(refusal.final)
        except (AtTimeout, AtProtocolError):
            return "busy"

    # The radio

    def _with_search(self, facts: Facts) -> Facts:
        """What is in the air, where that could tell rows apart."""
        return self._radio.with_search(facts) if _needs_search(facts) else facts

    def _cycled(self, facts: Facts, snapshot: GatewaySnapshot) -> tuple[Facts, GatewaySnapshot]:
        """One radio cycle, where the modem is not registered for data; then everything anew.

        Raises:
            RefusedError: somebody's way to this machine leads over the modem.
        """
        why = self._radio.why_not(snapshot)
        if why is not None:
            text, fields = why
            raise RefusedError("--reattach: " + text, **fields)
        if facts.usable and facts.registered_for_data:
            self._reattach["reason"] = NOT_NEEDED
            return facts, snapshot
        known, self._reattach["reason"] = self._radio.cycled(facts, snapshot)
        self._reattach["done"] = self._reattach["reason"] is None
        return known

    def _message_came(self, stored: int | None) -> bool | Absent:
        """Whether one came while the modem was listened to, today at the longest.

        A modem that does not say so has one more in its store than the `stored` ones.
        """
        heard = self._session.message_heard_at
        if heard is None:
            now = None if stored is None else self._attempts.stored_messages()
            if stored is not None and now is not None and now > stored:
                return True
            return Absent("none came while the modem was listened to")
        age = (self._session.now() - heard).total_seconds()
        return True if age < _MESSAGE_IS_NEW_S else Absent("none came of late")


def _needs_search(facts: Facts) -> bool:
    """Nothing is refused, or so that it matters where, and nothing but the past tells where."""
    if isinstance(facts.causes, Absent):
        return False
    now = facts._replace(last_plmn=Absent("not asked"))
    placeless = {c.number for c in facts.refusals if refused_at_home(now, c) is None}
    return not facts.refusals or bool(placeless & _BY_PLACE)
