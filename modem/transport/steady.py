"""A port that is found again after its modem was away, under whatever name it comes back."""

import logging
from collections.abc import Callable

from modem.errors import PortUnavailable
from modem.transport.base import ByteStream
from modem.transport.discovery import Identity, find_again, identity_of
from modem.transport.serial_port import NO_SUCH_PORT
from modem.transport.sysfs import SYSTEM, Roots

_logger = logging.getLogger(__name__)


class SteadyPort:
    """Opens the port `url` again and again: `open_stream` is given the name of the moment.

    The first time it is the configured one. From then on it is the same port of the same device;
    or, where another device was put into its place, whatever the configured name leads to there:
    a spare part. Another device elsewhere that got the name meanwhile is never opened.
    """

    def __init__(
        self, url: str, open_stream: Callable[[str], ByteStream], roots: Roots = SYSTEM
    ) -> None:
        self._url = url
        self._open_stream = open_stream
        self._roots = roots
        self._known: Identity | None = None
        self._path = url

    def open(self) -> ByteStream:
        """The port, open.

        Raises:
            PortUnavailable: with the reason.
        """
        path = self._url if self._known is None else self._found(self._known)
        stream = self._open_stream(path)
        self._known = identity_of(path, self._roots)
        if path != self._path:
            _logger.warning("port=%s is now %s", self._url, path)
            self._path = path
        return stream

    def _found(self, known: Identity) -> str:
        again = find_again(known, self._roots)
        if again.path is not None:
            # The name that was configured is the better one where it leads there all the same.
            return self._url if self._leads_to(again.path) else again.path
        spare = identity_of(self._url, self._roots)
        if spare and spare.device and known.device and spare.device.name == known.device.name:
            return self._url
        raise PortUnavailable(self._url, NO_SUCH_PORT)

    def _leads_to(self, path: str) -> bool:
        here = identity_of(self._url, self._roots)
        return here is not None and here.path == path
