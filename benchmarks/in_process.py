"""simward's own time for the facts, port opening included. Usage: in_process.py PORT.

Two reads, each on a fresh engine: the first of the process, which also imports what it needs, and a
second one, as a daemon's every read is.
"""

import sys
import time
from datetime import UTC, datetime

from modem.engine import Engine
from modem.service import ModemService
from modem.transport.serial_port import open_stream

PARTS = frozenset({"modem", "sim", "registration", "signal"})


def read(port: str) -> float:
    """Open, read, close; milliseconds up to the last fact."""
    started = time.perf_counter()
    engine = Engine(open_stream(port))
    ModemService(engine, now=lambda: datetime.now(UTC)).read(PARTS)
    elapsed_ms = (time.perf_counter() - started) * 1e3
    engine.close()
    return elapsed_ms


print(f"in_process_ms {read(sys.argv[1]):.2f}")
print(f"again_ms {read(sys.argv[1]):.2f}")
