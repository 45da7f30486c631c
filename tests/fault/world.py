"""A gateway with one simulated modem on virtual time: port, worker and recorder, no thread.

Time passes where the code waits (in `Stream.read`, a write that blocks) and in `Gateway.run_until`.
What happens to the modem from outside is scheduled (`World.at`) and happens also in the middle of
a command.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from agent.config import Settings
from agent.jobs import Happened, Sample
from agent.modem_session import ModemSession
from agent.power_hook import HookResult
from agent.recording import Recorder
from agent.recovery import Limits
from agent.report import Stamp
from agent.rescue import RecoveryJournal, Rescuer
from agent.sampling import ModemWorker
from agent.store import Store
from agent.usage.meter import plan_of
from cloud_bridge.encoding import decode
from cloud_bridge.outbox import Outbox
from modem.errors import PortLost, PortUnavailable
from modem.simulator.device import Device, earliest
from modem.transport.serial_port import GONE, NO_SUCH_PORT, STUCK, WRITE_S

EPOCH = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
POWER_OFF_S = 5.0
PORT = "/dev/serial/by-id/usb-modem-if02"


class World:
    """The machine as the modem's port sees it: time, the port, what is plugged into it."""

    def __init__(self, device: Device) -> None:
        self.now = 0.0
        self.device = device
        self.plugged = True
        self.stuck = False
        self.opened = 0
        self.streams: list[Stream] = []
        self.on_power: Callable[[], None] = lambda: None
        self.power_cycles: list[float] = []
        self._todo: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def clock(self) -> float:
        return self.now

    def moment(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now)

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Do `action` at the time `when`."""
        self._todo.append((when, next(self._order), action))
        self._todo.sort()

    def pass_to(self, when: float) -> None:
        """Let the time come, with all that is scheduled until then."""
        while self._todo and self._todo[0][0] <= when:
            moment, _, action = self._todo.pop(0)
            self.now = max(self.now, moment)
            action()
        self.now = max(self.now, when)

    def next_event_at(self) -> float | None:
        """When something happens by itself that anybody could notice."""
        scheduled = self._todo[0][0] if self._todo else None
        heard = any(not stream.closed and not stream.gone for stream in self.streams)
        return earliest(scheduled, self.device.next_event_at() if heard else None)

    def open(self) -> "Stream":
        if not self.plugged:
            raise PortUnavailable(PORT, NO_SUCH_PORT)
        self.opened += 1
        self.device.poll(self.now)  # what it said while nobody listened is lost
        self.streams = [stream for stream in self.streams if not stream.closed]
        self.streams.append(Stream(self))
        return self.streams[-1]

    def unplug(self) -> None:
        self.plugged = False
        for stream in self.streams:
            stream.gone = True

    def plug(self) -> None:
        self.plugged = True

    def power_cycle(self, told: Mapping[str, str]) -> HookResult:
        """What the power hook does: off, five seconds, on."""
        self.power_cycles.append(self.now)
        self.unplug()
        self.pass_to(self.now + POWER_OFF_S)
        self.stuck = False
        self.on_power()
        self.device.reboot(self.now)
        self.plug()
        return HookResult(0, f"off and on because of {told['SIMWARD_REASON']}", None)


class Stream:
    """A port that was opened; one that was unplugged is gone for good."""

    def __init__(self, world: World) -> None:
        self.gone = False
        self.closed = False
        self._world = world
        self._unread = b""

    def read(self, timeout_s: float) -> bytes:
        world, deadline = self._world, self._world.now + timeout_s
        while not self.is_readable():
            due = world.next_event_at()
            if due is None or due > deadline:
                world.pass_to(deadline)
                break
            world.pass_to(max(world.now, due))
        if self.gone or self.closed:
            raise PortLost(GONE)
        data, self._unread = self._unread, b""
        return data

    def is_readable(self) -> bool:
        """Whether a read returns at once: something came, or the port is gone."""
        if self.gone or self.closed:
            return True
        if not self._unread:
            self._unread = self._world.device.poll(self._world.now)
            if self._world.device.take_hang_up():
                self.gone = True
        return bool(self._unread) or self.gone

    def write(self, data: bytes) -> None:
        if self._world.stuck:
            self._world.pass_to(self._world.now + WRITE_S)
            raise PortLost(STUCK)
        if self.gone or self.closed:
            raise PortLost(GONE)
        self._world.device.receive(data, self._world.now)

    def close(self) -> None:
        self.closed = True


class Gateway:
    """The daemon's modem thread and its store, worked by hand on a world's time."""

    def __init__(
        self,
        world: World,
        folder: Path,
        *,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        interval_s: float = 60.0,
        power: bool = False,
        seed: int = 1,
        **options: object,
    ) -> None:
        self.world = world
        self.emitted: list[Sample | Happened] = []
        self.stored_codes: list[str] = []
        self.store = Store(folder, boot=1)
        self.outbox = Outbox(self.store.connection, stamp=lambda: self.stamp().body())
        self.recorder = Recorder(self.store, self.outbox, boot=1, plan=plan_of(Settings()))
        self.rescuer = Rescuer(
            replace(limits, power_hook=power),
            slot=1,
            port=PORT,
            emit=self.emit,
            stamp=self.stamp,
            journal=RecoveryJournal(folder / "recovery-1.json", PORT),
            power=world.power_cycle if power else None,
            longest_pause_s=interval_s,
            uniform=random.Random(seed).uniform,
            **options,  # type: ignore[arg-type]
        )
        self.worker = ModemWorker(
            self._open,
            rescuer=self.rescuer,
            port=PORT,
            slot=1,
            interval_s=interval_s,
            emit=self.emit,
            stamp=self.stamp,
            clock=world.clock,
        )

    def stamp(self) -> Stamp:
        return Stamp(1, self.world.now, None)

    def _open(self, on_urc: Callable[[str], None]) -> ModemSession:
        return ModemSession(
            self.world.open, PORT, on_urc=on_urc, clock=self.world.clock, now=self.world.moment
        )

    def emit(self, job: Sample | Happened) -> None:
        self.emitted.append(job)
        self.recorder.mailbox.put(job)
        self.recorder._do(self.recorder.mailbox.take())

    def run_until(self, when: float) -> None:
        """What the thread does until then."""
        world, worker = self.world, self.worker
        while True:
            due = earliest(worker.due, world.next_event_at())
            assert due is not None
            if max(due, world.now) > when:
                world.pass_to(when)
                return
            world.pass_to(max(due, world.now))
            if any(stream.is_readable() for stream in world.streams if not stream.closed):
                worker.listen()
            if world.now >= worker.due:
                worker.sample()

    def close(self) -> None:
        self.stored_codes = self.codes
        if self.worker._session is not None:
            self.worker._session.close()
        self.worker.mailbox.close()
        self.recorder.mailbox.close()
        self.store.close()

    @property
    def samples(self) -> list[Sample]:
        return [job for job in self.emitted if isinstance(job, Sample)]

    @property
    def rows(self) -> list[dict[str, object]]:
        """All messages in the outbox, oldest first."""
        return [decode(row.body) for row in self.outbox.unsent(0, 100_000)]

    @property
    def events(self) -> list[tuple[str, dict[str, object]]]:
        return [(row["code"], row["args"]) for row in self.rows if "code" in row]  # type: ignore[misc]

    @property
    def codes(self) -> list[str]:
        return [code for code, _ in self.events]
