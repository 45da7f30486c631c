"""`simward verify`: a cancelled card, looked at and judged; the document of the contract."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from agent.clock import iso
from agent.diagnosis.machine import THIS_MACHINE, Machine
from agent.diagnosis.wish import Setup
from agent.i18n import in_both, t
from agent.modem_session import ModemSession
from agent.unbind.account_state import state_of
from agent.unbind.platform_files import all_platforms
from agent.usage.cycle import zone_of
from agent.verification.known import Before, newest_before, seen_cancelled
from agent.verification.looking import NO_TARGET, OTHER_CARD, Looking, begin, untouched
from agent.verification.schedule import looks, next_due, rules_of
from agent.verification.seen import Answers, Look, Platform, World
from agent.verification.service import SERVICES
from agent.verification.trial import Wish
from agent.verification.verdict import CANCELLED, RECYCLED, Verdict, judge
from agent.verification.words import EXCLUSION_NAMES
from cloud_bridge.orders import FRESH, AccountFacts, age_of, read_account
from sim.reading import Absent

Json = dict[str, Any]

SCHEMA: Final = "simward/verification/1"


class Request(NamedTuple):
    """What is asked for: with which evidence, account facts and answers.

    Where no evidence is given, the newest of this machine about the card counts.
    """

    before: Before | None = None
    account: AccountFacts | None = None
    answers: Answers = Answers()
    wish: Wish = Wish()

    def to_json(self) -> Json:
        """As a request for the control socket."""
        return {
            **self.wish.to_json(),
            "ask": "verify",
            "before": self.before and self.before.to_json(),
            "account": self.account and self.account.model_dump(mode="json", by_alias=True),
            "answers": self.answers._asdict(),
        }

    @classmethod
    def from_json(cls, request: Mapping[str, Any]) -> "Request":
        """From such a request.

        Raises:
            OrderError, UsageError, RefusedError: what is in it cannot be used.
        """
        before, account = request.get("before"), request.get("account")
        told = request.get("answers")
        answers = told if isinstance(told, dict) else {}
        known = {name: answers.get(name) for name in Answers._fields}
        return cls(
            None if before is None else Before.from_json(before),
            None if account is None else read_account(json.dumps(account).encode()),
            Answers(**{k: v if isinstance(v, bool) else None for k, v in known.items()}),
            Wish.from_json(dict(request)),
        )


def verify(
    session: ModemSession,
    request: Request,
    setup: Setup,
    *,
    machine: Machine = THIS_MACHINE,
    progress: Callable[[str], None] = lambda _text: None,
) -> Json:
    """The document `simward/verification/1`.

    Raises:
        ModemUnreachable, PortError: the modem went away.
        RefusedError: a number is one for emergencies, by the card's own list.
    """
    known = begin(session, setup, request.wish)
    facts = known[0]
    matter = _Matter(request, setup, facts.iccid)
    looking = Looking(session, matter.setup, request.wish, machine, progress)
    if matter.target is None:
        look = looking.untried(known, NO_TARGET)
    elif not isinstance(facts.iccid, Absent) and facts.iccid != matter.target:
        look = looking.untried(known, OTHER_CARD)
    else:
        look = looking.tried(known, matter.world, matter.cancelled_at)
    return matter.document(look)


def unreachable(
    request: Request, setup: Setup, reason: str, port: str | None, moment: datetime
) -> Json:
    """The document where no modem answers."""
    matter = _Matter(request, setup, Absent(reason))
    return matter.document(untouched({"modem": reason}, port, moment))


def untold(request: Request, setup: Setup, reason: str, moment: datetime) -> Json:
    """The document where the evidence does not hold: no modem is asked."""
    matter = _Matter(request, setup, Absent(reason))
    return matter.document(untouched({"evidence": reason}, None, moment))


class _Matter:
    """All that is known of the card beside the look."""

    def __init__(self, request: Request, setup: Setup, read: str | Absent) -> None:
        self._request = request
        account, folder = request.account, setup.state_dir
        self.before = request.before
        if self.before is None and folder is not None and not isinstance(read, Absent):
            self.before = newest_before(folder, read)
        baseline = None if self.before is None else self.before.baseline
        self.target = baseline.iccid if baseline is not None else None
        if self.target is None and account is not None:
            self.target = account.iccid
        self._own = account if account is not None and account.iccid == self.target else None
        self._platforms = all_platforms()
        named = None if self._own is None else self._own.platform
        self._rules = rules_of(self._platforms, named, self.before and self.before.platform)
        self.cancelled_at = self._cancelled(setup)
        apn = None if baseline is None else baseline.apn
        self.setup = setup if apn is None else setup._replace(apn=apn)

    def world(self, look: Look) -> World:
        """With a look at it."""
        return World(
            look,
            None if self.before is None else self.before.baseline,
            self.target,
            self._platform(look),
            self._request.answers,
        )

    def document(self, look: Look) -> Json:
        """What is said."""
        world = self.world(look)
        verdict = judge(world)
        baseline, facts = world.baseline, look.facts
        return {
            "schema": SCHEMA,
            "verdict": verdict.verdict,
            "because": list(verdict.because),
            "taken_at": iso(look.taken_at),
            "clock_synchronized": look.synchronized,
            "port": look.port,
            "iccid": None if isinstance(facts.iccid, Absent) else facts.iccid,
            "target": self.target,
            "order_id": None if self.before is None else self.before.order_id,
            "services": _services(verdict),
            "exclusions": _exclusions(verdict),
            "next_check_at": self._next(look),
            "cancelled_at": None if self.cancelled_at is None else iso(self.cancelled_at),
            "baseline": None if baseline is None else _baseline(self.before, world),
            "where": dict(look.where),
            "platform": self._told(look),
            "answers": self._request.answers._asdict(),
            "radio_cycle": {
                "done": look.cycled is True,
                "reason": look.cycled.reason if isinstance(look.cycled, Absent) else None,
            },
            "warnings": [{"id": "recycled", **RECYCLED._asdict()}] if verdict.recycled else [],
            "absent": dict(look.absent),
            "advice": verdict.advice._asdict(),
        }

    def _platform(self, look: Look) -> Platform:
        cycle, plan = self._rules.cycle, None if self._own is None else self._own.plan
        day = None if plan is None else plan.cycle_day
        zone = zone_of("+00:00" if cycle is None else cycle.zone)
        first_day = day or (None if cycle is None else cycle.first_day)
        state = self._state() if self._age(look) == FRESH else None
        return Platform(None if state == "unknown" else state, first_day, zone)

    def _state(self) -> str | None:
        own = self._own
        return None if own is None else state_of(own, self._platforms, named=self._named()).state

    def _named(self) -> str | None:
        return None if self.before is None else self.before.platform

    def _age(self, look: Look) -> str | None:
        own = self._own
        if own is None:
            return None
        return age_of(own.as_of, look.taken_at, synchronized=look.synchronized).word

    def _told(self, look: Look) -> Json | None:
        account = self._request.account
        if account is None:
            return None
        return {
            "name": account.platform,
            "state": self._state(),
            "as_of": iso(account.as_of),
            "age": self._age(look),
            "of_this_card": account.iccid == self.target,
        }

    def _cancelled(self, setup: Setup) -> datetime | None:
        """By the case's record, else by the account facts that say so."""
        if setup.state_dir is not None and self.target is not None:
            seen = seen_cancelled(setup.state_dir, self.target)
            if seen is not None:
                return seen
        own = self._own
        return own.as_of if own is not None and self._state() == CANCELLED else None

    def _next(self, look: Look) -> str | None:
        if self.cancelled_at is None or not look.synchronized:
            return None
        plan = None if self._own is None else self._own.plan
        planned = looks(self.cancelled_at, self._rules, None if plan is None else plan.cycle_day)
        moment = next_due(planned, look.taken_at)
        return None if moment is None else iso(moment)


def _services(verdict: Verdict) -> Json:
    found = {}
    for name in SERVICES:
        each = verdict.services[name]
        found[name] = {
            "baseline": each.baseline,
            "now": each.now.state,
            "how": each.now.how,
            "because": list(each.now.because),
        }
    return found


def _exclusions(verdict: Verdict) -> list[Json]:
    return [
        {
            "id": name,
            "held": held.held,
            "because": list(held.because),
            "what": in_both(partial(t, EXCLUSION_NAMES[name])),
        }
        for name, held in verdict.exclusions
    ]


def _baseline(before: Before | None, world: World) -> Json:
    assert before is not None
    assert world.baseline is not None
    return {
        "made_at": before.made_at,
        "public_key": before.public_key,
        **world.baseline.to_json(),
    }
