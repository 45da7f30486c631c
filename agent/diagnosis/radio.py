"""A modem's radio, off and on once, where that cuts nobody off; and what is in the air."""

from collections.abc import Callable
from typing import Final

from agent.diagnosis import assemble
from agent.diagnosis.attempts import (
    NO_ANSWER,
    NOT_USABLE,
    TIME_IS_UP,
    Attempts,
    interface_of,
    reason_of,
)
from agent.diagnosis.card_networks import read_networks
from agent.diagnosis.facts import Cell, Facts
from agent.diagnosis.machine import Machine
from agent.diagnosis.wish import Setup
from agent.i18n import mark
from agent.modem_session import ModemSession
from agent.own_uplink import rides_on
from agent.snapshot import GatewaySnapshot
from modem.commands.control import SetFunctionality
from modem.commands.registration import SearchNetworks
from sim.reading import Absent

Known = tuple[Facts, GatewaySnapshot]

LOOK_S: Final = 3.0
REGISTER_PATIENCE_S: Final = 90.0
_RADIO_OFF_S: Final = 2.0
_DENIED: Final = 3


class Radio:
    """One modem's, for one diagnosis or verification; what was not done goes into `absent`."""

    def __init__(
        self,
        session: ModemSession,
        setup: Setup,
        machine: Machine,
        attempts: Attempts,
        progress: Callable[[str], None],
    ) -> None:
        self._session = session
        self._engine = session.engine
        self._setup = setup
        self._machine = machine
        self._attempts = attempts
        self._absent = attempts.absent
        self._progress = progress

    def facts_of(self, snapshot: GatewaySnapshot) -> Facts:
        """What a snapshot says."""
        return assemble.of_snapshot(snapshot.modem, apn=self._setup.apn)

    def why_not(self, snapshot: GatewaySnapshot) -> tuple[str, dict[str, str]] | None:
        """Why the radio must not be cycled (text, fields): somebody's way leads over it."""
        uplinks = self._attempts.uplinks()
        return rides_on(interface_of(self._setup, snapshot, uplinks), uplinks)

    def cycled(self, facts: Facts, snapshot: GatewaySnapshot) -> tuple[Known, str | None]:
        """What is known after one cycle, and why there was none, where there was none."""
        level = facts.functionality
        if not facts.usable or isinstance(level, Absent):
            return (facts, snapshot), NOT_USABLE
        self._progress(mark("switching the radio off and on, once"))
        try:
            self._engine.run(SetFunctionality(0))
            self._engine.poll(_RADIO_OFF_S)
        except NO_ANSWER as error:
            return (facts, snapshot), reason_of(error)
        finally:
            self._radio_on(level)
        snapshot = self._settled()
        return (self.facts_of(snapshot)._replace(reattached=True), snapshot), None

    def with_card(self, facts: Facts) -> Facts:
        """With what the card's files say of networks."""
        files = read_networks(self._session)
        if isinstance(files.forbidden, Absent):
            self._absent["sim.ef_fplmn"] = files.forbidden.reason
        return assemble.with_card(facts, files)

    def with_search(self, facts: Facts) -> Facts:
        """With the networks that are in the air: it takes up to two minutes."""
        if not self._attempts.has_time_for(SearchNetworks.timeout_s):
            self._absent["cells"] = TIME_IS_UP
            return facts
        self._progress(mark("searching for networks; this takes up to two minutes"))
        try:
            found = self._engine.run(SearchNetworks())
        except NO_ANSWER as error:
            self._absent["cells"] = reason_of(error)
            return facts
        return facts._replace(cells=tuple(Cell(each.plmn, each.forbidden) for each in found))

    def _radio_on(self, level: int) -> None:
        """Back to the level as it was; a modem that is busy switching is asked again."""
        for _ in range(3):
            try:
                self._engine.run(SetFunctionality(level))
            except NO_ANSWER as error:
                self._absent["modem.functionality"] = reason_of(error)
                self._engine.poll(LOOK_S)
            else:
                self._absent.pop("modem.functionality", None)
                return

    def _settled(self) -> GatewaySnapshot:
        """Until it is registered or refused, or long enough; then all facts."""
        deadline = self._machine.clock() + REGISTER_PATIENCE_S
        while self._machine.clock() < deadline:
            self._engine.poll(LOOK_S)
            part = self._session.snapshot(frozenset({"sim", "registration"}))
            facts = assemble.of_snapshot(part.modem)
            denied = _DENIED in facts.stats().values()
            if facts.sim_state == "ready" and (
                facts.registered_for_data or facts.refusals or denied
            ):
                break
        return self._session.snapshot()
