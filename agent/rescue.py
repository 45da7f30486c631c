"""Carries out what the ladder advises for one modem, and says what was done.

Runs in the modem's own thread. A heavy step is in the journal before it is taken: a crash in the
middle of it, again and again, does not take it again and again.
"""

import json
import logging
import random
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from agent.config import Modem, Settings
from agent.jobs import Happened
from agent.modem_session import ModemSession
from agent.power_hook import HookResult, run_power_hook
from agent.recovery import PAUSES_S, Courtesy, Ladder, Limits, Past, Step, Told
from agent.report import Stamp
from agent.state_dir import replace_file
from agent.trouble import Restraint, Trouble, restraint_of, trouble_of
from modem.errors import ModemError
from modem.snapshot import ModemSnapshot

Json = dict[str, Any]

BOOT_S: Final = 60.0
"""The lines of one start of a modem come within this time."""
READY_S: Final = 30.0
"""What a modem of an unknown family gets to start."""
LASTING_S: Final = 300.0
"""A loss of this length is said, however many short ones were said before it."""

_logger = logging.getLogger(__name__)


def rescuer_of(
    settings: Settings,
    entry: Modem,
    *,
    emit: Callable[[Happened], None],
    stamp: Callable[[], Stamp],
) -> "Rescuer":
    """The rescuer of one configured modem."""
    recovery = settings.recovery
    hook, timeout_s = recovery.power_hook, recovery.power_hook_timeout_s
    journal = settings.device.state_dir / f"recovery-{entry.slot}.json"
    return Rescuer(
        Limits(
            at_reset=recovery.at_reset,
            reset_after_s=recovery.reset_after_s,
            resets_per_day=recovery.resets_per_day,
            power_hook=hook is not None,
            power_after_s=recovery.power_after_s,
            powers_per_day=recovery.powers_per_day,
        ),
        slot=entry.slot,
        port=entry.port,
        emit=emit,
        stamp=stamp,
        journal=RecoveryJournal(journal, f"{entry.port} {entry.baudrate}"),
        power=None if hook is None else partial(run_power_hook, hook, timeout_s),
        reject_backoff=recovery.reject_backoff,
        longest_pause_s=settings.report.interval_s,
    )


class RecoveryJournal:
    """What outlives a restart of ours: the heavy steps, and that a modem answered at this port.

    `port` names port and speed: what another one did says nothing.
    """

    def __init__(self, path: Path, port: str) -> None:
        self._path = path
        self._port = port

    def read(self, now: Stamp) -> tuple[bool, tuple[Past, ...]]:
        """Whether a modem ever answered at this port, and the steps of late.

        What cannot be read counts as one of each step taken just now.
        """
        try:
            facts = json.loads(self._path.read_text(encoding="utf-8"))
            past = tuple(Past.from_json(entry) for entry in facts["steps"])
        except FileNotFoundError:
            return False, ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            _logger.warning("the recovery journal %s is unreadable: %s", self._path, error)
            return False, (Past(Step.RESET, now), Past(Step.POWER, now))
        return facts.get("port") == self._port, past

    def write(self, past: tuple[Past, ...], *, worked: bool) -> bool:
        """Whether it is on the disk."""
        facts = {
            "port": self._port if worked else None,
            "steps": [each.to_json() for each in past],
        }
        try:
            replace_file(self._path, json.dumps(facts) + "\n")
        except OSError as error:
            _logger.warning("the recovery journal cannot be written: %s", error.strerror)
            return False
        return True


