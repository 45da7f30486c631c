"""A simulated modem: bytes in, bytes out, state inside, time as an argument.

It shares no code with the client side; what it does not simulate stands in `docs/simulators.md`.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from modem.simulator.agenda import Agenda
from modem.simulator.card_slot import Card, load_card
from modem.simulator.changes import Change, NetworkChange, Text, read_change
from modem.simulator.device import TimedOutput, earliest, no_wake, same_command
from modem.simulator.message_answers import received
from modem.simulator.network import CAMPED_STATS
from modem.simulator.network_answers import registration_line
from modem.simulator.profile import DOMAIN_COMMANDS, ModemProfile, PeriodicUrc
from modem.simulator.registration import DomainState, Refusal
from modem.simulator.scenario import Scenario, Step
from modem.simulator.settling import note_refusal, settle
from modem.simulator.state import ModemState, SentMessage
from modem.simulator.terminal import Terminal
from modem.simulator.tpdu import encode_deliver
from modem.simulator.values import check_templates, template_values

_NOW = float("-inf")
_FOR_EVER = float("inf")


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
        scenario: Scenario | None = None,
        log_file: TextIO | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self.profile = profile
        self.state = ModemState(profile, card)
        self.log: list[tuple[float, str]] = []
        self._log_file = log_file
        self._output = TimedOutput()
        self._terminal = Terminal(self.state, self._output, self)
        self._agenda = Agenda()
        self._scenario = scenario or Scenario()
        self._waiting = [step for step in self._scenario.steps if step.at_s is None]
        self._heard = [0] * len(self._waiting)
        self._started = False
        self._first = [] if self._scenario.start is None else [self._scenario.start]
        self._deaf_until = _NOW
        self._hang_up = False
        self._shown: dict[str, DomainState] = {}
        self._spare_card: Card | None = None
        self._wake: Callable[[], None] = no_wake

    @classmethod
    def load(
        cls,
        name: str | Path,
        card: str | Path | None = None,
        *,
        scenario: Scenario | None = None,
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
        check_templates(str(name), modem.state)
        return modem

    # The Device protocol

    def receive(self, data: bytes, now: float) -> None:
        """Take what the client typed; a modem that boots hears nothing."""
        with self._lock:
            self._advance(now)
            self._terminal.hear(data, now)

    def poll(self, now: float) -> bytes:
        """The bytes that are due."""
        with self._lock:
            self._advance(now)
            return self._output.take(now)

    def next_event_at(self) -> float | None:
        """When something happens by itself."""
        with self._lock:
            if not self._started:
                return _NOW  # for its clock to begin
            inside = self.state.registrar.next_at()
            return earliest(self._output.next_at(), self._agenda.next_at(), inside)

    def take_hang_up(self) -> bool:
        """Whether the line drops now, as a scenario or a test wanted."""
        with self._lock:
            hang_up, self._hang_up = self._hang_up, False
            return hang_up

    def reboot(self, now: float) -> None:
        """Lose power: settings go back, the boot lines come when the modem answers again."""
        with self._lock:
            ready_at = now + self.profile.style.boot_s
            self._power_on(now)
            self._deaf_until = ready_at
            self.state.usage.restart(ready_at)
            self._say_all(self.profile.urcs.boot, ready_at)
            self._wake()

    def attach(self, wake: Callable[[], None]) -> None:
        """See `Device.attach`."""
        self._wake = wake

    # What the world does to the modem

    def do(self, **change: Any) -> None:
        """Let happen what a step of a scenario could say: `do(network={"eps": {"reject": 8}})`.

        Raises:
            FixtureError: a key or a value that does not fit, with its place.
        """
        self.apply(read_change("change", "", change))

    def set_registration(
        self, domain: str, stat: int, *, cause_type: int = 0, cause: int | None = None
    ) -> None:
        """Change the registration in `domain` (`cs`, `ps`, `eps`, `nr5g`); its URC follows."""
        with self._lock:
            self._force(domain, {"stat": stat, "cause_type": cause_type, "cause": cause})
            self._tell()

    def insert_card(self, card: Card | None = None) -> None:
        """Put `card` in, or the one that was taken out."""
        with self._lock:
            self.state.card = card or self._spare_card or self.state.card
            if self.state.card is not None:
                self.state.card.reset()
            self.state.forget_card_sessions()
            self._say_all(self.profile.urcs.card_inserted, _NOW)
            self._tell()

    def remove_card(self) -> None:
        """Take the card out."""
        with self._lock:
            self._spare_card = self.state.card or self._spare_card
            self.state.card = None
            self.state.forget_card_sessions()
            self._say_all(self.profile.urcs.card_removed, _NOW)
            self._tell()

    def switch_profile(self, iccid: str | None) -> None:
        """Enable another profile of the eUICC inside, or none; passed over where it has no such."""
        with self._lock:
            if self.state.card is None:
                return
            try:
                self.state.card.enable_profile(iccid)
            except KeyError:
                return
            self.state.forget_card_sessions()
            self._say_all(self.profile.urcs.profile_switched, _NOW)
            self._tell()

    def grow_usage(self, tx: int, rx: int) -> None:
        """Let `tx` and `rx` more bytes have flowed."""
        with self._lock:
            self.state.usage.add(tx, rx)

    def urc(self, line: str) -> None:
        """Say `line` by itself."""
        with self._lock:
            self._terminal.say(line, _NOW)
            self._wake()

    @property
    def sent_messages(self) -> list[SentMessage]:
        """The short messages that the network took so far."""
        with self._lock:
            return list(self.state.sent_messages)

    def apply(self, change: Change) -> None:
        """Let `change` happen now; before the modem runs, as the first thing that happens."""
        with self._lock:
            if self._started:
                self._apply(change, self.state.now)
            else:
                self._first.append(change)
            self._wake()

    # The owner of the terminal

    def is_deaf(self, now: float) -> bool:
        """Whether the modem boots, is off, or was told to be silent."""
        return now < self._deaf_until

    def heard(self, line: str, now: float) -> None:
        """A command line came: the steps that wait for it happen."""
        self.log.append((now, line))
        plain = same_command(line)
        for number, step in enumerate(self._waiting):
            if step.is_about(plain):
                self._heard[number] += 1
                if self._heard[number] == step.count:
                    self._begin(step, now + step.after_s, now)

    def obeyed(self, commands: Sequence[str], line: str, answer: Sequence[str], at: float) -> None:
        """What a command does beyond its answer."""
        if self._log_file is not None:
            self._log_file.write(f"{self.state.now:.6f}\t{line}\t{'|'.join(answer)}\n")
            self._log_file.flush()
        profile = self.profile
        plain = {same_command(command) for command in commands}
        if plain & set(map(same_command, profile.usage.reset_commands)):
            self.state.usage.reset()
        if plain & set(map(same_command, profile.usage.save_commands)):
            self.state.usage.save()
        if plain & profile.power_off_commands:
            self._power_off(at)
        elif plain & profile.reboot_commands:
            self.reboot(at)
        if any("=" in command or command.startswith("ATD") for command in plain):
            self._tell(at)  # only a setting can move anything

    # The inside

    def _advance(self, now: float) -> None:
        state = self.state
        state.usage.count(now, flowing=state.sessions.any_up and state.data_service)
        state.now = now
        if not self._started:
            self._start(now)
        self._agenda.run_due(now)
        if (due := state.registrar.next_at()) is not None and due <= now:
            self._tell()

    def _start(self, now: float) -> None:
        self._started = True
        for change in self._first:
            self._apply(change, now)
        settle(self.state)
        self._shown = self.state.registrar.states()
        for urc in self.profile.urcs.periodic:
            self._agenda.add(now + urc.every_s, self._periodic(urc))
        for step in self._scenario.steps:
            if step.at_s is not None:
                self._begin(step, now + step.at_s, now)

    def _begin(self, step: Step, at: float, now: float) -> None:
        """Do `step` at the time `at`, and again as it says."""
        left = step.times

        def happen(due: float) -> None:
            nonlocal left
            self._apply(step.change, due)
            left -= 1
            if step.every_s and left != 0:
                self._agenda.add(due + step.every_s, happen)

        self._agenda.add(at, happen)
        self._agenda.run_due(now)

    def _periodic(self, urc: PeriodicUrc) -> Callable[[float], None]:
        def happen(due: float) -> None:
            if not self.is_deaf(due):
                self._say_all([urc.line], due)
            self._agenda.add(due + urc.every_s, happen)

        return happen

    def _apply(self, change: Change, now: float) -> None:
        for group, values in change.state.items():
            self._set(group, values)
        if change.network is not None:
            self._change_network(change.network)
        if change.device_lock is not None:
            self.state.asks_device_lock = change.device_lock
        self._move_card(change.card)
        if change.profile is not None:
            self.switch_profile(change.profile or None)
        if change.detach:
            self.state.tell_packet_event("NW DETACH")
            self.state.registrar.network_detach(self.state.surroundings)
        if change.drop_context is not None and self.state.sessions.stop(change.drop_context):
            self.state.usage.end_session()
            self.state.tell_packet_event(f"NW PDN DEACT {change.drop_context}")
        for override in change.answers:
            self._terminal.override(override)
        if change.echo is not None:
            self.state.settings.echo = change.echo
        self._tell()
        self._disturb(change, now)

    def _disturb(self, change: Change, now: float) -> None:
        """What comes over the line by itself, and what interrupts it."""
        if change.message is not None:
            self._receive_message(change.message)
        if change.time:
            self._network_time(change.time, now)
        for line in change.urc:
            self._terminal.say(line, _NOW)
        self._output.put(_NOW, change.noise)
        if change.silent_s:
            self._deaf_until = max(self._deaf_until, now + change.silent_s)
        if change.unplug:
            self._hang_up = True
            self._terminal.reset()
        if change.power == "off":
            self._power_off(now)
        if change.reboot or change.power == "on":
            self.reboot(now)

    def _set(self, group: str, values: Any) -> None:
        if group == "signal":
            self.state.signal = replace(self.state.signal, **values)
        elif group == "usage":
            for name, value in values.items():
                setattr(self.state.usage, name.removesuffix("_bytes"), float(value))
        elif group in self.state.registrar.domains:
            self._force(group, values)

    def _force(self, domain: str, values: Any) -> None:
        self.state.registrar.force(domain, values)
        if values.get("cause") is not None:
            refusal = Refusal(domain, values["cause"], values.get("cause_type", 0))
            note_refusal(self.state, refusal)

    def _change_network(self, change: NetworkChange) -> None:
        state, before = self.state, self.state.network
        state.network = change.applied(before)
        served = state.data_service
        state.registrar.network_changed(before, state.surroundings, keeps=change.keep)
        if change.sessions is not None:
            state.sessions.restart_refused()
        if served and not state.data_service:
            state.tell_packet_event("NW DETACH")

    def _move_card(self, word: str) -> None:
        if word == "remove":
            self.remove_card()
        elif word == "insert":
            self.insert_card()
        elif word:
            self.insert_card(load_card(word))

    def _receive_message(self, message: Text) -> None:
        """A message comes in, where there is a network to bring it."""
        if not self.state.camped:
            return
        smsc = self.profile.card.smsc
        pdu = encode_deliver(message.sender, message.text, message.time, smsc)
        if lines := received(self.state, pdu):
            self._terminal.say("\r\n".join(lines), _NOW)

    def _network_time(self, text: str, now: float) -> None:
        """NITZ: the network tells the time."""
        clock, before = self.state.clock, self.state.clock.zone
        if not clock.set(text, now):
            return
        reports = self.state.settings.zone_reports
        if reports == 1 and clock.zone != before:
            self._terminal.say(f"+CTZV: {clock.zone}", _NOW)
        elif reports:
            self._terminal.say(f'+CTZE: "{clock.zone}",0,"{clock.universal(now)}"', _NOW)
        self._say_all(self.profile.urcs.network_time, _NOW)

    def _power_on(self, now: float) -> None:
        self._output.drop_after(now)
        self._terminal.reset()
        self.state.power_on()
        settle(self.state)
        self.state.notices.clear()
        self._shown = self.state.registrar.states()

    def _power_off(self, now: float) -> None:
        """Say goodbye, and hear nothing until the power comes back."""
        self._say_all(self.profile.urcs.power_down, now + self.profile.style.power_off_s)
        self._deaf_until = _FOR_EVER

    def _tell(self, at: float = _NOW) -> None:
        """Let everything follow, then say what has changed to those who asked to be told."""
        settle(self.state)
        before, self._shown = self._shown, self.state.registrar.states()
        for domain, state in self._shown.items():
            form = self.state.settings.reports[domain]
            if form and _differs(before.get(domain), state, form):
                fields = registration_line(self.state, domain, form)
                self._terminal.say(f"{DOMAIN_COMMANDS[domain]}: {fields}", at)
        notices, self.state.notices = self.state.notices, []
        for line in notices:
            self._terminal.say(line, at)
        self._wake()

    def _say_all(self, lines: Sequence[str], at: float) -> None:
        values = template_values(self.state)
        for line in lines:
            self._terminal.say(line.format_map(values), at)


def _differs(before: DomainState | None, after: DomainState, form: int) -> bool:
    if before is None:
        return True
    if form == 1 or after.stat not in CAMPED_STATS:
        return before.stat != after.stat or (form >= 3 and before.cause != after.cause)
    return before != after
