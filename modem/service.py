"""One snapshot of a modem, in the domain's words.

Asked briefly, a part gives its core facts with the fewest commands: so are `modem`, `sim`,
`registration` and `signal` where they are named together. Else a part gives everything.
"""

from collections.abc import Callable
from datetime import datetime

from modem.interview import CARD_MOVED, Asker, Interview
from modem.rejects import RejectLog
from modem.snapshot import (
    ASKED_ALONE,
    NOT_ASKED,
    FacilityLocks,
    LastError,
    ModemIdentity,
    ModemSnapshot,
    OperatorFacts,
    PacketFacts,
    Registration,
    SignalFacts,
    SimFacts,
    UsageCounters,
    without_doubtful,
)
from modem.vendors.profile import Profile
from modem.vendors.select import GENERIC, load_profile, select_profile
from sim.reading import Absent, Reading, absent

PARTS = frozenset(
    {"modem", "sim", "registration", "operator", "signal", "packet", "usage", "locks"}
)
_CORE = frozenset({"modem", "sim", "registration", "signal"})
_EF_ICCID = "EF.ICCID"
_CARD_S = 1.0
"""Nobody changes a card faster; some modems take seconds to notice."""
_MOST_COMMANDS = 35
"""Of a registered modem, in all; an eUICC adds those of its channel."""
_TO_COMPARE = 2
"""That many of them `compare_card` may want at the end."""
_NO_PROFILE = "no profile for this modem, asked as generic_3gpp"


def import_parts() -> None:
    """Import what nearly every snapshot needs, which its first use would do as well."""
    import modem.parts.card
    import modem.parts.network
    import modem.parts.registration  # noqa: F401


class ModemService:
    """Asks one modem through its profile; `profile` None has it chosen by what the modem says.

    `rejects` is what its session heard between the snapshots; a snapshot ends what is over.
    """

    def __init__(
        self,
        engine: Asker,
        *,
        profile: Profile | None = None,
        now: Callable[[], datetime],
        slot: int = 1,
        rejects: RejectLog | None = None,
    ) -> None:
        self._engine = engine
        self._profile = profile
        self._now = now
        self._slot = slot
        self._rejects = rejects if rejects is not None else RejectLog()
        self._interview: Interview | None = None

    def read(
        self,
        parts: frozenset[str] | None = None,
        *,
        sample: bool = False,
    ) -> ModemSnapshot:
        """The named parts, or all of it; a refused or silent command costs its own fact alone.

        `sample`, for a report: of named parts the core facts are enough; of a modem that is
        registered nowhere, also whether its radio is on, of any other where it is.

        What was interrupted, by a restart of the modem or by another card, is read once more as a
        whole; interrupted again, it is absent for that reason. That the card is still the same is
        asked at the end of a full reading, of one that took long, and of each `sample`.

        Raises:
            PortError: the port went away before anything was read; later, `lost` says so.
            ValueError: a part that does not exist.
        """
        if parts is not None and (unknown := parts - PARTS):
            raise ValueError(f"no such part: {min(unknown)}")
        wanted = PARTS if parts is None else parts
        ask = Interview(self._engine, self._profile or load_profile(GENERIC), self._now)
        before = self._engine.commands_sent
        reader = _Reader(
            ask,
            wanted,
            everything=parts is None,
            brief=parts is not None and (sample or parts >= _CORE),
            choose=self._profile is None,
            slot=self._slot,
            heard=self._rejects,
        )
        self._interview = ask
        try:
            snapshot = reader.read(sample=sample)
            if ask.interrupted is not None and ask.lost is None:
                ask.forget()
                snapshot = reader.read(sample=sample)
            if ask.interrupted is not None:
                snapshot = without_doubtful(snapshot, ask.interrupted)
        finally:
            self._interview = None
            ask.settle()
        return snapshot._replace(commands_sent=self._engine.commands_sent - before)

    def hear_start(self) -> None:
        """Note, for a reading under way, that the modem said that it started."""
        if self._interview is not None:
            self._interview.hear_start()

    def hear_card(self) -> None:
        """Note, for a reading under way, that the modem said that its card moved."""
        if self._interview is not None:
            self._interview.hear_card()


