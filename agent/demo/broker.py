"""The demo's broker: amqtt on loopback. It speaks MQTT 3.1.1 only and forgets when it stops.

That is why it is good for a demo: the fallback and the resending are real. Run as
`python -m agent.demo.broker PORT`; it prints one line when it listens, and ends on SIGTERM.
"""

import asyncio
import logging
import signal
import sys
from contextlib import suppress

from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter
from amqtt.broker import Broker

_MQTT_311 = 4
_HEAD = 12
"""The shortest CONNECT is longer; its protocol level stands before."""
_UNACCEPTABLE_PROTOCOL = bytes([0x20, 2, 0, 1])
"""CONNACK (MQTT 3.1.1 clause 3.2.2.3)."""


class _Begun(StreamReaderAdapter):
    """A stream of which `head` has been read already."""

    def __init__(self, head: bytes, reader: asyncio.StreamReader) -> None:
        super().__init__(reader)
        self._head = head

    async def read(self, n: int = -1) -> bytes:
        """`n` bytes, or all."""
        taken = self._head if n < 0 else self._head[:n]
        self._head = self._head[len(taken) :]
        missing = n - len(taken) if n >= 0 else -1
        return taken if missing == 0 else taken + await super().read(missing)


class _Broker(Broker):
    """Refuses a newer MQTT in the words of the standard; amqtt alone would never answer it."""

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """Look at the protocol level, then let amqtt work."""
        try:
            head = await reader.readexactly(_HEAD)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()
            return
        _, found, level = head.partition(b"\x00\x04MQTT")
        if found and level[:1] > bytes([_MQTT_311]):
            writer.write(_UNACCEPTABLE_PROTOCOL)
            with suppress(OSError):
                await writer.drain()
            writer.close()
            return
        await self.external_connected(
            _Begun(head, reader), StreamWriterAdapter(writer), listener_name
        )


def _configuration(port: int) -> dict[str, object]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {
            "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True},
        },
    }


async def serve(port: int) -> None:
    """Serve on 127.0.0.1:`port` until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    broker = _Broker(_configuration(port))
    await broker.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)  # noqa: T201 - read by the demo
    await stop.wait()
    await broker.shutdown()


if __name__ == "__main__":
    # amqtt logs each of its tasks; a demo's reader wants none of it.
    logging.disable(logging.CRITICAL)
    asyncio.run(serve(int(sys.argv[1])))
