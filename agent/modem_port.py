"""The way to one modem: its port, and ModemManager kept away from it where the owner wants that."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from modem.errors import CoexistError, PortUnavailable
from modem.transport.base import ByteStream

if TYPE_CHECKING:
    from modem.transport.coexist import Inhibition

# About ModemManager: leave it what it holds, or take the modem from it. The third word of the
# configuration, "ignore", is "refuse" without a warning.
REFUSE = "refuse"
INHIBIT = "inhibit"


def in_danger(url: str) -> bool:
    """Whether ModemManager manages the modem at `url`, so that it may open the port at any time."""
    from modem.transport.coexist import managed_modems
    from modem.transport.sysfs import port_at

    port = port_at(url)
    try:
        return port is not None and any(port.name in each.ports for each in managed_modems() or ())
    except CoexistError:
        return False


class ModemPort:
    """Opens the port at `url`, again and again if need be, until `close`."""

    def __init__(
        self,
        url: str,
        *,
        baudrate: int,
        modemmanager: str = REFUSE,
        keep: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        """`keep` runs what it is given in a thread: the watch for a ModemManager that starts later.

        Without it ModemManager is asked once.
        """
        self.url = url
        self._baudrate = baudrate
        self._inhibits = modemmanager == INHIBIT
        self._keep = keep
        self._inhibition: Inhibition | None = None

    def open(self, path: str | None = None) -> ByteStream:
        """The port, open; `path` is its name of the moment, where that is not `url` any more.

        Raises:
            PortUnavailable: it cannot be opened, or ModemManager does not let go of it.
        """
        from modem.transport.serial_port import open_stream

        path = path or self.url
        if self._inhibits:
            if self._inhibition is not None and not self._inhibition.concerns(path):
                self.close()  # the modem was plugged in elsewhere
            if self._inhibition is None:
                self._take_from_modemmanager(path)
        return open_stream(path, baudrate=self._baudrate)

    def close(self) -> None:
        """Give the modem back to ModemManager; harmless twice. A stream is its user's to close."""
        inhibition, self._inhibition = self._inhibition, None
        if inhibition is None:
            return
        if self._keep is None:
            inhibition.close()
        else:
            inhibition.release()

    def _take_from_modemmanager(self, path: str) -> None:
        from modem.transport.coexist import Inhibition

        inhibition = Inhibition(path)
        try:
            inhibition.take()
        except CoexistError as error:
            inhibition.close()
            raise PortUnavailable(path, error.reason) from error
        except BaseException:
            inhibition.close()
            raise
        self._inhibition = inhibition
        if self._keep is not None:
            self._keep(inhibition.keep)
