"""The services of a card, each tried once, and only what was asked for.

Data is tried over the cellular interface alone, within `probe.budget_bytes`; a message is sent and
a call is made only to the number that somebody gave for it, never to an emergency number. A card
that the network refuses is asked nothing twice.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from agent.clock import iso
from agent.diagnosis.attempts import NO_CONTEXT, NOT_USABLE, TIME_IS_UP, Attempts
from agent.diagnosis.card_networks import read_emergency_numbers
from agent.diagnosis.facts import Facts
from agent.diagnosis.history import used_before
from agent.diagnosis.machine import Machine
from agent.diagnosis.wish import EMERGENCY, Setup, checked_number, refuse_emergency
from agent.i18n import mark
from agent.modem_session import ModemSession
from agent.snapshot import GatewaySnapshot
from agent.verification.call import IN_ALL_S, called
from agent.verification.service import (
    CONTEXT,
    COUNTED,
    DATA,
    FAILS,
    HOSTS,
    NOT_TESTED,
    RECEIVED,
    SENT,
    SMS,
    VOICE,
    WORKS,
    Service,
    not_tested,
)
from sim.reading import Absent

Json = dict[str, Any]

NO_SMS_NUMBER: Final = mark("only with --probe-sms NUMBER")
NO_VOICE_NUMBER: Final = mark("only with --probe-voice NUMBER")
_MESSAGE_IS_NEW_S: Final = 24 * 3600
_PROBE_SMS, _PROBE_VOICE = "--probe-sms", "--probe-voice"


class Wish(NamedTuple):
    """What the caller allows. `ssh` is his session's (client, own address).

    `history`: what this machine counted or heard earlier counts too, for a service that was not
    tried now; without it only a message that came in after `heard_since` does.
    """

    sms_to: str | None = None
    voice_to: str | None = None
    history: bool = True
    heard_since: datetime | None = None
    ssh: tuple[str, str] | None = None

    def to_json(self) -> Json:
        """As a request for the control socket."""
        return {
            "ask": "services",
            "sms_to": self.sms_to,
            "voice_to": self.voice_to,
            "history": self.history,
            "ssh": self.ssh,
        }

    @classmethod
    def from_json(cls, request: Json) -> "Wish":
        """From such a request.

        Raises:
            UsageError, RefusedError: a number that nothing may go to.
        """
        sms, voice, ssh = (request.get(name) for name in ("sms_to", "voice_to", "ssh"))
        return cls(
            sms_to=None if sms is None else checked_number(str(sms), _PROBE_SMS),
            voice_to=None if voice is None else checked_number(str(voice), _PROBE_VOICE),
            history=request.get("history") is not False,
            ssh=(str(ssh[0]), str(ssh[1])) if isinstance(ssh, list) and len(ssh) == 2 else None,
        )


class Tried(NamedTuple):
    """What came of it: the facts of the diagnosis, and each service."""

    facts: Facts
    services: dict[str, Service]
    host: str | None
    """The first host that answered."""
    absent: dict[str, str]
    probe: Json | None


def refuse_card_emergencies(session: ModemSession, wish: Wish) -> None:
    """See that no number is one for emergencies, by the lists of standards or of the card.

    Raises:
        RefusedError: one is.
    """
    asked = ((wish.sms_to, _PROBE_SMS), (wish.voice_to, _PROBE_VOICE))
    if not any(number for number, _ in asked):
        return
    emergency = EMERGENCY | read_emergency_numbers(session)
    for number, option in asked:
        if number is not None:
            refuse_emergency(number, emergency, option)


class Trial:
    """Tries each service once."""

    def __init__(
        self,
        session: ModemSession,
        wish: Wish,
        setup: Setup,
        machine: Machine,
        attempts: Attempts,
        *,
        stored: int | None = None,
    ) -> None:
        """`stored`: how many messages the modem had when the look began."""
        self._stored = stored
        self._session = session
        self._wish = wish
        self._setup = setup
        self._machine = machine
        self._attempts = attempts

    def tried(self, facts: Facts, snapshot: GatewaySnapshot) -> Tried:
        """Of a modem of which this is known now.

        Raises:
            PortLost, ModemUnreachable: it went away.
        """
        facts = self._attempts.probed(facts, snapshot)
        services = {DATA: self._data(facts)}
        if self._wish.sms_to is not None:
            facts = facts._replace(sms_refused=self._attempts.sent(facts, self._wish.sms_to))
        services |= {SMS: self._messages(facts), VOICE: self._voice(facts)}
        hosts = () if isinstance(facts.hosts, Absent) else facts.hosts
        host = next((each.host for each in hosts if each.answered), None)
        return Tried(facts, services, host, self._attempts.absent, self._attempts.probe)

    def _data(self, facts: Facts) -> Service:
        now = _data_now(facts, self._attempts.absent)
        if now.state == NOT_TESTED and self._wish.history:
            counted = used_before(self._setup.state_dir, facts.iccid)
            if counted is True:
                return Service(WORKS, COUNTED, ("usage.used_before=true",))
        return now

    def _messages(self, facts: Facts) -> Service:
        """A message that came in counts, whatever became of one that was sent."""
        heard = self._session.message_heard_at
        if heard is not None and self._counts(heard):
            return Service(WORKS, RECEIVED, (f"message.heard_at={iso(heard)}",))
        now = None if self._stored is None else self._attempts.stored_messages()
        if self._stored is not None and now is not None and now > self._stored:
            # A modem that does not announce messages has one more where they go.
            return Service(WORKS, RECEIVED, (f"messages.stored={now}", f"before={self._stored}"))
        if self._wish.sms_to is None:
            return not_tested(NO_SMS_NUMBER)
        number = facts.sms_refused
        if not isinstance(number, Absent):
            return Service(FAILS if number else WORKS, SENT, (f"sms.refused={number}",))
        reason = self._attempts.absent.get("probe.sms", number.reason)
        if reason.startswith("+CM") or reason == "ERROR":
            return Service(FAILS, SENT, (f"sms.refused={reason}",))
        return not_tested(reason)

    def _counts(self, heard: datetime) -> bool:
        if not self._wish.history:
            since = self._wish.heard_since
            return since is not None and heard >= since
        return (self._session.now() - heard).total_seconds() < _MESSAGE_IS_NEW_S

    def _voice(self, facts: Facts) -> Service:
        if self._wish.voice_to is None:
            return not_tested(NO_VOICE_NUMBER)
        if not facts.usable:
            return not_tested(NOT_USABLE)
        if not self._attempts.has_time_for(IN_ALL_S):
            return not_tested(TIME_IS_UP)
        return called(self._session, self._wish.voice_to, self._machine.clock)


def _data_now(facts: Facts, absent: dict[str, str]) -> Service:
    if not facts.usable:
        return not_tested(NOT_USABLE)
    if not isinstance(facts.hosts, Absent) and facts.hosts:
        because = tuple(f"probe.hosts.{each.host}={_word(each.answered)}" for each in facts.hosts)
        works = any(each.answered for each in facts.hosts)
        return Service(WORKS if works else FAILS, HOSTS, because)
    if facts.activation_refused is True:
        return Service(FAILS, CONTEXT, _causes(facts) or ("probe.activation=refused",))
    if facts.context_active is True and facts.address is True and facts.registered_for_data:
        # Granted by the network; whether packets pass could not be tried.
        return Service(
            WORKS, CONTEXT, ("packet.context.active=true", "packet.context.address=true")
        )
    if not facts.registered_for_data and facts.stats():
        return Service(FAILS, None, _causes(facts) or _stats(facts))
    return not_tested(absent.get("probe.hosts") or absent.get("probe") or NO_CONTEXT)


def _causes(facts: Facts) -> tuple[str, ...]:
    known = () if isinstance(facts.causes, Absent) else facts.causes
    return tuple(f"{each.path}={each.number}" for each in known)


def _stats(facts: Facts) -> tuple[str, ...]:
    return tuple(f"registration.{domain}.stat={stat}" for domain, stat in facts.stats().items())


def _word(value: bool) -> str:
    return "true" if value else "false"
