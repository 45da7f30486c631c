"""The demo's broker: amqtt on loopback. It speaks MQTT 3.1.1 only and forgets when it stops.

That is why it is good for a demo: the fallback and the resending are real. Run as
`python -m agent.demo.broker PORT`; it prints one line when it listens, and ends on SIGTERM.
"""

import asyncio
import logging
import signal
import sys

from amqtt.broker import Broker


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
    broker = Broker(_configuration(port))
    await broker.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)  # noqa: T201 - read by the demo
    await stop.wait()
    await broker.shutdown()


if __name__ == "__main__":
    # amqtt logs each of its tasks; a demo's reader wants none of it.
    logging.disable(logging.CRITICAL)
    asyncio.run(serve(int(sys.argv[1])))
