"""One port: its engine, and the snapshots taken through it. One thread owns a session."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from agent.clock import clock_synchronized, now
from agent.errors import ModemUnreachable
from agent.snapshot import GatewaySnapshot, to_json
from modem.engine import Engine
from modem.errors import PortLost
from modem.service import ModemService, import_parts
from modem.snapshot import ModemSnapshot
from modem.transport.base import ByteStream
from modem.vendors.select import load_profile

CHANGING_PARTS: Final = frozenset({"sim", "registration", "operator", "usage"})
SIGNAL: Final = frozenset({"signal"})


class ModemSession:
    """A modem at a port; `snapshot` asks it."""

    def __init__(
        self,
        open_stream: Callable[[], ByteStream],
        port: str,
        *,
        profile: str | None = None,
        slot: int = 1,
        on_urc: Callable[[str], None] | None = None,
    ) -> None:
        """Opens the port.

        Raises:
            PortUnavailable: it cannot be opened.
            ProfileError: there is no profile of that name.
        """
        self.port = port
        chosen = None if profile is None else load_profile(profile)
        self._open_stream = open_stream
        self._stream = open_stream()
        self.engine = Engine(
            self._stream, on_urc=on_urc, reopen=self._reopen, meanwhile=_import_the_rest
        )
        self._slot = slot
        self._service = ModemService(self.engine, profile=chosen, now=now, slot=slot)

    def snapshot(self, parts: frozenset[str] | None = None) -> GatewaySnapshot:
        """All facts, or those of the named parts.

        Raises:
            ModemUnreachable: nothing at the port answers, or it went away; with the document of
                what was read until then, if anything was.
        """
        taken_at = now()
        modem = self._read(parts)
        if modem.lost is not None:
            raise self._gone_midway(taken_at, modem)
        if modem.identity is not None and modem.identity.model.known is not None:
            # Who it is does not change while the port is open: not asked again to choose a profile.
            known = load_profile(modem.profile)
            self._service = ModemService(self.engine, profile=known, now=now, slot=self._slot)
        return self._gateway_snapshot(taken_at, modem)

    def changes(self) -> GatewaySnapshot:
        """What may be different from one minute to the next; a full snapshot's other facts are not.

        Raises:
            ModemUnreachable: nothing at the port answers, or it went away.
        """
        taken_at = now()
        facts = self._read(CHANGING_PARTS)
        # Alone, a part is read in full: a report wants more of the signal than its strength.
        signal = facts if facts.lost is not None else self._read(SIGNAL)
        if signal.lost is not None:
            raise self._gone_midway(taken_at, signal)  # never half a sample
        return self._gateway_snapshot(taken_at, facts._replace(signal=signal.signal))

    def fileno(self) -> int | None:
        """A descriptor that can be read when the modem speaks; None where the port has none."""
        fileno = getattr(self._stream, "fileno", None)
        return fileno() if fileno is not None else None

    def close(self) -> None:
        """Give the port back; harmless twice."""
        self.engine.close()

    def _read(self, parts: frozenset[str] | None) -> ModemSnapshot:
        try:
            return self._service.read(parts)
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
        return GatewaySnapshot(taken_at, clock_synchronized(), self.port, modem)

    def _reopen(self) -> ByteStream:
        self._stream = self._open_stream()
        return self._stream


def _import_the_rest() -> None:
    """What is needed after the modem's first answer, 15 ms of imports: the wait for it is free."""
    import json  # noqa: F401 - the command line prints a document at the end

    import_parts()
    clock_synchronized()