class Rescuer:
    """One modem's ladder with its hands: session, power hook, journal, events."""

    def __init__(
        self,
        limits: Limits,
        *,
        slot: int,
        port: str,
        emit: Callable[[Happened], None],
        stamp: Callable[[], Stamp],
        journal: RecoveryJournal | None = None,
        power: Callable[[Mapping[str, str]], HookResult] | None = None,
        reject_backoff: int = 1,
        longest_pause_s: float = PAUSES_S[-1],
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """`power` runs the power hook with what is to be in its environment.

        `longest_pause_s` between two tries: who samples every second wants it back soon.
        """
        self._slot = slot
        self._port = port
        self._emit = emit
        self._stamp = stamp
        self._journal = journal
        self._power = power
        self._longest_pause_s = longest_pause_s
        self._uniform = uniform
        self._worked, past = (False, ()) if journal is None else journal.read(stamp())
        self._ladder = Ladder(limits, past)
        self._restraint = Restraint()
        self._courtesy = Courtesy(reject_backoff)
        self._lost_told, self._restart_told = Told(), Told()
        self._loss_unsaid = False
        self._quiet_until = 0.0  # up_s: boot lines until then belong to a start that was said
        self._last_step: Json | None = None

    # What the worker learns

    def answered(self, snapshot: ModemSnapshot) -> int:
        """A good sample came; how many intervals to wait for the next one."""
        now = self._stamp()
        lost_s = self._ladder.answered(now)
        if lost_s is not None:
            _logger.warning("modem back port=%s after_s=%.0f", self._port, lost_s)
        if not self._worked:
            self._worked = True
            self._write_journal(self._ladder.past)
        before, self._restraint = self._restraint, restraint_of(snapshot)
        if self._restraint != before:
            self._say_restraint()
        return self._courtesy.after(bool(self._restraint.refused))

    def started_by_itself(self) -> None:
        """The modem's boot lines came: said once a start, which shows in several lines."""
        now = self._stamp()
        if now.up_s >= self._quiet_until:
            _logger.warning("modem restarted port=%s", self._port)
            self._tell("modem_restarted", self._restart_told, now, {})
        self._quiet_until = now.up_s + BOOT_S

    def prepared_again(self) -> None:
        """The modem was set up anew: it had lost its settings."""
        self._ladder.take(Step.REINIT, self._stamp())

    # What is done about trouble

    def gone(self, reason: str, session: ModemSession | None) -> float:
        """Take the next step; the seconds until the next try."""
        return self.troubled(trouble_of(reason, worked=self._worked), session)

    def troubled(self, trouble: Trouble, session: ModemSession | None) -> float:
        """As `gone`, for trouble of a kind that is known."""
        now = self._stamp()
        self._say_lost(trouble, now)
        restart = None if session is None else session.restart_command
        advice = self._ladder.failed(trouble, now, self._restraint, can_reset=restart is not None)
        done = False
        if advice.step is Step.RESET and session is not None and restart is not None:
            done = self._reset(session, restart, trouble, now)
        elif advice.step is Step.POWER and self._power is not None:
            done = self._cut_power(self._power, trouble, now)
        if done:
            return READY_S if session is None else session.ready_s
        self._ladder.take(Step.REOPEN, now)
        return min(self._ladder.pause_s(self._uniform), self._longest_pause_s)

    def _reset(self, session: ModemSession, command: str, trouble: Trouble, now: Stamp) -> bool:
        """Whether the restart command went out."""
        if not self._record(Step.RESET, now):
            return False
        self._expect_start()
        try:
            session.restart()
        except (ModemError, OSError) as error:
            _logger.warning("the restart cannot be sent port=%s: %s", self._port, error)
            return False
        self._done(Step.RESET, trouble, now, {"command": command})
        self._emit_step("modem_restarted", Step.RESET, trouble, now, {"command": command})
        return True

    def _cut_power(
        self, power: Callable[[Mapping[str, str]], HookResult], trouble: Trouble, now: Stamp
    ) -> bool:
        """Whether the hook ran; that it failed is said, and that is all one can do."""
        if not self._record(Step.POWER, now):
            return False
        _logger.warning("power hook starts port=%s reason=%s", self._port, trouble.reason)
        result = power(
            {
                "SIMWARD_PORT": self._port,
                "SIMWARD_SLOT": str(self._slot),
                "SIMWARD_REASON": trouble.kind.value,
            }
        )
        facts: Json = {"exit": result.exit_code, "output": result.output}
        if result.reason is not None:
            facts["problem"] = result.reason
        self._done(Step.POWER, trouble, now, facts)
        code = "modem_restarted" if result.reason is None else "modem_lost"
        self._emit_step(code, Step.POWER, trouble, now, facts)
        return True

    def _record(self, step: Step, now: Stamp) -> bool:
        """Whether a heavy step is counted where a crash cannot make us forget it."""
        past = (*self._ladder.past, Past(step, now))
        if not self._write_journal(past):
            return False
        self._ladder.take(step, now)
        return True

    def _write_journal(self, past: tuple[Past, ...]) -> bool:
        return self._journal is None or self._journal.write(past, worked=self._worked)

    # What is said

    def _say_lost(self, trouble: Trouble, now: Stamp) -> None:
        """Once an episode; one that the hour's limit left out is said when it lasts."""
        episode = self._ladder.episode
        if episode is None:
            _logger.warning("modem lost port=%s reason=%s", self._port, trouble.reason)
            self._loss_unsaid = not self._tell("modem_lost", self._lost_told, now, _words(trouble))
        elif self._loss_unsaid and now.up_s - episode.since.up_s >= LASTING_S:
            self._loss_unsaid = False
            self._lost_told.left_out -= 1  # this one
            self._say("modem_lost", self._lost_told, now, _words(trouble))

    def document(self, session: ModemSession | None, interval_s: float) -> Json | None:
        """The section `recovery` of a status; None where there is nothing to tell."""
        now = self._stamp()
        ladder, episode = self._ladder, self._ladder.episode
        steps = {step.value: count for step, count in ladder.taken.items()}
        steps[Step.FENCE] = 0 if session is None else session.engine.fences_closed
        today = {step.value: ladder.today(step, now) for step in (Step.RESET, Step.POWER)}
        calm = not self._restraint.refused and not self._restraint.radio_off
        if calm and episode is None and not any(steps.values()) and not any(today.values()):
            return None
        document: Json = {"state": "ok", "steps": steps, "last_24_h": today}
        if self._restraint.radio_off:
            document["state"] = "radio_off"
        if self._restraint.refused:
            document["state"] = "holding_back"
            document["refused"] = dict(self._restraint.refused)
            document["interval_s"] = interval_s
        if episode is not None:
            document["state"] = "trouble"
            document["trouble"] = {
                "kind": episode.trouble.kind.value,
                "reason": episode.trouble.reason,
                "lasted_s": round(now.up_s - episode.since.up_s),
                "tries": episode.failures,
                **({} if episode.held is None else {"held": episode.held}),
            }
        if self._last_step is not None:
            document["last_step"] = self._last_step
        return document

    def _tell(self, code: str, told: Told, now: Stamp, args: Json) -> bool:
        """Say it, if that was not said too often of late; whether it was said."""
        may_say = told.may_say(now)
        if may_say:
            self._say(code, told, now, args)
        return may_say

    def _say(self, code: str, told: Told, now: Stamp, args: Json) -> None:
        if left_out := told.take_left_out():
            args = {**args, "left_out": left_out}
        self._emit(Happened(code, {"slot": self._slot, **args}, now))

    def _emit_step(
        self, code: str, step: Step, trouble: Trouble, now: Stamp, facts: Mapping[str, Any]
    ) -> None:
        self._expect_start()
        since = self._ladder.episode.since if self._ladder.episode is not None else now
        args = {
            "slot": self._slot,
            "step": step.value,
            **_words(trouble),
            "lost_s": round(now.up_s - since.up_s),
            "count": self._ladder.today(step, now),
            **facts,
        }
        self._emit(Happened(code, args, self._stamp()))

    def _expect_start(self) -> None:
        """The boot lines that follow are those of the start that we brought about."""
        self._quiet_until = self._stamp().up_s + READY_S + BOOT_S

    def _done(self, step: Step, trouble: Trouble, now: Stamp, facts: Mapping[str, Any]) -> None:
        _logger.warning("recovery step=%s port=%s %s", step.value, self._port, dict(facts))
        self._last_step = {"step": step.value, **_words(trouble), **now.body(), **facts}

    def _say_restraint(self) -> None:
        refused = " ".join(f"{domain}={cause}" for domain, cause in self._restraint.refused)
        if refused:
            _logger.warning(
                "the network refuses for good port=%s %s: no restarts, fewer samples",
                self._port,
                refused,
            )
        if self._restraint.radio_off:
            _logger.warning("the radio is off port=%s: left so", self._port)


def _words(trouble: Trouble) -> Json:
    return {"reason": trouble.reason, "trouble": trouble.kind.value}
