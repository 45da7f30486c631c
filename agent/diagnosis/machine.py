"""What a diagnosis needs of the machine it runs on, and of the modem's place in it."""

import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from agent.clock import clock_synchronized
from agent.diagnosis import sockets
from agent.diagnosis.ip_path import Sockets, Way
from agent.own_uplink import Uplinks, read_uplinks


class Machine(NamedTuple):
    """What a diagnosis needs of the machine it runs on."""

    sockets: Sockets
    clock: Callable[[], float]
    uplinks: Callable[[Mapping[str, str]], Uplinks]
    name_servers: Callable[[], tuple[tuple[str, int], ...]]
    has_way: Callable[[Way], bool]
    counters: Callable[[str], tuple[int, int] | None]
    synchronized: Callable[[], bool] = clock_synchronized


THIS_MACHINE: Final = Machine(
    sockets=sockets.SystemSockets(),
    clock=time.monotonic,
    uplinks=read_uplinks,
    name_servers=lambda: tuple((each, 53) for each in sockets.name_servers_of_system()),
    has_way=sockets.can_leave_by,
    counters=sockets.counters_of,
)
