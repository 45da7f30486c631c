"""What goes wrong with modems in the field: how it begins, what ends it, what is due.

A fault is a device between the line and the simulated modem (`Line`), switched by what happens in
the world. Times are those of the world's clock.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from agent.recovery import Ladder, Step
from agent.rescue import READY_S
from agent.trouble import Kind
from modem.simulator.device import CommandReader, earliest, pieces
from modem.simulator.faults import Wrapper
from modem.simulator.modem import SimulatedModem
from tests.fault.cards import card
from tests.fault.world import POWER_OFF_S, World

GARBAGE_BYTES_S = 2_000
FLOOD_BYTES_S = 400_000
TICK_S = 0.05
UNKNOWN_APN = 27  # 3GPP TS 24.301 clause 9.9.4.4, unread: missing or unknown APN


class Line(Wrapper):
    """The way to a modem, with all that can be wrong with it, each as a switch."""

    def __init__(self, modem: SimulatedModem) -> None:
        super().__init__(modem)
        self.modem = modem
        self.silent = False
        self.wakes_on_restart = False
        self.hangs: Callable[[str], bool] = lambda _: False
        self.echoes = False
        self.garbles = False
        self.noise_bytes_s = 0
        self.late_s = 0.0
        self.reboots_next = False
        self._reader = CommandReader()
        self._said = bytearray()
        self._noise_at = 0.0
        self._random = random.Random(7)
        self._late: list[tuple[float, bytes]] = []

    def receive(self, data: bytes, now: float) -> None:
        for piece in pieces(data):
            command = self._reader.feed(piece)
            if self.late_s:  # this command keeps the modem busy, and what follows waits
                self._late.append((now + self.late_s, b""))
                self.late_s = 0.0
            if self._late:
                self._late.append((self._late[0][0], piece))
            else:
                self._pass(piece, command, now)

    def _pass(self, piece: bytes, command: str | None, now: float) -> None:
        restarts = command in self.modem.profile.reboot_commands
        if self.silent:
            if self.wakes_on_restart and restarts:
                self.reboot(now)
            return
        if self.garbles:
            self._said += self._random.randbytes(5)
            return
        if restarts:
            self.hangs = lambda _: False
        if command is not None and self.reboots_next:
            self.reboots_next = False
            self.reboot(now)
            return
        if command is not None and self.hangs(command):
            return
        if self.echoes:
            self._said += piece
        self.device.receive(piece, now)

    def poll(self, now: float) -> bytes:
        while self._late and self._late[0][0] <= now:
            piece = self._late.pop(0)[1]
            if piece:
                self._pass(piece, CommandReader().feed(piece), now)
        said = self.device.poll(now)
        if self.silent:
            return b""
        if self.garbles:
            said = self._random.randbytes(len(said))
        said = bytes(self._said) + said
        self._said.clear()
        return self._noise(now) + said

    def _noise(self, now: float) -> bytes:
        if not self.noise_bytes_s:
            self._noise_at = now
            return b""
        if now < self._noise_at + TICK_S:
            return b""
        size = int(self.noise_bytes_s * (now - self._noise_at))
        self._noise_at = now
        return self._random.randbytes(min(size, 1 << 16))

    def next_event_at(self) -> float | None:
        if self._said:
            return float("-inf")
        noise_at = self._noise_at + TICK_S if self.noise_bytes_s else None
        late_at = self._late[0][0] if self._late else None
        return earliest(self.device.next_event_at(), noise_at, late_at)

    def reboot(self, now: float) -> None:
        """A start ends whatever the modem itself had; not what is wrong with the line."""
        self.silent = False
        self.hangs = lambda _: False
        self._late.clear()
        super().reboot(now)


@dataclass(frozen=True)
class Fault:
    """One fault of the matrix.

    `begin` starts it now and schedules its end, which `lasts_s` tells; None: only `cure` ends it.
    `kinds` are the kinds of trouble that it may be taken for (none: no trouble at all), `events`
    the codes that must be said, `free` whether heavy steps are allowed. `calm`: nothing changes
    behind the line, so that no value may be another. `from_start`: it is there
    when the daemon starts. `pause_s`: for so long after its end the facts may still be others.
    """

    name: str
    begin: Callable[[World, Line], None]
    lasts_s: float | None
    cure: Step = Step.REOPEN
    kinds: tuple[Kind, ...] = ()
    events: tuple[str, ...] = ()
    free: bool = False
    calm: bool = False
    from_start: bool = False
    another_card: bool = False
    settles_s: float = 0.0


def _for(seconds: float, switch: Callable[[World, Line, bool], None]):
    """Begin that switches on, and off after `seconds`."""

    def begin(world: World, line: Line) -> None:
        switch(world, line, True)
        world.at(world.now + seconds, lambda: switch(world, line, False))

    return begin


def _set(name: str, on: object, off: object = False):
    def switch(_: World, line: Line, active: bool) -> None:
        setattr(line, name, on if active else off)

    return switch


def _unplug(world: World, line: Line, active: bool) -> None:
    if active:
        world.unplug()
    else:
        line.reboot(world.now)
        world.plug()


def _stick(world: World, _: Line, active: bool) -> None:
    world.stuck = active


def _stuck_for_good(world: World, line: Line) -> None:
    del line
    world.stuck = True


def _silent_until(restart: bool):
    def begin(_: World, line: Line) -> None:
        line.silent = True
        line.wakes_on_restart = restart

    return begin


def _echo(_: World, line: Line) -> None:
    line.echoes = True


def _about_network(command: str) -> bool:
    """Whether it is about more than identity, card, fence, echo and restart."""
    answered = ("+CGM", "GSN", "CCID", "+CIMI", "+CSIM", "+CRSM", "+CPIN", "+CNUM", "+CSCA", "PINR",
                "+CLCK", "+CMEE", "+CSCS", "+CMGF", "+CNMI", "+CFUN", "RESET", "REBOOT", "+CSS",
                "+NRB", "+CCHO", "+CGLA", "+CCHC")  # fmt: skip
    plain = command.upper()
    named = re.match(r"AT[+!#^$*%]", plain) is not None
    return named and not any(word in plain for word in answered)


def _half_dead(_: World, line: Line) -> None:
    line.hangs = _about_network


def _reboot(_: World, line: Line) -> None:
    line.reboots_next = True


def _late(_: World, line: Line) -> None:
    line.late_s = 170.0


def _swap(said: bool):
    def begin(_: World, line: Line) -> None:
        modem = line.modem
        if said:
            modem.remove_card()
            modem.insert_card(card("B"))
        else:
            modem.state.card = card("B")
            modem.state.forget_card_sessions()

    return begin


def _pull(world: World, line: Line, active: bool) -> None:
    del world
    if active:
        line.modem.remove_card()
    else:
        line.modem.insert_card()


def _radio(_: World, line: Line, active: bool) -> None:
    line.modem.state.functionality = 4 if active else 1


def _another_put_in(world: World, line: Line) -> None:
    line.modem.remove_card()
    world.at(world.now + 40, lambda: line.modem.insert_card(card("B")))


def _dead(world: World, line: Line, active: bool) -> None:
    del world
    line.modem.insert_card(card("A", dead=active))


def _wrong_apn(world: World, line: Line, active: bool) -> None:
    del world
    refused = [{"cause": UNKNOWN_APN}] if active else []
    line.modem.do(network={"sessions": refused})
    if active:
        line.modem.do(drop_context=1)


def _refuse(world: World, line: Line) -> None:
    """Each domain is refused for ten minutes with cause 8, then it is what it was."""
    modem = line.modem
    before = modem.state.registrar.states()
    for domain in modem.profile.registration:
        modem.set_registration(domain, 3, cause=8)

    def serve_again() -> None:
        for domain in modem.profile.registration:
            modem.set_registration(domain, before[domain].stat)

    world.at(world.now + 600, serve_again)


def right_within_s(fault: Fault, ladder: Ladder, interval_s: float, cure: Step) -> float:
    """From the fault's beginning until all must be right: noticed, cured, read."""
    lasts_s = (fault.lasts_s or 0.0) + fault.settles_s
    if "registration_denied" in fault.events:
        lasts_s += 4 * interval_s  # the samples come so far apart while it is refused
    cures_s = [ladder.bound_s(kind, cure, READY_S, POWER_OFF_S) for kind in fault.kinds]
    return lasts_s + 2 * interval_s + max(cures_s, default=0.0)


