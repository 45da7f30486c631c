"""What to do about a modem that is gone, silent or half dead: the ladder. Pure.

Each kind of trouble has its own steps (`LADDER`). The light one, opening the port again, is taken
at once and with a growing pause. The heavy ones, a restart by AT command and the owner's power
hook, come when the trouble has lasted for a while, seldom, and only so often a day; each that was
taken is remembered over restarts of ours (`Past`), so that a loop of crashes cannot wear out a
modem. docs/adr/0004-the-recovery-ladder.md has the reasons.

What the network or the card does is no trouble of the modem's: a refused subscriber, a wrong APN,
a dead, missing or locked card never bring a step about, for none of them is here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from agent.i18n import mark
from agent.report import Stamp
from agent.trouble import Kind, Restraint, Trouble

Json = dict[str, Any]

HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0
PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Between tries to open the port; the last one again and again."""


class Step(StrEnum):
    """What can be done, from light to heavy."""

    FENCE = "fence"
    REOPEN = "reopen"
    REINIT = "reinit"
    RESET = "reset"
    POWER = "power"


LADDER: Final[Mapping[Kind, tuple[Step, ...]]] = {
    Kind.MISSING: (Step.REOPEN, Step.POWER),
    # Somebody else works with the modem, or the owner has to change something: no step of ours.
    Kind.TAKEN: (Step.REOPEN,),
    Kind.FORBIDDEN: (Step.REOPEN,),
    Kind.UNPLUGGED: (Step.REOPEN, Step.POWER),
    # Nothing can be written, so no command can restart it.
    Kind.STUCK: (Step.REOPEN, Step.POWER),
    Kind.SILENT: (Step.REOPEN, Step.RESET, Step.POWER),
    Kind.GARBLED: (Step.REOPEN, Step.RESET, Step.POWER),
    # Garbage from the first day on: the speed is the owner's to set.
    Kind.WRONG_SPEED: (Step.REOPEN,),
    Kind.HALF_DEAD: (Step.REOPEN, Step.RESET, Step.POWER),
}

LONGEST_TRY_S: Final = {
    # A silent command, five fences, one opening of the port.
    **dict.fromkeys(Kind, 20.0),
    # The fence closes each time: a whole reading of silent commands.
    Kind.HALF_DEAD: 200.0,
}
"""What a try costs before it counts as failed, seconds."""

RADIO_OFF: Final = mark("the radio was switched off by somebody")
NO_HOOK: Final = mark("no power hook is configured")
NO_RESET: Final = mark("restarts by AT command are switched off, or the modem has none")
ENOUGH_TODAY: Final = mark("done often enough today")
TOO_SOON: Final = mark("done only a short while ago")

_TRIES_A_DAY_WHILE_REFUSED: Final = 1


@dataclass
class Courtesy:
    """How the polling slows down while the network refuses for good: 1, 2, 4, ... `limit` times.

    Reading costs the network nothing, but a report that says the same costs the plan; and who sees
    a refused card should see a device that keeps quiet.
    """

    limit: int
    factor: int = 1

    def after(self, refused: bool) -> int:
        """How many intervals until the next sample."""
        current = self.factor if refused else 1
        self.factor = min(current * 2, self.limit) if refused else 1
        return current


# The ladder


@dataclass(frozen=True)
class Limits:
    """When heavy steps are due, and how often they may be taken."""

    at_reset: bool = True
    reset_after_s: float = 300.0
    resets_per_day: int = 4
    power_hook: bool = False
    power_after_s: float = 900.0
    powers_per_day: int = 3
    pause_s: float = 1800.0
    """Between two resets, or two power cycles; it doubles with each one of a day."""


@dataclass(frozen=True)
class Past:
    """A heavy step that was taken, and when."""

    step: Step
    stamp: Stamp

    def age_s(self, now: Stamp) -> float:
        """Seconds since, at least: over a boot nobody counted, unless both clocks were right."""
        if self.stamp.boot == now.boot:
            return max(0.0, now.up_s - self.stamp.up_s)
        by_the_wall = 0.0
        if self.stamp.at is not None and now.at is not None:
            passed = datetime.fromisoformat(now.at) - datetime.fromisoformat(self.stamp.at)
            by_the_wall = passed / timedelta(seconds=1)
        return max(now.up_s, by_the_wall)

    def to_json(self) -> Json:
        """For the journal."""
        return {"step": self.step.value, **self.stamp.body()}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "Past":
        """Back from the journal.

        Raises:
            KeyError, TypeError, ValueError: it is no entry.
        """
        at = entry.get("at")
        if at is not None:
            datetime.fromisoformat(at)
        stamp = Stamp(int(entry["boot"]), float(entry["up_s"]), at)
        return cls(Step(entry["step"]), stamp)


@dataclass
class Told:
    """Bounds how often the same event is said; what is left out is counted."""

    an_hour: int = 6
    left_out: int = 0
    _said: tuple[Stamp, ...] = ()

    def may_say(self, now: Stamp) -> bool:
        """Whether one more may be said now."""
        self._said = tuple(at for at in self._said if now.up_s - at.up_s < HOUR_S)
        if len(self._said) >= self.an_hour:
            self.left_out += 1
            return False
        self._said = (*self._said, now)
        return True

    def take_left_out(self) -> int:
        """How many were left out since this was asked last."""
        count, self.left_out = self.left_out, 0
        return count


