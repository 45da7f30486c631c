"""One program a port: what the kernel knows of others who have it, and our own claim.

pyserial's flock keeps out those who ask for it. TIOCEXCL keeps out everybody but root, and
TIOCGEXCL (tty_ioctl(2), Linux 3.8) tells root that somebody claimed the port. Lock files are the
habit of older serial programs (pppd, minicom).
"""

import errno
import fcntl
import os
import termios
from contextlib import suppress

from modem.errors import PortTaken

TAKEN = "taken by another program"
TAKEN_BY_HIDDEN = "taken by another program (only root can see which)"
TAKEN_BY = TAKEN.removesuffix("another program")
"""How the reason begins, whoever has the port."""

# _IOR('T', 0x40, int); these architectures number the direction otherwise (asm/ioctl.h).
_OTHER_NUMBERS = ("alpha", "mips", "ppc", "sparc")
_READ = 0x40000000 if os.uname().machine.startswith(_OTHER_NUMBERS) else 0x80000000
_TIOCGEXCL = _READ | 4 << 16 | ord("T") << 8 | 0x40
_PTY_MAJORS = range(136, 144)  # as in holders, which is imported only where a port is taken


def enter(path: str, *, locks: str = "/var/lock") -> int:
    """A descriptor of the port at `path`, which is nobody else's; to be closed by the caller.

    It is opened before pyserial opens it: that would change the speed under whoever has it and
    throw away what waits there.

    Raises:
        PortTaken: somebody claimed it.
        OSError: it cannot be opened.
    """
    if os.path.exists(f"{locks}/LCK..{os.path.basename(path)}"):  # noqa: PTH110, PTH119 - 8 ms at start
        from modem.transport.holders import lock_file_holder
        from modem.transport.sysfs import SYSTEM

        holder = lock_file_holder(path, SYSTEM._replace(locks=locks))
        if holder is not None:
            raise PortTaken(path, f"{TAKEN_BY}{holder.in_words()}", (holder.program,))
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise taken(path) from error
        raise
    if _claimed(descriptor):
        found = taken(path)
        # A terminal's claim outlives a client that was killed, while the other end has it open.
        if found.programs or not _is_pty(descriptor):
            os.close(descriptor)
            raise found
    return descriptor


def claim(descriptor: int) -> None:
    """Keep others out until the port is closed, or we end."""
    if not _is_pty(descriptor):
        with suppress(OSError):  # a WWAN port knows no such thing
            fcntl.ioctl(descriptor, termios.TIOCEXCL)


def give_up(descriptor: int) -> None:
    """Let others in again: a claim stays while anybody has the port open."""
    if not _is_pty(descriptor):
        with suppress(OSError):
            fcntl.ioctl(descriptor, termios.TIOCNXCL)


def taken(path: str) -> PortTaken:
    """The error that says who has the port, as far as this user may know."""
    from modem.transport.holders import holders_of, lock_holders

    # Who merely looks at the port at this moment is not who locked it.
    holders, unseen = lock_holders(path), 0
    if not holders:
        found = holders_of([path])
        holders, unseen = found.by_port[path], found.unseen
    if not holders:
        return PortTaken(path, TAKEN_BY_HIDDEN if unseen else TAKEN, ())
    words = ", ".join(holder.in_words() for holder in holders)
    return PortTaken(path, f"{TAKEN_BY}{words}", tuple(holder.program for holder in holders))


def _claimed(descriptor: int) -> bool:
    try:
        answer = fcntl.ioctl(descriptor, _TIOCGEXCL, bytes(4))
    except OSError:  # no terminal, or a kernel that does not tell
        return False
    return any(answer)


def _is_pty(descriptor: int) -> bool:
    return os.major(os.fstat(descriptor).st_rdev) in _PTY_MAJORS
