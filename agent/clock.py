"""What time it is, how long this boot has lasted, and whether the wall clock can be believed."""

import os
import time
from datetime import UTC, datetime

_TIMESYNCD_MARK = "/run/systemd/timesync/synchronized"
_STA_UNSYNC = 0x40  # linux/timex.h
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised

_taken_as_synchronized = False


def now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


def up_s() -> float:
    """Seconds since this boot, suspend included (CLOCK_BOOTTIME)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def clock_synchronized() -> bool:
    """Whether something keeps the wall clock right: systemd-timesyncd, else what the kernel says.

    The kernel's word (adjtimex) covers chrony and ntpd. Where it cannot be asked, the answer is no.
    """
    if _taken_as_synchronized or os.path.exists(_TIMESYNCD_MARK):  # noqa: PTH110 - pathlib costs 8 ms at start
        return True
    return _kernel_says_synchronized()


def take_as_synchronized() -> None:
    """Believe the wall clock from now on, in this process: for simulated gateways alone."""
    global _taken_as_synchronized  # noqa: PLW0603 - one process has one clock
    _taken_as_synchronized = True


def _kernel_says_synchronized() -> bool:
    import ctypes  # 3 ms, but Python itself has no adjtimex

    # struct timex of the C library: `modes` (0 reads only), four longs, then `status`.
    timex = (ctypes.c_long * 64)()
    try:
        state = ctypes.CDLL(None).adjtimex(timex)
    except (OSError, AttributeError):
        return False
    status = ctypes.c_int.from_buffer(timex, 5 * ctypes.sizeof(ctypes.c_long)).value
    return 0 <= state != _TIME_ERROR and not status & _STA_UNSYNC


def iso(moment: datetime) -> str:
    """`2026-11-22T01:02:03.456Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