@dataclass(frozen=True)
class Advice:
    """The next step, and why not a heavier one (None: none is due)."""

    step: Step
    held: str | None = None


@dataclass(frozen=True)
class Episode:
    """Trouble without a good answer in between, as it stands."""

    trouble: Trouble
    since: Stamp
    failures: int = 0
    held: str | None = None


@dataclass
class Ladder:
    """Where one modem stands. All times are stamps that are handed in."""

    limits: Limits
    past: tuple[Past, ...] = ()
    episode: Episode | None = None
    taken: dict[Step, int] = field(default_factory=lambda: dict.fromkeys(Step, 0))
    """Steps since this process started."""

    def failed(
        self, trouble: Trouble, now: Stamp, restraint: Restraint, *, can_reset: bool
    ) -> Advice:
        """What to do after a try that failed; `can_reset`: a command is known that restarts it."""
        before = self.episode or Episode(trouble, now)
        advice = self._advice(trouble, now, before, restraint, can_reset)
        self.episode = replace(
            before, trouble=trouble, failures=before.failures + 1, held=advice.held
        )
        return advice

    def answered(self, now: Stamp) -> float | None:
        """The modem is right: how long it was not, in seconds; None where nothing was wrong."""
        episode, self.episode = self.episode, None
        return None if episode is None else now.up_s - episode.since.up_s

    def take(self, step: Step, now: Stamp) -> None:
        """Count a step; a heavy one also counts in the days to come."""
        self.taken[step] += 1
        if step in {Step.RESET, Step.POWER}:
            young = tuple(past for past in self.past if past.age_s(now) < DAY_S)
            self.past = (*young, Past(step, now))

    def today(self, step: Step, now: Stamp) -> int:
        """How often a heavy step was taken in the last 24 hours."""
        return sum(past.step is step and past.age_s(now) < DAY_S for past in self.past)

    def pause_s(self, uniform: Callable[[float, float], float]) -> float:
        """Before the next try: longer with each, and never the same twice for all gateways."""
        failures = self.episode.failures if self.episode is not None else 1
        pause_s = PAUSES_S[min(failures, len(PAUSES_S)) - 1]
        return pause_s * uniform(0.5, 1.0)

    def _advice(
        self,
        trouble: Trouble,
        now: Stamp,
        episode: Episode,
        restraint: Restraint,
        can_reset: bool,
    ) -> Advice:
        lasted_s = now.up_s - episode.since.up_s
        held: str | None = None
        for step, after_s in (
            (Step.RESET, self.limits.reset_after_s),
            (Step.POWER, self.limits.power_after_s),
        ):
            if step not in LADDER[trouble.kind] or lasted_s < after_s:
                continue
            held = self._why_not(step, now, restraint, can_reset)
            if held is None:
                return Advice(step)
        return Advice(Step.REOPEN, held)

    def _why_not(self, step: Step, now: Stamp, restraint: Restraint, can_reset: bool) -> str | None:
        """What forbids a heavy step that is due; None where nothing does."""
        if restraint.radio_off:  # a restart would switch it on again
            return RADIO_OFF
        resets = step is Step.RESET
        if not (self.limits.at_reset and can_reset if resets else self.limits.power_hook):
            return NO_RESET if resets else NO_HOOK
        allowed = self.limits.resets_per_day if resets else self.limits.powers_per_day
        if restraint.refused:  # each restart makes the modem try the network again
            allowed = min(allowed, _TRIES_A_DAY_WHILE_REFUSED)
        done = self.today(step, now)
        if done >= allowed:
            return ENOUGH_TODAY
        latest = min((p.age_s(now) for p in self.past if p.step is step), default=DAY_S)
        if done and latest < self.limits.pause_s * 2 ** (done - 1):
            return TOO_SOON
        return None

    def bound_s(self, kind: Kind, cure: Step, ready_s: float, hook_s: float = 0.0) -> float:
        """Seconds after which a trouble that `cure` cures is over at the latest, if limits allow.

        Until the cure is due, one more pause and a failing try may pass; then it takes its own
        time, and what was not ready in time is tried again after another pause.
        """
        due_s = {Step.RESET: self.limits.reset_after_s, Step.POWER: self.limits.power_after_s}
        own_s = {Step.RESET: ready_s, Step.POWER: ready_s + hook_s}
        waits_s = 2 * (PAUSES_S[-1] + LONGEST_TRY_S[kind])
        return due_s.get(cure, 0.0) + own_s.get(cure, 0.0) + waits_s


def past_from_json(entries: Iterable[Mapping[str, Any]]) -> tuple[Past, ...]:
    """The journal's entries.

    Raises:
        KeyError, TypeError, ValueError: one of them is none.
    """
    return tuple(Past.from_json(entry) for entry in entries)
