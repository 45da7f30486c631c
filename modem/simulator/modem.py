"""A simulated modem: bytes in, bytes out, state inside, time as an argument.

It shares no code with the client side; what it does not simulate stands in `docs/simulators.md`.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from modem.simulator.answers import answerer
from modem.simulator.card_slot import Card, load_card
from modem.simulator.device import (
    CommandReader,
    TimedOutput,
    earliest,
    no_wake,
    pieces,
    same_command,
)
from modem.simulator.fixture import FixtureError
from modem.simulator.network_answers import registration_fields
from modem.simulator.profile import DOMAIN_COMMANDS, CannedAnswer, ModemProfile
from modem.simulator.request import read_request
from modem.simulator.scenario import Step
from modem.simulator.state import CAMPED_STATS, DomainState, ModemState, Refused

_CME_TEXTS = {
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    16: "incorrect password",
    50: "Incorrect parameters",
    148: "unspecified GPRS error",
}
_NUMERIC_FINALS = {"OK": "0", "ERROR": "4"}
_BASIC = frozenset({"AT", "ATE", "ATE0", "ATE1", "ATV0", "ATV1", "ATQ0", "ATH", "ATZ", "AT&F"})
_LAYERS = {"cs": "MM", "ps": "GMM", "eps": "EMM", "nr5g": "5GMM"}
_NOW = float("-inf")


class SimulatedModem:
    """One modem with one card slot; see the `Device` protocol.

    `log` holds each command with the time at which it came; `log_file` gets a line per command:
    time, command and answer lines (joined by `|`), between tabs. The methods that change the
    state may be called from any thread; the port that serves the modem is woken.
    """

    def __init__(
        self,
        profile: ModemProfile,
        card: Card | None,
        *,
        scenario: Sequence[Step] = (),
        log_file: TextIO | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self.profile = profile
        self.state = ModemState(profile, card)
        self.log: list[tuple[float, str]] = []
        self._log_file = log_file
        self._reader = CommandReader()
        self._output = TimedOutput()
        self._steps = list(scenario)
        self._started_at: float | None = None
        self._busy_until = _NOW
        self._periodic_at: list[float] = []
        self._shown = self.state.domains()
        self._spare_card: Card | None = None
        self._wake: Callable[[], None] = no_wake

    @classmethod
    def load(
        cls,
        name: str | Path,
        card: str | Path | None = None,
        *,
        scenario: Sequence[Step] = (),
        log_file: TextIO | None = None,
    ) -> "SimulatedModem":
        """The shipped modem `name` with the shipped card `card`: None its own, empty none.

        Raises:
            FixtureError: no such fixture, or one that does not fit.
        """
        profile = ModemProfile.load(name)
        chosen = profile.card.file if card is None else card
        inside = load_card(chosen) if chosen else None
        modem = cls(profile, inside, scenario=scenario, log_file=log_file)
        modem.check_templates(str(name))
        return modem

    def check_templates(self, file: str) -> None:
        """See that every template of the profile can be filled; `file` names it in errors.

        Raises:
            FixtureError: one names a value that there is not; `place` is its command.
        """
        for command, answer in self.profile.answers.items():
            self._check(file, command, answer.lines)
        urcs = self.profile.urcs
        lines = [*urcs.boot, *urcs.card_removed, *urcs.card_inserted, *urcs.reject]
        lines += [urc.line for urc in urcs.periodic]
        self._check(file, "urcs", lines)
        self._check(file, "style.error_text", [self.profile.style.error_text])

    def _check(self, file: str, place: str, lines: Sequence[str]) -> None:
        values = {"cause": 0, "layer": "", **self.state.values()}
        try:
            for line in lines:
                line.format_map(values)
        except (KeyError, ValueError) as exc:
            raise FixtureError(file, place, "unknown name in a template") from exc

    # The Device protocol

    def receive(self, data: bytes, now: float) -> None:
        """Take what the client typed; a modem that boots hears nothing."""
        with self._lock:
            self._advance(now)
            for piece in pieces(data):
                if now < self._busy_until:
                    continue
                if self.state.echo:
                    self._output.put(now, piece.replace(b"\n", b""))
                command = self._reader.feed(piece)
                if command is not None:
                    self._obey(command, now)

    def poll(self, now: float) -> bytes:
        """The bytes that are due."""
        with self._lock:
            self._advance(now)
            return self._output.take(now)

    def next_event_at(self) -> float | None:
        """When something happens by itself."""
        with self._lock:
            step_at = None
            if self._steps:
                # Not started: at once, for the scenario's clock to begin.
                step_at = (
                    _NOW if self._started_at is None else self._started_at + self._steps[0].at_s
                )
            return earliest(self._output.next_at(), step_at, *self._periodic_at)

    def take_hang_up(self) -> bool:
        """A modem without fault never drops the line."""
        return False

    def reboot(self, now: float) -> None:
        """Lose power: settings go back, the boot lines come when the modem answers again."""
        with self._lock:
            self.state.power_on()
            self._busy_until = now + self.profile.style.boot_s
            self.state.restart_counting(self._busy_until)
            for line in self.profile.urcs.boot:
                self._say(self._filled(line), self._busy_until)
            self._shown = self.state.domains()
            self._wake()

    def attach(self, wake: Callable[[], None]) -> None:
        """See `Device.attach`."""
        self._wake = wake

    # What the world does to the modem

    def set_registration(
        self, domain: str, stat: int, *, cause_type: int = 0, cause: int | None = None
    ) -> None:
        """Change the registration in `domain` (`cs`, `ps`, `eps`, `nr5g`); its URC follows."""
        with self._lock:
            self._change_domain(domain, stat=stat, cause_type=cause_type, cause=cause)
            self._show_registration()

    def insert_card(self, card: Card | None = None) -> None:
        """Put `card` in, or the one that was taken out."""
        with self._lock:
            self.state.card = card or self._spare_card or self.state.card
            if self.state.card is not None:
                self.state.card.reset()
            self._announce(self.profile.urcs.card_inserted)

    def remove_card(self) -> None:
        """Take the card out."""
        with self._lock:
            self._spare_card = self.state.card or self._spare_card
            self.state.card = None
            self.state.sessions.clear()
            self._announce(self.profile.urcs.card_removed)

    def grow_usage(self, tx: int, rx: int) -> None:
        """Let `tx` and `rx` more bytes have flowed."""
        with self._lock:
            self.state.tx_bytes += tx
            self.state.rx_bytes += rx

    def urc(self, line: str) -> None:
        """Say `line` by itself."""
        with self._lock:
            self._say(line, _NOW)
            self._wake()

    # The inside

    def _advance(self, now: float) -> None:
        self.state.count(now)
        if self._started_at is None:
            self._started_at = now
            self._periodic_at = [now + urc.every_s for urc in self.profile.urcs.periodic]
        while self._steps and self._started_at + self._steps[0].at_s <= now:
            self._take(self._steps.pop(0), now)
        for number, urc in enumerate(self.profile.urcs.periodic):
            if self._periodic_at[number] <= now:
                self._periodic_at[number] = now + urc.every_s
                self._say(self._filled(urc.line), now)

    def _take(self, step: Step, now: float) -> None:
        for group, values in step.changes.items():
            if group == "signal":
                self.state.signal = replace(self.state.signal, **values)
            elif group == "usage":
                for name, value in values.items():
                    setattr(self.state, name, float(value))
            elif group in self.state.registration:
                self._change_domain(group, **{"cause": None, **values})
        if step.card == "remove":
            self.remove_card()
        elif step.card == "insert":
            self.insert_card()
        if step.urc:
            self.urc(step.urc)
        if step.reboot:
            self.reboot(now)
        self._show_registration()

    def _change_domain(self, domain: str, **changes: object) -> None:
        self.state.set_domain(domain, **changes)
        cause = changes.get("cause")
        if cause is not None:
            values = {"cause": cause, "layer": _LAYERS[domain], **self.state.values()}
            self.state.last_error = self.profile.style.error_text.format_map(values)
            for line in self.profile.urcs.reject:
                self._say(line.format_map(values), _NOW)

    def _show_registration(self) -> None:
        """Say what changed to those who asked to be told (`<n>` at least 1)."""
        before, self._shown = self._shown, self.state.domains()
        for domain, state in self._shown.items():
            form = self.state.reports[domain]
            if form and _differs(before[domain], state, form):
                fields = registration_fields(domain, state, form)
                self._say(f"{DOMAIN_COMMANDS[domain]}: {fields}", _NOW)
        self._wake()

    def _announce(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._say(self._filled(line), _NOW)
        self._show_registration()

    def _filled(self, line: str) -> str:
        return line.format_map(self.state.values()) if "{" in line else line

    def _say(self, line: str, at: float) -> None:
        self._output.put(at, f"\r\n{line}\r\n".encode())

    def _obey(self, command: str, now: float) -> None:
        self.log.append((now, command))
        canned = self.profile.answers.get(same_command(command))
        try:
            if canned is not None:
                lines = self._canned(canned)
            else:
                canned = CannedAnswer(command)
                lines = self._answer(command)
            final = canned.final
        except Refused as refused:
            lines, final = [], self._error(refused.code)
        self._log_answer(now, command, [*lines, final])
        if not canned or not canned.never:
            first = canned is not None and canned.final_first
            self._output.put(now, self._rendered(lines, final, first))
        self._after(command, now)

    def _canned(self, canned: CannedAnswer) -> list[str]:
        if canned.needs == "card":
            self.state.ready_card()
        if canned.needs == "powered":
            self.state.powered_card()
        if canned.needs == "network" and not self.state.camped:
            return list(canned.otherwise)
        values = self.state.values()
        return [line.format_map(values) for line in canned.lines]

    def _answer(self, command: str) -> list[str]:
        plain = same_command(command)
        if plain in _BASIC:
            self._obey_basic(plain)
            return []
        if ";" in command:  # concatenated commands break real modems; this one refuses them
            raise Refused(-1)
        request = read_request(command)
        answer = None if request is None else answerer(self.state, request)
        if request is None or answer is None:
            raise Refused(-1)
        return [self._styled(line) for line in answer(self.state, request)]

    def _styled(self, line: str) -> str:
        separator = self.profile.style.separator
        return line if separator == ": " else line.replace(": ", separator, 1)

    def _obey_basic(self, command: str) -> None:
        if command.startswith("ATE"):
            self.state.echo = command == "ATE1"
        elif command.startswith("ATV"):
            self.state.verbose = command == "ATV1"
        elif command in {"ATZ", "AT&F"}:
            self.state.echo = self.profile.style.echo
            self.state.verbose = True

    def _after(self, command: str, now: float) -> None:
        """What a command does beyond its answer."""
        plain = same_command(command)
        if plain in self.profile.usage.reset_commands:
            self.state.tx_bytes = self.state.rx_bytes = 0.0
        if plain in self.profile.reboot_commands:
            self.reboot(now)
        if "=" in plain:  # only a setting can move the registration
            self._show_registration()

    def _error(self, code: int) -> str:
        """The final result of a refused command; code -1 is a command that this modem lacks."""
        if self.profile.style.error_text_volatile:
            self.state.last_error = ""
        if code < 0:
            unknown = self.profile.style.unknown
            if not unknown.startswith("cme:"):
                return unknown
            code = int(unknown.removeprefix("cme:"))
        if self.state.cmee == 0:
            return "ERROR"
        text = _CME_TEXTS.get(code, "unknown") if self.state.cmee == 2 else code
        return f"+CME ERROR: {text}"

    def _rendered(self, lines: Sequence[str], final: str, final_first: bool) -> bytes:
        if not self.state.verbose:
            return "".join([*(f"{line}\r\n" for line in lines), self._numeric(final)]).encode()
        information = "".join(f"{line}\r\n" for line in lines)
        if information:
            information = f"\r\n{information}"
        compact = information and self.profile.style.compact
        result = (f"{final}\r\n" if compact else f"\r\n{final}\r\n") if final else ""
        return (result + information if final_first else information + result).encode()

    def _numeric(self, final: str) -> str:
        return _NUMERIC_FINALS[final] + "\r" if final in _NUMERIC_FINALS else f"{final}\r\n"

    def _log_answer(self, now: float, command: str, lines: Sequence[str]) -> None:
        if self._log_file is not None:
            self._log_file.write(f"{now:.6f}\t{command}\t{'|'.join(lines)}\n")
            self._log_file.flush()


def _differs(before: DomainState, after: DomainState, form: int) -> bool:
    if form == 1 or after.stat not in CAMPED_STATS:
        return before.stat != after.stat or (form >= 3 and before.cause != after.cause)
    return before != after
