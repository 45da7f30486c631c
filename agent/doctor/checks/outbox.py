"""The store, read without changing it: what waits, since when, what was dropped, is it whole.

Source: SQLite documentation, "Write-Ahead Logging" (read-only databases), "URI Filenames".
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from agent.doctor.checks.clock import duration
from agent.doctor.checks.service import daemon_health
from agent.doctor.finding import (
    Finding,
    Seen,
    Unreadable,
    failure,
    fine,
    not_applicable,
    unknown,
    warning,
)
from agent.doctor.surroundings import Surroundings
from agent.i18n import mark
from agent.i18n.said import Said, say
from agent.store import NAME
from cloud_bridge.outbox import DROPPED

_OLD_S: Final = 86_400
_NEARLY: Final = 0.8
_PERIODS: Final = 3
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class Contents(NamedTuple):
    """What is in the outbox; `oldest` and `newest` are bodies of rows, None where there are none.

    `waiting` rows still have to be delivered; `damage` is what SQLite found, None for nothing.
    """

    rows: int
    size_bytes: int
    waiting: int
    acked: int | None
    oldest: dict[str, Any] | None
    newest_report: dict[str, Any] | None
    dropped: int
    damage: str | None


def contents(s: Surroundings) -> Contents | None:
    """Read once for all checks; None where there is no store yet.

    Raises:
        Unreadable: this user may not read it, or somebody keeps it locked.
    """
    return s.once("store", lambda: _contents(s))


def _contents(s: Surroundings) -> Contents | None:
    try:
        return read_store(s, _read)
    except StoreDamaged as error:
        return Contents(0, 0, 0, None, None, None, 0, str(error))


T = TypeVar("T")


class StoreDamaged(Exception):  # noqa: N818 - it says what is the matter with the store
    """What SQLite found."""


def read_store(s: Surroundings, read: Callable[[sqlite3.Connection], T]) -> T | None:
    """What `read` makes of the store; None where there is none yet.

    Raises:
        Unreadable: this user may not read it, or somebody keeps it locked.
        StoreDamaged: it is no whole database.
    """
    path = s.state_dir / NAME
    try:
        with path.open("rb"):
            pass
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise s.unreadable(path, error) from error
    try:
        with closing(_connected(path)) as connection:
            return read(connection)
    except sqlite3.Error as error:
        name = str(getattr(error, "sqlite_errorname", "") or "")
        if name.startswith(_DAMAGED):
            raise StoreDamaged(str(error)) from error
        said = say(
            "{path} cannot be read as {user}: {error}",
            path=str(path),
            user=s.user.name,
            error=str(error),
        )
        raise Unreadable(said) from error


def _connected(path: Path) -> sqlite3.Connection:
    """Read-only, and no file of SQLite's own is made.

    Without a log beside it nobody writes. With one, `readonly_shm` keeps SQLite from writing its
    index of the log, which it would even make anew.
    """
    log = path.with_name(f"{path.name}-wal")
    mode = "mode=ro&readonly_shm=1" if log.exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=3.0)


def _read(connection: sqlite3.Connection) -> Contents:
    verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    connection.execute("BEGIN")
    acked, rows, size = connection.execute("SELECT acked, rows, bytes FROM outbox_meta").fetchone()
    (waiting,) = connection.execute("SELECT count(*) FROM outbox WHERE sent = 0").fetchone()
    dropped = connection.execute(
        "SELECT body FROM outbox WHERE kind = 'event' AND code = ?", (DROPPED,)
    ).fetchall()
    return Contents(
        rows=rows,
        size_bytes=size,
        waiting=waiting,
        acked=acked,
        oldest=_body(connection, "sent = 0 ORDER BY seq"),
        newest_report=_body(connection, "kind = 'report' ORDER BY seq DESC"),
        dropped=sum(int(json.loads(body)["args"]["count"]) for (body,) in dropped),
        damage=None if verdict == "ok" else verdict,
    )


def _body(connection: sqlite3.Connection, which: str) -> dict[str, Any] | None:
    row = connection.execute(f"SELECT body FROM outbox WHERE {which} LIMIT 1").fetchone()  # noqa: S608 - words of our own
    if row is None:
        return None
    body: dict[str, Any] = json.loads(row[0])
    return body


def outbox(s: Surroundings) -> Finding:
    """Whether the outbox is whole and flows."""
    found = contents(s)
    path = s.state_dir / NAME
    if found is None:
        return not_applicable(
            say("no daemon has run here: there is no store"), Seen(str(path), "not there")
        )
    seen = (
        Seen(str(path), f"{found.rows} rows, {found.size_bytes} bytes, {found.waiting} to deliver"),
        Seen("outbox ack", "none yet" if found.acked is None else f"up to seq {found.acked}"),
        Seen("PRAGMA quick_check", found.damage or "ok"),
    )
    trouble = _trouble(s, found)
    if trouble is not None:
        return trouble._replace(seen=seen)
    age_s = None if found.oldest is None else _age_s(s, found.oldest)
    if age_s is not None and age_s > _OLD_S:
        return warning(
            say("the oldest row has waited for {age}", age=duration(age_s)), _ROAD, *seen
        )
    if found.oldest is None:
        return fine(say("nothing waits"), *seen)
    return fine(_waits(found.waiting, age_s), *seen)


_ROAD = say("see the checks of the broker and of the backend's ack")


def _trouble(s: Surroundings, found: Contents) -> Finding | None:
    """What is wrong with the store, whatever the age of its rows."""
    if found.damage is not None:
        do = say("restart the daemon: it moves the store aside and begins a new one")
        return failure(say("the store is damaged"), do)
    bounds = s.settings.outbox
    if found.rows > _NEARLY * bounds.max_rows or found.size_bytes > _NEARLY * bounds.max_bytes:
        said = say(
            "the outbox is nearly full ({rows} rows): the oldest reports will be dropped",
            rows=found.rows,
        )
        return failure(said, _ROAD)
    if found.dropped:
        said = say("{count} reports were dropped and will never arrive", count=found.dropped)
        return warning(said, _ROAD)
    moved = sorted(each.name for each in s.state_dir.glob(f"{NAME}.bad-*"))
    if moved:
        said = say("a damaged store was moved aside: {name}", name=", ".join(moved))
        return warning(said, say("look for the cause (power, disk), then delete the file"))
    return None


def _waits(rows: int, age_s: float | None) -> Said:
    if age_s is None:
        return say("{rows} rows wait; since when is not known: the clock was not right", rows=rows)
    return say("{rows} rows wait, the oldest for {age}", rows=rows, age=duration(age_s))


def _age_s(s: Surroundings, body: dict[str, Any]) -> float | None:
    """How old a row is: by uptime within this boot, else by the clock if that can be believed."""
    if body.get("boot") == _boot(s):
        return s.up_s() - float(body["up_s"])
    at = body.get("at")
    if at is None or not s.synchronized():
        return None
    return (s.now() - datetime.fromisoformat(at)).total_seconds()


def _boot(s: Surroundings) -> int | None:
    """The number of this boot, where the daemon has counted it."""
    number, _, boot_id = (s.text(s.state_dir / "boot") or "").partition(" ")
    same = boot_id.strip() == s.text("/proc/sys/kernel/random/boot_id")
    return int(number) if same and number.isdecimal() else None


def last_report(s: Surroundings) -> Finding:
    """How long ago the daemon took a report."""
    health = daemon_health(s)
    if health is not None:
        return _fresh(
            s,
            health,
            key="last_report_s",
            none=say("no report since the daemon started"),
            text=mark("the last report is {age} old"),
            do=say("see whether the modem answers: simward status"),
        )
    found = contents(s)
    if found is None or found.newest_report is None:
        return not_applicable(say("the daemon does not run, and the store holds no report"))
    age_s = _age_s(s, found.newest_report)
    if age_s is None:
        return unknown(say("the clock was not right when the last report was taken"))
    said = say(
        "the daemon does not run; the last report that is kept is {age} old", age=duration(age_s)
    )
    return warning(said, say("start the daemon"), Seen(str(s.state_dir / NAME), f"{age_s:.0f} s"))


def last_ack(s: Surroundings) -> Finding:
    """How long ago the backend confirmed that it has our reports."""
    if s.settings.broker.url is None:
        return not_applicable(say("no broker is configured: simward only records"))
    health, found = daemon_health(s), contents(s)
    if found is None:
        return not_applicable(say("no daemon has run here: there is no store"))
    if health is None:
        return unknown(say("only the running daemon knows when the last ack came"))
    do = say("see whether the backend runs and may publish to the topic ack")
    if found.acked is None and health.get("last_broker_s") is not None:
        said = say("no backend has ever confirmed a report: rows leave when the broker has them")
        return warning(said, do, Seen("outbox ack", "none yet"))
    return _fresh(
        s,
        health,
        key="last_ack_s",
        none=say("the backend has confirmed nothing since the daemon started"),
        text=mark("the backend's last ack is {age} old"),
        do=do,
    )


def _fresh(
    s: Surroundings, health: dict[str, Any], *, key: str, none: Said, text: str, do: Said
) -> Finding:
    """Whether what should happen with each report has happened of late."""
    late_s = _PERIODS * s.settings.report.interval_s + 60
    age_s, running_s = health.get(key), float(health["running_s"])
    seen = Seen("control.sock", f"{key} {age_s}, running_s {running_s:.0f}")
    if age_s is None:
        if running_s < late_s:
            said = say("the daemon started only {age} ago", age=duration(running_s))
            return unknown(said, seen)
        return warning(none, do, seen)
    said = Said(text, {"age": duration(age_s)})
    return warning(said, do, seen) if age_s > late_s else fine(said, seen)
