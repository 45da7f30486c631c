"""The daemon: puts store, modems, uplink and control socket together, and watches over them.

Threads: `modem-io` (one a modem), `card-io` (cards that come into readers and go), `work` (the
store), `mqtt` (the uplink), `control` (the socket), and the main one, which waits for a signal or a
crash.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from agent import clock
from agent.binding.desk import MODEM_BUSY, BindingDesk
from agent.broker_login import password_in
from agent.complaints import describe
from agent.config import Modem, Settings, not_used_yet
from agent.config_files import check_readable, control_path
from agent.control import ControlServer, error_answer, patience_s
from agent.device_key import device_public_key
from agent.errors import AgentError, ConfigError, StoreError
from agent.exits import FAULT, OK, UNREACHABLE
from agent.i18n import mark
from agent.jobs import Happened, Sample, Stop
from agent.modem_port import REFUSE, ModemPort, in_danger
from agent.modem_session import ModemSession
from agent.power_hook import check_program
from agent.pulse import Pulse
from agent.recording import Acked, Delivered, Recorder, StoreQuestion, WantsRows
from agent.report import Stamp
from agent.requests import work_of
from agent.rescue import rescuer_of
from agent.sampling import ModemWorker, Question
from agent.stamps import stamp_now
from agent.state_dir import StateDir
from agent.store import Store
from agent.usage.answer import answer_to
from agent.usage.meter import plan_of
from agent.usage.sources import surroundings_of
from agent.version import __version__
from agent.workers import Mailbox, Worker
from cloud_bridge.errors import UplinkError
from cloud_bridge.orders import OrderError
from cloud_bridge.outbox import Bounds, Outbox
from cloud_bridge.uplink import Uplink, UplinkSettings
from modem.transport.steady import SteadyPort
from modem.vendors.select import load_profile

if TYPE_CHECKING:
    from agent.card_watch import CardWatch

Json = dict[str, Any]

STOP_DEADLINE_S: Final = 10.0
ON_THE_WAY_S: Final = 10.0  # of an asker's patience is left for the answer
STUCK_S: Final = 300.0
"""Longer than any job takes: a full reading of a silent modem is forty commands of five seconds."""
_KEEPALIVE_S: Final = (30, 65535)

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
        bounds = Bounds(
            max_rows=settings.outbox.max_rows,
            max_bytes=settings.outbox.max_bytes,
            min_free_bytes=settings.outbox.min_free_bytes,
        )
        outbox = Outbox(
            self._store.connection,
            stamp=lambda: self._stamp().body(),
            bounds=bounds,
            free_bytes=self._store.free_bytes,
        )
        self._recorder = Recorder(
            self._store,
            outbox,
            boot=self._boot,
            plan=plan_of(settings),
        )
        self._ports: list[ModemPort] = []
        self._modems = {entry.slot: self._modem_worker(entry) for entry in settings.modem}
        self._binding = BindingDesk(
            settings, self._modems, self._recorder, stamp=self._stamp, now=clock.now
        )
        self._cards = self._card_watch(settings.reader.name)
        self._uplink = self._make_uplink(outbox.store)
        self._recorder.uplink = self._uplink
        # After all that a wrong configuration ends: no key is made for a daemon that never ran.
        public_key = self._public_key()
        if public_key is not None:
            self._recorder.known_by(public_key)
        self._control = ControlServer(control_path(str(settings.device.state_dir)), self._control_)
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

    def _make_uplink(self, store: str) -> Uplink | None:
        settings, broker = self._settings, self._settings.broker
        if broker.url is None:
            return None
        low, high = _KEEPALIVE_S
        password = password_in(broker.password_file)
        for name in ("ca", "cert", "key"):
            check_readable(f"broker.{name}", getattr(broker, name))
        if broker.key is not None and broker.cert is None:
            raise ConfigError(
                "{name} is of no use without {what}", name="broker.key", what="broker.cert"
            )
        try:
            return Uplink(
                UplinkSettings(
                    url=broker.url,
                    gw=self._gw,
                    store=store,
                    boot=self._boot,
                    software=f"simward {__version__}",
                    root=settings.topics.root,
                    username=broker.username,
                    password=password,
                    ca=_path(broker.ca),
                    cert=_path(broker.cert),
                    key=_path(broker.key),
                    interface=broker.interface,
                    keepalive_s=broker.keepalive_s
                    or min(max(int(settings.report.interval_s), low), high),
                    # Who reports often does not wait long for a broker that was away briefly.
                    backoff_cap_s=min(max(settings.report.interval_s / 3, 5.0), 300.0),
                ),
                _Port(self._recorder, self._pulse),
            )
        except UplinkError as error:
            raise ConfigError(
                "broker: {reason} ({detail})", reason=error.reason, detail=error.detail
            ) from error
        except ValueError as error:
            raise ConfigError("broker: {reason}", reason=str(error)) from error

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

    def _control_(self, request: Json) -> Json:
        """An answer for the control socket; runs in its thread."""
        if request.get("ask") == "health":
            return {"v": 1, "document": self._pulse.document()}
        if request.get("ask") == "usage":
            return self._asked_of_store(request)
        if request.get("ask") == "bind":
            return self._asked_to_bind(request)
        return self._asked_of_modem(request)

    def _asked_of_store(self, request: Json) -> Json:
        """Usage; read beside the store's owner, who is not kept from its work."""
        try:
            return {"v": 1, "document": answer_to(request, self._settings)}
        except (StoreError, OrderError) as error:
            complaint = describe(error)
            return error_answer(complaint.text, complaint.exit_code, **complaint.fields)

    def _asked_to_bind(self, request: Json) -> Json:
        """What stands at the modem, then the record in the store."""
        modem = self._modem_at(request.get("port"))
        answer = self._asked_of_modem({"ask": "status", "parts": None, "port": request.get("port")})
        if modem is None or "document" not in answer or "error" in answer:
            return answer
        try:
            return self._binding.answer(request, modem, answer["document"], self._answered)
        except OrderError as error:
            return _complained(error)

    def _asked_of_modem(self, request: Json) -> Json:
        read = self._diagnosis(request) or self._device_facts(request) or work_of(request)
        if read is None:
            return error_answer(mark("the daemon does not know this question"), FAULT)
        modem = self._modem_at(request.get("port"))
        if modem is None:
            return {"v": 1, "not_mine": True}
        question = Question(read, Future[Json](), with_recovery=_tells_recovery(request))
        return self._answered(modem.mailbox, question, request, MODEM_BUSY)

    def _answered(
        self, mailbox: Mailbox[Any], question: Question | StoreQuestion, request: Json, busy: str
    ) -> Json:
        """The answer of the thread that `mailbox` belongs to."""
        if not mailbox.put(question):
            return error_answer(mark("the daemon is too busy"), FAULT)
        answered, _ = wait([question.answer], patience_s(request) - ON_THE_WAY_S)
        if not answered:
            return error_answer(busy, UNREACHABLE)
        error = question.answer.exception()
        if error is not None:
            return _complained(error)
        return {"v": 1, "document": question.answer.result()}

    def _diagnosis(self, request: Json) -> Callable[[ModemSession], Json] | None:
        """What to do where a diagnosis is asked for; what is wrong with the request shows then."""
        if request.get("ask") != "diagnose":
            return None
        from agent.diagnosis.collect import diagnose
        from agent.diagnosis.wish import Wish, setup_of

        def read(session: ModemSession) -> Json:
            wish, setup = Wish.from_json(request), setup_of(self._settings, session.port)
            return diagnose(session, wish, setup)

        return read

    def _device_facts(self, request: Json) -> Callable[[ModemSession], Json] | None:
        """What to do where the gates' readings are asked for."""
        if request.get("ask") != "device_facts":
            return None
        from agent.unbind.readings import read_device, ssh_in

        def read(session: ModemSession) -> Json:
            entry = next(each for each in self._settings.modem if each.port == session.port)
            state_dir = self._settings.device.state_dir
            return read_device(session, entry.interface, ssh_in(request), state_dir)

        return read

    def _modem_at(self, port: Any) -> ModemWorker | None:
        """The modem of a port, whatever link names it; the first one where no port is named."""
        modems = list(self._modems.values())
        if port is None:
            return modems[0]
        wanted = os.path.realpath(str(port))
        return next(
            (m for m in modems if port == m.port or wanted == os.path.realpath(m.port)), None
        )


