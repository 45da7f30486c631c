"""One port: its engine, and the snapshots taken through it. One thread owns a session."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

from agent import clock as clocks
from agent.errors import ModemUnreachable
from agent.snapshot import GatewaySnapshot, to_json
from modem.engine import Engine
from modem.errors import AtUsageError, PortLost
from modem.rejects import RejectLog
from modem.service import ModemService, import_parts
from modem.snapshot import ModemSnapshot
from modem.transport.base import ByteStream
from modem.vendors.profile import Profile
from modem.vendors.select import GENERIC, load_profile

if TYPE_CHECKING:
    from modem.interview import Interview

CHANGING_PARTS: Final = frozenset({"sim", "registration", "operator", "usage"})
SIGNAL: Final = frozenset({"signal"})
_IDENTITY: Final = frozenset({"modem"})
_LAST_WORDS_S: Final = 2.0
_MESSAGE_CAME: Final = ("+CMTI:", "+CMT:")


class ModemSession:
    """A modem at a port; `snapshot` asks it.

    A port that was lost, or given back by `drop`, is opened again by the next question; what may
    come late from before is kept from it.
    """

    def __init__(
        self,
        open_stream: Callable[[], ByteStream],
        port: str,
        *,
        profile: str | None = None,
        slot: int = 1,
        on_urc: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = clocks.now,
    ) -> None:
        """Opens the port.

        Raises:
            PortUnavailable: it cannot be opened.
            ProfileError: there is no profile of that name.
        """
        self.port = port
        self.message_heard_at: datetime | None = None
        """When the modem last said by itself that a short message came in."""
        self._on_urc = on_urc
        self._told = None if profile is None else load_profile(profile)
        self._known = self._told
        self._open_stream = open_stream
        self._now = now
        self._rejects = RejectLog()
        self._stream = open_stream()
        self.engine = Engine(
            self._stream,
            clock=clock,
            on_urc=self._hear,
            reopen=self._reopen,
            meanwhile=_import_the_rest,
        )
        self._slot = slot
        self._service = self._service_of(self._told)

    def snapshot(
        self, parts: frozenset[str] | None = None, *, sample: bool = False
    ) -> GatewaySnapshot:
        """All facts, or those of the named parts; `sample`: with what a report wants beside.

        Raises:
            ModemUnreachable: nothing at the port answers, or it went away; with the document of
                what was read until then, if anything was.
        """
        taken_at = self._now()
        modem = self._read(parts, sample=sample)
        if modem.lost is not None:
            raise self._gone_midway(taken_at, modem)
        if modem.identity is not None and modem.identity.model.known is not None:
            # Who it is does not change while the port is open: not asked again to choose a profile.
            self._known = load_profile(modem.profile)
            self._service = self._service_of(self._known)
        return self._gateway_snapshot(taken_at, modem)

    def changes(self) -> GatewaySnapshot:
        """What may be different from one minute to the next; a full snapshot's other facts are not.

        Raises:
            ModemUnreachable: nothing at the port answers, or it went away.
        """
        taken_at = self._now()
        facts = self._read(CHANGING_PARTS, sample=True)
        # In full: a report wants more of the signal than its strength.
        signal = facts if facts.lost is not None else self._read(SIGNAL)
        if signal.lost is not None:
            raise self._gone_midway(taken_at, signal)  # never half a sample
        return self._gateway_snapshot(taken_at, facts._replace(signal=signal.signal))

    def interview(self) -> "Interview":
        """Questions to the modem by the profile that is known of it; each interview asks anew."""
        from modem.interview import Interview

        return Interview(self.engine, self.profile, self._now)

    @property
    def profile(self) -> Profile:
        """The family's, asked for where it is not known yet.

        Raises:
            ModemUnreachable: nothing at the port answers, or it went away.
        """
        if self._known is None:
            self.snapshot(_IDENTITY)
        return self._known or load_profile(GENERIC)

    def prepare(self) -> tuple[str, ...]:
        """Set up a modem that was just read (echo, errors, reports); what it refused.

        Raises:
            PortError: the port went away.
        """
        from modem.preparing import prepare

        return prepare(self.engine, self._known or load_profile(GENERIC))

    @property
    def restart_command(self) -> str | None:
        """What restarts the modem; None where it is not known yet, or its family has none."""
        return None if self._known is None else self._known.restart

    def now(self) -> datetime:
        """The time by which this session stamps what it reads."""
        return self._now()

    @property
    def ready_s(self) -> float:
        """What the modem may need to start, seconds."""
        return (self._known or load_profile(GENERIC)).ready_s

    def restart(self) -> None:
        """Send the restart command, whether the modem answers or not, and give the port back.

        Raises:
            PortLost, PortUnavailable: it cannot be sent.
            AtUsageError: there is no such command.
        """
        command = self.restart_command
        if command is None:
            raise AtUsageError("no command restarts this modem")
        self.engine.shout(command)
        with suppress(PortLost):  # a modem on USB goes away with its port
            self.engine.poll(_LAST_WORDS_S)
        self.drop()

    def drop(self) -> None:
        """Give the port back for now; who answers next at it has to say who it is."""
        self.engine.drop()
        self._service = self._service_of(self._told)

    def fileno(self) -> int | None:
        """A descriptor that can be read when the modem speaks; None where the port has none."""
        if not self.engine.is_open:
            return None
        fileno = getattr(self._stream, "fileno", None)
        return fileno() if fileno is not None else None

    def close(self) -> None:
        """Give the port back; harmless twice."""
        self.engine.close()

    def _service_of(self, profile: Profile | None) -> ModemService:
        return ModemService(
            self.engine, profile=profile, now=self._now, slot=self._slot, rejects=self._rejects
        )

    def _hear(self, line: str) -> None:
        """An unsolicited line: a refusal is kept for the next snapshot, a start ends this one."""
        from modem.urcs import begins_boot, moves_card, parse_urc

        if line.startswith(_MESSAGE_CAME):
            self.message_heard_at = self._now()
        self._rejects.hear(line, self._now())
        event = parse_urc(line)
        if begins_boot(event):
            self._service.hear_start()
        elif moves_card(event):
            self._service.hear_card()
        if self._on_urc is not None:
            self._on_urc(line)

    def _read(self, parts: frozenset[str] | None, *, sample: bool = False) -> ModemSnapshot:
        try:
            return self._service.read(parts, sample=sample)
        except PortLost as error:
            raise ModemUnreachable("{port}: {reason}", port=self.port, reason=str(error)) from error

    def _gone_midway(self, taken_at: datetime, modem: ModemSnapshot) -> ModemUnreachable:
        error = ModemUnreachable(
            "{port}: gone in the middle of reading: {reason}",
            port=self.port,
            reason=modem.lost or "",
        )
        error.document = to_json(self._gateway_snapshot(taken_at, modem))
        return error

    def _gateway_snapshot(self, taken_at: datetime, modem: ModemSnapshot) -> GatewaySnapshot:
        return GatewaySnapshot(taken_at, clocks.clock_synchronized(), self.port, modem)

    def _reopen(self) -> ByteStream:
        self._rejects.clear()  # nobody listened meanwhile
        self._stream = self._open_stream()
        return self._stream


def _import_the_rest() -> None:
    """What is needed after the modem's first answer, 15 ms of imports: the wait for it is free."""
    import json  # noqa: F401 - the command line prints a document at the end

    import_parts()
    clocks.clock_synchronized()
