"""What a diagnosis tries where it was asked to: one context, a few hosts, one short message.

What was changed is put back as it was found, whatever happens in between.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from agent.diagnosis import assemble
from agent.diagnosis.card_networks import read_emergency_numbers
from agent.diagnosis.facts import REGISTERED, Facts
from agent.diagnosis.ip_path import NO_HOSTS, Outcome, Plan, Way, walk
from agent.diagnosis.machine import Machine
from agent.diagnosis.wish import Setup, Wish, refuse_emergency
from agent.i18n import mark
from agent.modem_session import ModemSession
from agent.own_uplink import Uplinks, cellular_interface
from agent.snapshot import GatewaySnapshot
from modem.causes import cme_code
from modem.commands.packet_domain import ReadAddresses, ReadDynamicContext, SetContextState
from modem.commands.sms import PDU_MODE, ReadMessageMode, ReadMessageStores, SetMessageMode
from modem.commands.sms_send import SendMessage
from modem.errors import AtCommandError, AtProtocolError, AtTimeout, CmsError
from sim.reading import Absent

Json = dict[str, Any]

_TEXT: Final = "SIMWARD"
_IN_ALL_S: Final = 230.0
"""What a diagnosis may take: who asked the daemon for it waits a little longer, and so does the
watchdog. Nothing is begun that might take more than what is left."""

NOT_REGISTERED: Final = mark("not registered")
NO_CONTEXT: Final = mark("no context is defined")
NO_INTERFACE: Final = mark("the modem's network interface is not known (modem.interface)")
NO_ADDRESS: Final = mark("the context has no address")
TIME_IS_UP: Final = mark("time is up")
NOT_USABLE: Final = mark("radio off or card not ready")


NO_ANSWER: Final = (AtCommandError, AtTimeout, AtProtocolError)
"""A modem that refuses, is silent, or answers something else; its port is there all the same."""


def reason_of(error: AtCommandError | AtTimeout | AtProtocolError) -> str:
    """Why there is no answer, as snapshots say it."""
    if isinstance(error, AtCommandError):
        return error.final
    return f"timeout {error.timeout_s:g} s" if isinstance(error, AtTimeout) else error.reason


def interface_of(
    setup: Setup, snapshot: GatewaySnapshot, uplinks: Uplinks, addresses: tuple[str, ...] = ()
) -> str | None:
    """The modem's network interface, where it can be told; `addresses` are more of its contexts."""
    packet = snapshot.modem.packet
    for each in (packet.contexts.known if packet is not None else None) or ():
        if not isinstance(each.addresses, Absent):
            addresses += each.addresses
    return cellular_interface(setup.interface, snapshot.port, addresses, uplinks)