LOST = ("modem_lost",)
FAULTS = (
    Fault("unplugged", _for(45, _unplug), 45, kinds=(Kind.UNPLUGGED, Kind.MISSING), events=LOST),
    Fault("reboot in mid-command", _reboot, 10, settles_s=60),
    Fault("port stuck", _for(100, _stick), 100, kinds=(Kind.STUCK,), events=LOST, calm=True),
    Fault("port stuck until power", _stuck_for_good, None, Step.POWER, (Kind.STUCK,),
          ("modem_lost", "modem_restarted"), free=True),
    Fault("silent", _for(60, _set("silent", on=True)), 60, kinds=(Kind.SILENT,), events=LOST,
          calm=True),
    Fault("silent until restart", _silent_until(restart=True), None, Step.RESET, (Kind.SILENT,),
          ("modem_lost", "modem_restarted"), free=True),
    Fault("silent until power", _silent_until(restart=False), None, Step.POWER, (Kind.SILENT,),
          ("modem_lost", "modem_restarted"), free=True),
    Fault("hangs about the network", _half_dead, None, Step.RESET,
          (Kind.HALF_DEAD, Kind.SILENT), ("modem_lost", "modem_restarted"), free=True),
    Fault("echo on", _echo, 0, calm=True),
    Fault("garbage", _for(90, _set("noise_bytes_s", GARBAGE_BYTES_S, 0)), 90, calm=True),
    Fault("flood", _for(30, _set("noise_bytes_s", FLOOD_BYTES_S, 0)), 30,
          kinds=(Kind.GARBLED,), events=LOST, calm=True),
    Fault("wrong speed", _for(400, _set("garbles", on=True)), 400, kinds=(Kind.WRONG_SPEED,),
          events=LOST, from_start=True, calm=True),
    Fault("answer minutes late", _late, 170, kinds=(Kind.SILENT,), events=LOST, calm=True),
    Fault("card changed", _swap(said=True), 0, events=("card_changed",), another_card=True),
    Fault("card changed in silence", _swap(said=False), 0, events=("card_changed",),
          another_card=True),
    Fault("card pulled", _for(150, _pull), 150, events=("card_removed", "card_inserted")),
    Fault("card pulled, another put in", _another_put_in, 40,
          events=("card_removed", "card_inserted"), another_card=True),
    Fault("card dead", _for(1500, _dead), 1500),
    Fault("wrong APN", _for(1500, _wrong_apn), 1500),
    Fault("radio off", _for(200, _radio), 200),
    Fault("refused for good", _refuse, 600,
          events=("registration_denied", "registration_restored")),
)  # fmt: skip