class _Reader:
    """One snapshot in the making: the order in which the parts are asked."""

    def __init__(
        self,
        ask: Interview,
        wanted: frozenset[str],
        *,
        everything: bool,
        brief: bool,
        choose: bool,
        slot: int,
        heard: RejectLog,
    ) -> None:
        self._ask = ask
        self._wanted = wanted
        self._everything = everything
        self._brief = brief
        self._choose = choose
        self._slot = slot
        self._heard = heard

    def read(self, *, sample: bool) -> ModemSnapshot:
        """The parts in their order, and then whether the card stayed the same."""
        before = self._ask.engine.commands_sent
        snapshot = self._with_rejects(self._parts())
        room = sample or self._ask.engine.commands_sent - before < _MOST_COMMANDS - _TO_COMPARE
        snapshot = self._with_eid(snapshot, room=room)
        if sample:
            snapshot = self._with_more(snapshot)
        if snapshot.sim is not None and (sample or self._may_be_another(snapshot.sim)):
            snapshot = snapshot._replace(sim=self._compared(snapshot.sim))
        return snapshot._replace(lost=self._ask.lost)

    def _may_be_another(self, card: SimFacts) -> bool:
        """Whether somebody could have changed the card since it was read, or asking is cheap."""
        by_modem = card.iccid.known is not None and card.iccid.source != _EF_ICCID
        if self._ask.card_moved or not (self._brief or by_modem):
            return True  # which mostly costs no command: see `compare_card`
        taken_at = card.iccid.taken_at or card.state.taken_at
        return taken_at is not None and (self._ask.now() - taken_at).total_seconds() > _CARD_S

    def _compared(self, card: SimFacts) -> SimFacts:
        from modem.parts.card import compare_card

        facts, same = compare_card(self._ask, card, full=not self._brief)
        if not same and self._ask.interrupted is None:
            self._ask.interrupted = CARD_MOVED
        return facts

    def _parts(self) -> ModemSnapshot:
        ask, wanted = self._ask, self._wanted
        last_error = self._last_error() if self._everything else None
        identity = self._identity()
        sim = self._sim() if "sim" in wanted else None
        registration = self._registration() if "registration" in wanted else None
        if identity is not None and self._brief:
            identity = self._with_functionality(identity, registration)
        if last_error is not None and registration is not None:
            last_error = self._with_reject(last_error, registration)
        return ModemSnapshot(
            profile=ask.profile.name,
            identity=identity,
            sim=sim,
            registration=registration,
            operator=self._operator() if "operator" in wanted else None,
            signal=self._signal() if "signal" in wanted else None,
            packet=self._packet() if "packet" in wanted else None,
            usage=self._usage() if "usage" in wanted else None,
            locks=self._locks() if "locks" in wanted else None,
            last_error=last_error,
            warnings=(_NO_PROFILE,) if ask.profile.name == GENERIC and self._choose else (),
        )

    def _wants(self, fact: str) -> bool:
        """Whether a fact of the modem itself is asked for, or left out to be brief."""
        return not (self._brief and fact in self._ask.profile.not_asked_briefly)

    def _with_rejects(self, snapshot: ModemSnapshot) -> ModemSnapshot:
        """Asked last: what was heard while the parts were read counts too."""
        if snapshot.registration is None:
            return snapshot
        from modem.parts.rejects import last_error_of, read_rejects

        rejects = read_rejects(self._ask, self._heard, snapshot)
        last_error = snapshot.last_error
        if last_error is not None and not _names_a_cause(last_error):
            last_error = last_error_of(rejects) or last_error
        return snapshot._replace(rejects=rejects, last_error=last_error)

    def _last_error(self) -> Reading[LastError]:
        """Asked before all else: the next refused command would overwrite it."""
        from modem.commands.control import ReadLastError

        self._ask.want_numeric_errors()
        return self._ask.ask(ReadLastError())

    def _with_reject(
        self, last_error: Reading[LastError], registration: Registration
    ) -> Reading[LastError]:
        """Where +CEER names no cause: what the family's own command says of the refusal."""
        from modem.parts.registration import is_registered

        if _names_a_cause(last_error) or is_registered(registration):
            return last_error
        own: Reading[LastError] = self._ask.ladder("reject")
        return own if own.known is not None else last_error

    def _identity(self) -> ModemIdentity | None:
        """Maker and model choose the profile, so they are asked even where nobody wants them."""
        from modem.parts.identity import (
            read_functionality,
            read_imei,
            read_maker,
            read_revision,
        )

        wanted = "modem" in self._wanted
        maker = None
        if wanted or self._choose:
            maker = read_maker(self._ask, select_profile if self._choose else None)
        profile = self._ask.profile
        self._ask.engine.configure(
            extra_finals=profile.extra_finals,
            urc_prefixes=profile.urc_prefixes,
            guard_s=profile.guard_s,
        )
        if maker is None or not wanted:
            return None
        return ModemIdentity(
            manufacturer=maker.manufacturer,
            model=maker.model,
            revision=read_revision(self._ask) if self._wants("revision") else absent(NOT_ASKED),
            imei=read_imei(self._ask),
            functionality=read_functionality(self._ask) if not self._brief else absent(NOT_ASKED),
        )

    def _with_functionality(
        self, identity: ModemIdentity, registration: Registration | None
    ) -> ModemIdentity:
        """Asked briefly, a registered modem has its radio on; any other is asked."""
        from modem.parts.identity import read_functionality
        from modem.parts.registration import is_registered

        if registration is not None and is_registered(registration):
            return identity
        return identity._replace(functionality=read_functionality(self._ask))

    def _with_eid(self, snapshot: ModemSnapshot, *, room: bool) -> ModemSnapshot:
        """With the eUICC's number, where the card was asked in full and has shown itself.

        A registered modem is not asked where there is no `room` left in its few commands.
        """
        from modem.parts.euicc import read_eid
        from modem.parts.registration import is_registered

        sim, registration = snapshot.sim, snapshot.registration
        if sim is None or self._brief or sim.eid.reason != NOT_ASKED:
            return snapshot
        if not room and registration is not None and is_registered(registration):
            return snapshot._replace(sim=sim._replace(eid=absent(ASKED_ALONE)))
        return snapshot._replace(sim=sim._replace(eid=read_eid(self._ask)), lost=self._ask.lost)

    def _with_more(self, snapshot: ModemSnapshot) -> ModemSnapshot:
        """Where a registered modem is; of any other whether its radio is on, if not asked yet."""
        from modem.parts.identity import read_functionality
        from modem.parts.registration import is_registered, with_place

        if snapshot.registration is None:
            return snapshot
        if is_registered(snapshot.registration):
            placed = with_place(self._ask, snapshot.registration)
            return snapshot._replace(registration=placed)
        if snapshot.identity is not None:
            return snapshot
        return snapshot._replace(functionality=read_functionality(self._ask))

    def _sim(self) -> SimFacts:
        from modem.parts.card import read_card

        return read_card(self._ask, self._slot, full=not self._brief)

    def _registration(self) -> Registration:
        from modem.parts.registration import read_registration

        return read_registration(self._ask, full=not self._brief)

    def _operator(self) -> OperatorFacts:
        from modem.parts.network import read_operator

        return read_operator(self._ask)

    def _signal(self) -> SignalFacts:
        from modem.parts.network import read_signal

        return read_signal(self._ask, full=not self._brief)

    def _packet(self) -> PacketFacts:
        from modem.parts.packet import read_packet

        return read_packet(self._ask)

    def _usage(self) -> Reading[UsageCounters]:
        from modem.parts.packet import read_usage

        return read_usage(self._ask)

    def _locks(self) -> FacilityLocks:
        from modem.parts.packet import read_locks

        return read_locks(self._ask)


def _names_a_cause(error: Reading[LastError]) -> bool:
    return error.known is not None and not isinstance(error.known.cause, Absent)