class Attempts:
    """The attempts of one diagnosis. `probe` and `absent` go into its document."""

    def __init__(
        self,
        session: ModemSession,
        wish: Wish,
        setup: Setup,
        machine: Machine,
        progress: Callable[[str], None],
    ) -> None:
        self.probe: Json | None = None
        self.absent: dict[str, str] = {}
        self._session = session
        self._engine = session.engine
        self._wish = wish
        self._setup = setup
        self._machine = machine
        self._progress = progress
        self._until = machine.clock() + _IN_ALL_S

    def has_time_for(self, seconds: float) -> bool:
        """Whether so much is left of the diagnosis' time."""
        return self._machine.clock() + seconds <= self._until

    def uplinks(self) -> Uplinks:
        """The machine's uplinks, with the caller's SSH session."""
        return self._machine.uplinks({})._replace(ssh=self._wish.ssh)

    def stored_messages(self) -> int | None:
        """How many messages the modem has where new ones go; counting leaves them unread."""
        try:
            return self._engine.run(ReadMessageStores())[-1].used
        except NO_ANSWER:
            return None  # no such command, or no stores

    def probed(self, facts: Facts, snapshot: GatewaySnapshot) -> Facts:
        """The context, and what can be reached through it; the context is put back as it was."""
        context = assemble.chosen_context(snapshot.modem, self._setup.apn)
        why_not = self._why_not(facts)
        if why_not is not None or context is None:
            self.absent["probe"] = why_not or NO_CONTEXT
            return facts
        budget = self._setup.budget_bytes
        self.probe = {"cid": context.cid, "budget_bytes": budget, "activated": False}
        if context.active is True:
            return self._walked(facts, snapshot, context.cid)
        return self._activated(facts, snapshot, context.cid)

    def _why_not(self, facts: Facts) -> str | None:
        if not facts.usable:
            return NOT_USABLE
        # A modem of 2G or 3G may attach only when a context is wanted.
        may_attach = facts.cs in REGISTERED and not facts.refusals
        if not (facts.registered_for_data or may_attach):
            return NOT_REGISTERED
        return None if self.has_time_for(SetContextState.timeout_s) else TIME_IS_UP

    def _activated(self, facts: Facts, snapshot: GatewaySnapshot, cid: int) -> Facts:
        assert self.probe is not None
        try:
            self._engine.run(SetContextState(cid, active=True))
        except AtCommandError as refusal:
            self.probe["refused"] = refusal.final
            after = self._session.snapshot().modem
            said = after.last_error.known if after.last_error is not None else None
            return assemble.with_refused_activation(
                facts, cme_code(refusal.final), said, after.rejects or ()
            )
        except (AtTimeout, AtProtocolError) as error:
            self.absent["probe"] = reason_of(error)
            return facts._replace(activation_silent=True)
        self.probe["activated"] = True
        try:
            facts = facts._replace(activation_refused=False, context_active=True)
            return self._walked(facts, snapshot, cid)
        finally:
            with suppress(*NO_ANSWER):
                self._engine.run(SetContextState(cid, active=False))

    # The IP path

    def _walked(self, facts: Facts, snapshot: GatewaySnapshot, cid: int) -> Facts:
        addresses, servers = self._context_of(cid)
        facts = facts._replace(address=bool(addresses))
        if not addresses:
            self.absent["probe.hosts"] = NO_ADDRESS
            return facts
        if not self._setup.targets:
            self.absent["probe.hosts"] = NO_HOSTS
            return facts
        uplinks = self.uplinks()
        interface = interface_of(self._setup, snapshot, uplinks, addresses)
        way = self._way(interface, uplinks, addresses)
        if way is None:
            self.absent["probe.hosts"] = NO_INTERFACE
            return facts
        known = self._machine.name_servers()
        before = self._machine.counters(interface) if interface is not None else None
        budget = self._setup.budget_bytes
        plan = Plan(self._setup.targets, servers or known, way, budget, self._until)
        self._progress(mark("trying the configured hosts over the cellular interface"))
        outcome = walk(plan, self._machine.sockets, self._machine.clock)
        after = self._machine.counters(interface) if interface is not None else None
        return self._tell(facts, outcome, way, (before, after))

    def _tell(
        self,
        facts: Facts,
        outcome: Outcome,
        way: Way,
        counters: tuple[tuple[int, int] | None, tuple[int, int] | None],
    ) -> Facts:
        left, came = outcome.bytes_left, outcome.bytes_came
        before, after = counters
        if before is not None and after is not None:
            left, came = left and after[0] > before[0], came or after[1] > before[1]
        assert self.probe is not None
        self.probe |= {
            "interface": way.interface,
            "source": way.source,
            "hosts": None
            if isinstance(outcome.hosts, Absent)
            else {each.host: each.answered for each in outcome.hosts},
            "dns_answers": _plain(outcome.dns_answers),
            "bytes_left": left,
            "bytes_came": came,
            "foreign_answer": outcome.foreign_answer or None,
            "rate_bps": _plain(outcome.rate_bps),
            "unbound_answers": _plain(outcome.unbound_answers),
            "spent_bytes": outcome.spent_bytes,
            "left_out": list(outcome.left_out),
        }
        for name in ("hosts", "dns_answers", "rate_bps", "unbound_answers"):
            value = getattr(outcome, name)
            if isinstance(value, Absent):
                self.absent[f"probe.{name}"] = value.reason
        return facts._replace(
            hosts=outcome.hosts,
            dns_answers=outcome.dns_answers,
            bytes_left=left,
            bytes_came=came,
            foreign_answer=outcome.foreign_answer,
            rate_bps=outcome.rate_bps,
            unbound_answers=outcome.unbound_answers,
        )

    def _context_of(self, cid: int) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
        """The context's addresses, and the name servers that the network gave with it."""
        addresses: tuple[str, ...] = ()
        servers: tuple[str, ...] = ()
        with suppress(*NO_ANSWER):
            addresses = self._engine.run(ReadAddresses(cid)).get(cid, ())
        with suppress(*NO_ANSWER):
            dynamic = self._engine.run(ReadDynamicContext(cid))
            if dynamic is not None:
                addresses, servers = addresses or dynamic.addresses, dynamic.name_servers
        return addresses, tuple((each, 53) for each in servers)

    def _way(
        self, interface: str | None, uplinks: Uplinks, addresses: tuple[str, ...]
    ) -> Way | None:
        """How to leave by the cellular interface; None where this machine knows no such way."""
        if interface is not None:
            own = sorted(uplinks.addresses.get(interface, frozenset()) | set())
            local = [each for each in own if ":" not in each] or own
            return Way(interface, local[0] if local else None)
        here = [each for each in addresses if self._machine.has_way(Way(None, each))]
        return Way(None, here[0]) if here else None

    def sent(self, facts: Facts, number: str) -> int | Absent:
        """One message; 0 where it was taken, else the +CMS number.

        Raises:
            RefusedError: the card calls the number an emergency number.
        """
        if not facts.usable:
            self.absent["probe.sms"] = NOT_USABLE
            return Absent(NOT_USABLE)
        if not self.has_time_for(SendMessage.timeout_s):
            self.absent["probe.sms"] = TIME_IS_UP
            return Absent(TIME_IS_UP)
        refuse_emergency(number, read_emergency_numbers(self._session))
        mode: int | None = None
        with suppress(*NO_ANSWER):
            mode = self._engine.run(ReadMessageMode())
        try:
            if mode != PDU_MODE:
                self._engine.run(SetMessageMode(PDU_MODE))
            self._progress(mark("sending one short message"))
            self._engine.run(SendMessage(number, _TEXT))
        except CmsError as refusal:
            self.absent["probe.sms"] = refusal.final
            return Absent(refusal.final) if refusal.code is None else refusal.code
        except NO_ANSWER as error:
            self.absent["probe.sms"] = reason_of(error)
            return Absent(reason_of(error))
        else:
            return 0
        finally:
            if mode is not None and mode != PDU_MODE:
                with suppress(*NO_ANSWER):
                    self._engine.run(SetMessageMode(mode))


def _plain(value: Any) -> Any:
    return None if isinstance(value, Absent) else value
