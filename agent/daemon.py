"""The daemon: puts store, modems, uplink and control socket together, and watches over them.

Threads: `modem-io` (one a modem), `card-io` (cards that come into readers and go), `work` (the
store), `mqtt` (the uplink), `control` (the socket), `looks` (after a cancellation), and the main
one, which waits for a signal or a crash.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from agent import clock
from agent.binding.desk import BindingDesk
from agent.broker_way import uplink_of
from agent.config import Modem, Settings, not_used_yet
from agent.config_files import control_path
from agent.control import ControlServer
from agent.control_desk import ControlDesk
from agent.device_key import device_public_key
from agent.errors import ConfigError, StoreError
from agent.exits import FAULT, OK
from agent.jobs import Happened, Sample, Stop
from agent.modem_port import REFUSE, ModemPort, in_danger
from agent.modem_session import ModemSession
from agent.notices.board import NoticeBoard, moment_now
from agent.outbox_of import outbox_of
from agent.power_hook import check_program
from agent.pulse import Pulse
from agent.recording import Acked, Delivered, Recorder, Refused, WantsRows
from agent.report import Stamp
from agent.rescue import rescuer_of
from agent.sampling import ModemWorker
from agent.signer import Signer
from agent.stamps import stamp_now
from agent.state_dir import StateDir
from agent.store import Store
from agent.systemd import notify, watchdog_period_s
from agent.usage.meter import plan_of
from agent.usage.sources import surroundings_of
from agent.verification.watch import Gateway, VerificationWatch
from agent.version import __version__
from agent.workers import Worker
from modem.transport.steady import SteadyPort
from modem.vendors.select import load_profile

if TYPE_CHECKING:
    from agent.card_watch import CardWatch

Json = dict[str, Any]

STOP_DEADLINE_S: Final = 10.0
STUCK_S: Final = 300.0
"""Longer than any job takes: a full reading of a silent modem is forty commands of five seconds."""

_logger = logging.getLogger(__name__)


class Daemon:
    """All of it. `run` blocks until a signal or a crash; the exit code."""

    def __init__(self, settings: Settings) -> None:
        """Opens what may be refused: state directory, store, certificates, control socket.

        Raises:
            ConfigError: no modem is configured, or a file that it names cannot be used.
            ProfileError: a modem's profile does not exist.
            RefusedError: another daemon uses the state directory.
            StoreError: the state directory or the store cannot be used.
        """
        if not settings.modem:
            raise ConfigError("no modem configured: give [[modem]] a port, or SIMWARD_MODEM__PORT")
        slots = [modem.slot for modem in settings.modem]
        for slot in slots:
            if slots.count(slot) > 1:
                raise ConfigError("two [[modem]] sections have the same slot ({slot})", slot=slot)
        for modem in settings.modem:
            if modem.profile is not None:
                load_profile(modem.profile)  # a wrong name is said now, not by a crash
        check_program("recovery.power_hook", settings.recovery.power_hook)
        self._settings = settings
        self._pulse = Pulse()
        self._ended: SimpleQueue[BaseException | None] = SimpleQueue()
        self._state_dir = StateDir(settings.device.state_dir)
        try:
            self._boot = self._state_dir.boot()
            self._gw = settings.device.id or self._state_dir.gateway_id()
            self._store = Store(settings.device.state_dir, boot=self._boot)
            self._compose()
        except BaseException:
            self._state_dir.close()
            raise

    def _compose(self) -> None:
        settings = self._settings
        outbox = outbox_of(self._store, settings, self._stamp)
        self._recorder = Recorder(
            self._store,
            outbox,
            boot=self._boot,
            plan=plan_of(settings),
            board=NoticeBoard(
                self._store.connection, settings, moment=lambda: moment_now(self._boot)
            ),
        )
        self._ports: list[ModemPort] = []
        self._modems = {entry.slot: self._modem_worker(entry) for entry in settings.modem}
        signer = Signer(self._state_dir, self._gw, clock.now)
        binding = BindingDesk(
            settings, self._modems, self._recorder, stamp=self._stamp, signer=signer
        )
        self._cards = self._card_watch(settings.reader.name)
        self._uplink = uplink_of(
            settings,
            _Port(self._recorder, self._pulse),
            gw=self._gw,
            store=outbox.store,
            boot=self._boot,
        )
        self._recorder.uplink = self._uplink
        self._recorder.begin()
        # After all that a wrong configuration ends: no key is made for a daemon that never ran.
        public_key = self._public_key()
        if public_key is not None:
            self._recorder.known_by(public_key)
        self._looks = VerificationWatch(
            settings,
            self._modems,
            self._recorder,
            Gateway(signer, outbox.store, self._stamp),
        )
        desk = ControlDesk(
            settings, self._modems, self._recorder, binding, self._pulse, looks=self._looks
        )
        self._control = ControlServer(control_path(str(settings.device.state_dir)), desk.answer)
        if self._store.moved_to is not None:
            moved_to = self._store.moved_to.name
            self._emit(Happened("outbox_reset", {"moved_to": moved_to}, self._stamp()))

    def _public_key(self) -> str | None:
        """For `birth`; a key that cannot be used stops evidence, not reports."""
        try:
            return device_public_key(self._state_dir)
        except StoreError as error:
            _logger.error("%s", error)  # noqa: TRY400 - the text names file and reason
            return None

    def _modem_worker(self, entry: Modem) -> ModemWorker:
        def keep(watch: Callable[[], None]) -> None:
            Worker(f"modemmanager-{entry.slot}", watch, self._ended.put).start()

        way = ModemPort(
            entry.port, baudrate=entry.baudrate, modemmanager=entry.modemmanager, keep=keep
        )
        self._ports.append(way)
        port = SteadyPort(entry.port, way.open)

        def open_session(on_urc: Callable[[str], None]) -> ModemSession:
            return ModemSession(
                port.open,
                entry.port,
                profile=entry.profile,
                slot=entry.slot,
                on_urc=on_urc,
            )

        return ModemWorker(
            open_session,
            rescuer=rescuer_of(self._settings, entry, emit=self._emit, stamp=self._stamp),
            port=entry.port,
            slot=entry.slot,
            interval_s=self._settings.report.interval_s,
            emit=self._emit,
            stamp=self._stamp,
            look=surroundings_of(entry.port, entry.interface, self._settings.usage.source).look,
        )

    def _stamp(self) -> Stamp:
        return stamp_now(self._boot)

    def _card_watch(self, reader: str | None) -> "CardWatch | None":
        if reader is None:
            return None
        from agent.card_watch import CardWatch

        return CardWatch(reader, stamp=self._stamp, emit=self._emit)

    # Life

    def run(self) -> int:
        """Work until SIGTERM or SIGINT (0), or until a worker crashes (70)."""
        workers = self._start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ended.put(None))
        notify("READY=1")
        crash = self._watch()
        notify("STOPPING=1")
        self._stop(workers)
        if crash is None:
            _logger.info("stopped")
            return OK
        _logger.critical("ended by a crash error=%r", crash)
        return FAULT

    def _watch(self) -> BaseException | None:
        """Until a signal (None) or a crash; meanwhile systemd's watchdog is fed.

        It is fed only while every owner of a handle gets on with its work.
        """
        period_s = watchdog_period_s(os.environ)
        while True:
            try:
                return self._ended.get(timeout=period_s)
            except Empty:
                stuck = self._stuck(time.monotonic())
                if self._cards is not None:
                    self._cards.check(time.monotonic())
            if stuck:
                _logger.error("workers stuck: %s", " ".join(stuck))
            else:
                notify("WATCHDOG=1")

    def _stuck(self, now: float) -> list[str]:
        """The workers that have been at one job for too long."""
        found = [
            f"modem-io-{slot}"
            for slot, modem in self._modems.items()
            if modem.mailbox.stuck(now, STUCK_S)
        ]
        if self._recorder.mailbox.stuck(now, STUCK_S):
            found.append("work")
        if self._uplink is not None and now - self._uplink.beat > STUCK_S:
            found.append("mqtt")
        return found

    def _start(self) -> dict[str, Worker]:
        for key in not_used_yet(self._settings):
            _logger.warning("not used in this version key=%s", key)
        for entry in self._settings.modem:
            if entry.modemmanager == REFUSE and in_danger(entry.port):
                _logger.warning(
                    "ModemManager manages this modem and may take its port at any time; set"
                    " modemmanager in [[modem]], see docs/modemmanager.md port=%s",
                    entry.port,
                )
        _logger.info(
            "started gw=%s boot=%d version=%s modems=%d broker=%s",
            self._gw,
            self._boot,
            __version__,
            len(self._modems),
            self._settings.broker.url or "none",
        )
        work: dict[str, Callable[[], None]] = {"work": self._recorder.run}
        if self._uplink is not None:
            work["mqtt"] = self._uplink.run
        for slot, modem in self._modems.items():
            work[f"modem-io-{slot}"] = modem.run
        work["control"] = self._control.run
        work["looks"] = self._looks.run
        if self._cards is not None:
            work["card-io"] = self._cards.run
        workers = {name: Worker(name, run, self._ended.put) for name, run in work.items()}
        for worker in workers.values():
            worker.start()
        return workers

    def _stop(self, workers: dict[str, Worker]) -> None:
        """Sources first, the store last: what was sampled is stored. Nobody is waited for long."""
        deadline = time.monotonic() + STOP_DEADLINE_S
        self._control.close()
        self._looks.stop()
        for modem in self._modems.values():
            modem.mailbox.put(Stop(), force=True)
        if self._uplink is not None:
            self._uplink.stop()
        if self._cards is not None:
            self._cards.stop()
        for name, worker in workers.items():
            if name != "work":
                _join(worker, deadline)
        for port in self._ports:
            port.close()
        self._recorder.mailbox.put(Stop(), force=True)
        if _join(workers["work"], deadline + 2.0):
            self._store.close()
        self._state_dir.close()

    # Between the threads

    def _emit(self, job: Sample | Happened) -> None:
        if not self._recorder.mailbox.put(job):
            _logger.error("the store's thread is too slow: a sample is lost")
        elif isinstance(job, Sample):
            self._pulse.beat("report")


class _Port:
    """What the uplink says, as jobs for the store's thread; nothing here blocks."""

    def __init__(self, recorder: Recorder, pulse: Pulse) -> None:
        self._mailbox = recorder.mailbox
        self._pulse = pulse

    def wants_rows(self, after_seq: int, limit: int) -> None:
        self._mailbox.put(WantsRows(after_seq, limit), force=True)

    def on_delivered(self, seqs: tuple[int, ...]) -> None:
        self._mailbox.put(Delivered(seqs), force=True)

    def on_refused(self, seq: int, reason: str) -> None:
        self._mailbox.put(Refused(seq, reason), force=True)

    def on_ack(self, store: str, seq: int, *, replayed: bool) -> None:
        self._mailbox.put(Acked(store, seq, replayed), force=True)
        if not replayed:
            self._pulse.beat("ack")

    def on_connected(self, protocol: str) -> None:
        _logger.info("broker connected protocol=%r", protocol)
        self._pulse.beat("broker")

    def on_problem(self, reason: str, detail: str) -> None:
        _logger.warning("broker reason=%r detail=%r", reason, detail)


def _join(worker: threading.Thread, deadline: float) -> bool:
    """Whether the thread ended in time; one that is stuck is reported, not waited for."""
    worker.join(max(0.0, deadline - time.monotonic()))
    if worker.is_alive():
        _logger.error("worker=%s does not stop", worker.name)
    return not worker.is_alive()
