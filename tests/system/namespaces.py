"""A gateway in a network namespace of its own: one cellular interface, one wired.

Needs root and iproute2. Both lead to the same host in a second namespace; the wired one has the
better default route, so that whatever is not bound to the cellular one goes out by wire.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.system.programs import end, wait_until

CELLULAR, WIRED = "wwan0", "eth0"
HOST = "198.51.100.10"
PORT = 8080
_MAC = "02:00:00:00:00:01"  # of both ends: without ARP a frame is for whoever has this address


class Namespaces:
    """`gateway` is what simward runs in, `air` what its interfaces lead to."""

    def __init__(self) -> None:
        self.gateway, self.air = (f"sw{os.getpid()}{name}" for name in ("g", "a"))

    def ip(self, *words: str) -> str:
        """`ip WORDS`; its answer."""
        ran = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        if ran.returncode:
            raise OSError(f"ip {' '.join(words)}: {ran.stderr.strip()}")
        return ran.stdout

    def inside(self, namespace: str, *command: str) -> list[str]:
        return ["ip", "netns", "exec", namespace, *command]

    def sent(self, interface: str) -> int:
        """Bytes that the gateway sent over an interface."""
        told = json.loads(self.ip("-n", self.gateway, "-s", "-j", "link", "show", interface))
        return int(told[0]["stats64"]["tx"]["bytes"])

    def make(self) -> None:
        for name in (self.gateway, self.air):
            self.ip("netns", "add", name)
            # What an interface says by itself would be counted as ours.
            for which in ("all", "default"):
                switch = f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6"
                off = self.inside(name, "sh", "-c", f"echo 1 > {switch}")
                subprocess.run(off, capture_output=True, check=False)
            self.ip("-n", name, "link", "set", "lo", "up")
        self._wire(CELLULAR, "cell", "10.64.0", metric=700)
        self._wire(WIRED, "wire", "192.0.2", metric=100)
        self.ip("-n", self.air, "address", "add", f"{HOST}/32", "dev", "lo")

    def _wire(self, here: str, there: str, network: str, *, metric: int) -> None:
        ends = (self.gateway, here, "2"), (self.air, there, "1")
        peer = ("type", "veth", "peer", "name", there, "netns", self.air)
        self.ip("link", "add", here, "netns", self.gateway, *peer)
        for namespace, name, last in ends:
            self.ip("-n", namespace, "link", "set", name, "address", _MAC, "arp", "off", "up")
            self.ip("-n", namespace, "address", "add", f"{network}.{last}/24", "dev", name)
        default = ("default", "via", f"{network}.1", "dev", here, "metric", str(metric))
        self.ip("-n", self.gateway, "route", "add", *default)

    def nothing_comes_back(self) -> None:
        """The network takes what the cellular interface sends, and answers nothing."""
        self.ip("-n", self.air, "route", "replace", "blackhole", "10.64.0.2/32")

    def default_is_cellular(self) -> None:
        """This machine's own way out leads over the modem."""
        way = ("default", "via", "10.64.0.1", "dev", CELLULAR, "metric", "10")
        self.ip("-n", self.gateway, "route", "add", *way)

    def cellular_is_down(self) -> None:
        self.ip("-n", self.gateway, "link", "set", CELLULAR, "down")

    def remove(self) -> None:
        for name in (self.gateway, self.air):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)


@contextmanager
def namespaces(folder: Path) -> Iterator[Namespaces]:
    """Both of them, and a web server behind; skips where they cannot be made."""
    if os.getuid() != 0:
        pytest.skip("network namespaces need root")
    if shutil.which("ip") is None:
        pytest.skip("iproute2 is not installed")
    made = Namespaces()
    with ExitStack() as stack:
        stack.callback(made.remove)
        try:
            made.make()
        except OSError as error:
            pytest.skip(f"no network namespaces here: {error}")
        log = stack.enter_context((folder / "web.log").open("wb"))
        serve = (sys.executable, "-u", "-m", "http.server", str(PORT), "--bind", HOST)
        server = subprocess.Popen(
            made.inside(made.air, *serve), stdout=log, stderr=log, cwd=folder, text=True
        )
        stack.callback(end, server)
        wait_until(lambda: b"Serving HTTP" in (folder / "web.log").read_bytes(), server)
        yield made
