"""What time it is, how long this boot has lasted, and whether the wall clock can be believed."""

import os
import time
from datetime import UTC, datetime

_TIMESYNCD_MARK = "/run/systemd/timesync/synchronized"
_STA_UNSYNC = 0x40  # linux/timex.h
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


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
    return os.path.exists(_TIMESYNCD_MARK) or _kernel_says_synchronized()  # noqa: PTH110 - pathlib costs 8 ms at start


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