class _Port:
    """What the uplink says, as jobs for the store's thread; nothing here blocks."""

    def __init__(self, recorder: Recorder, pulse: Pulse) -> None:
        self._mailbox = recorder.mailbox
        self._pulse = pulse

    def wants_rows(self, after_seq: int, limit: int) -> None:
        self._mailbox.put(WantsRows(after_seq, limit), force=True)

    def on_delivered(self, seqs: tuple[int, ...]) -> None:
        self._mailbox.put(Delivered(seqs), force=True)

    def on_ack(self, store: str, seq: int, *, replayed: bool) -> None:
        self._mailbox.put(Acked(store, seq, replayed), force=True)
        if not replayed:
            self._pulse.beat("ack")

    def on_connected(self, protocol: str) -> None:
        _logger.info("broker connected protocol=%r", protocol)
        self._pulse.beat("broker")

    def on_problem(self, reason: str, detail: str) -> None:
        _logger.warning("broker reason=%r detail=%r", reason, detail)


def _complained(error: BaseException) -> Json:
    """An answer that says what went wrong, with what could be read all the same."""
    complaint = describe(error)
    answer = error_answer(complaint.text, complaint.exit_code, **complaint.fields)
    document = error.document if isinstance(error, AgentError) else None
    return answer if document is None else {**answer, "document": document}


def _tells_recovery(request: Json) -> bool:
    """Whether the whole status is asked for."""
    return request.get("ask") == "status" and request.get("parts") is None


def notify(state: str) -> None:
    """Tell systemd (sd_notify(3)); nothing where it does not listen."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.sendto(state.encode(), address)


def watchdog_period_s(env: Mapping[str, str]) -> float | None:
    """How often to feed systemd's watchdog: half its patience (sd_watchdog_enabled(3)).

    None where there is none, or it watches another process.
    """
    if env.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    patience_us = env.get("WATCHDOG_USEC", "")
    return int(patience_us) / 2e6 if patience_us.isdecimal() and int(patience_us) else None


def _join(worker: threading.Thread, deadline: float) -> bool:
    """Whether the thread ended in time; one that is stuck is reported, not waited for."""
    worker.join(max(0.0, deadline - time.monotonic()))
    if worker.is_alive():
        _logger.error("worker=%s does not stop", worker.name)
    return not worker.is_alive()


def _path(path: Any) -> str | None:
    return None if path is None else str(path)
