"""Card readers: the PC/SC service, and what it shows."""

from collections.abc import Callable

from agent.doctor.finding import Finding, Seen, failure, fine, not_applicable, unknown, warning
from agent.doctor.surroundings import Surroundings
from agent.errors import ReaderUnreachable
from agent.i18n.said import say
from agent.reader import choose_reader
from sim.errors import ReaderError
from sim.transport.pcsc import NO_PYSCARD, NO_SERVICE, NOT_ALLOWED, ReaderState, list_readers

_SOCKET = "/run/pcscd/pcscd.comm"
_DEADLINE_S = 6.0


def _listens(s: Surroundings) -> tuple[bool, str]:
    """Whether somebody listens at pcscd's socket, which is told without waking it; the socket.

    Source: proc(5), `/proc/net/unix`: the last field is the path, flag 00010000 is listening.
    """
    socket = s.env.get("PCSCLITE_CSOCK_NAME", _SOCKET)
    rows = (line.split() for line in (s.text("/proc/net/unix") or "").splitlines())
    return any(row[-1] == socket and row[3] == "00010000" for row in rows if len(row) > 7), socket


def pcscd(s: Surroundings) -> Finding:
    """Whether the PC/SC service runs, or is started when somebody asks."""
    listens, socket = _listens(s)
    running = s.processes("pcscd")
    seen = (
        Seen(socket, "listening" if listens else "nobody listens"),
        Seen("pcscd", f"pid {running[0]}" if running else "does not run"),
    )
    if listens:
        said = say("pcscd runs") if running else say("pcscd is started when somebody asks")
        return fine(said, *seen)
    if s.settings.reader.name is None:
        return not_applicable(say("no reader is configured, and pcscd does not run"), *seen)
    do = say("install pcscd, then run {command}", command="systemctl enable --now pcscd.socket")
    return failure(say("a reader is configured, and pcscd does not run"), do, *seen)


def readers(
    s: Surroundings, list_them: Callable[[float], tuple[ReaderState, ...]] = list_readers
) -> Finding:
    """Whether the configured reader is there. Nothing is sent to a card."""
    wanted = s.settings.reader.name
    if not _listens(s)[0]:
        if wanted is None:
            return not_applicable(say("no reader is configured, and pcscd does not run"))
        return unknown(say("{reason}", reason=NO_SERVICE))
    try:
        found = list_them(_DEADLINE_S)
    except ReaderError as error:
        return _unreachable(wanted, str(error))
    seen = tuple(Seen(each.name, each.card) for each in found)
    if wanted is not None:
        return _wanted(wanted, found, seen)
    if not found:
        return not_applicable(say("no reader is configured or connected"))
    return fine(say("readers connected: {count}", count=len(found)), *seen)


def _wanted(wanted: str, found: tuple[ReaderState, ...], seen: tuple[Seen, ...]) -> Finding:
    try:
        name = choose_reader(wanted, found)
    except ReaderUnreachable:
        do = say("connect it, or correct reader.name; simward ports lists readers")
        return failure(say("the configured reader {name} is not there", name=wanted), do, *seen)
    card = next(each.card for each in found if each.name == name)
    if card == "held":
        do = say("end the program that has it")
        return warning(say("another program holds the reader"), do, *seen)
    return fine(say("the configured reader is there"), *seen)


def _unreachable(wanted: str | None, reason: str) -> Finding:
    said = say("{reason}", reason=reason)
    if reason == NO_PYSCARD:
        if wanted is None:
            return not_applicable(said)
        do = say("install it: pip install 'simward[pcsc]', or Debian's python3-pyscard")
        return failure(said, do)
    if reason == NOT_ALLOWED:
        return failure(said, say("let polkit allow org.debian.pcsc-lite.access_pcsc to this user"))
    return unknown(said)
