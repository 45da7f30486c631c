"""Who may use the modem's port: whoever looks, and the user that the daemon runs as."""

import os
from pathlib import Path

from agent.doctor.checks.modem_ports import NO_PORT, ports_in_use
from agent.doctor.checks.service import unit_properties
from agent.doctor.finding import Finding, Seen, Unreadable, failure, fine, not_applicable, worst
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import say


def rights(s: Surroundings) -> Finding:
    """Whether this user may use the port; for root: whether the daemon's user may."""
    in_use = [path for path, port in ports_in_use(s) if Path(path).exists()]
    if not in_use:
        return not_applicable(say(NO_PORT))
    if not s.user.is_root:
        return worst(_right(s, path) for path in in_use)
    user = _user_of_unit(s)
    if user in {"", "root"}:
        return fine(say("root may use every port"), Seen("uid", "0"))
    return worst(_right_of(s, user, path) for path in in_use)


def _user_of_unit(s: Surroundings) -> str:
    try:
        return (unit_properties(s) or {}).get("User", "")
    except Unreadable:
        return ""


def _right(s: Surroundings, path: str) -> Finding:
    """Of who runs this."""
    group, members = _group(s, Path(path).stat().st_gid)
    if s.access(Path(path), os.R_OK | os.W_OK):
        return fine(say("{user} may use the port", user=s.user.name), _ownership(path, group))
    said = say("{user} may not use {port}", user=s.user.name, port=path)
    if s.user.name in members and Path(path).stat().st_gid not in s.user.groups:
        do = say("log out and in again: the group {group} counts from the next login", group=group)
    else:
        do = say("run {command}, then log in again", command=f"usermod -aG {group} {s.user.name}")
    return failure(said, do, _ownership(path, group))


def _right_of(s: Surroundings, user: str, path: str) -> Finding:
    """Of another user, by the file's mode and the system's lists of users and groups."""
    status = Path(path).stat()
    group, members = _group(s, status.st_gid)
    uid, gid = _ids(s, user)
    in_group = user in members or gid == str(status.st_gid)
    shift = 6 if uid == str(status.st_uid) else 3 if in_group else 0
    if status.st_mode >> shift & 0o6 == 0o6:
        return fine(say("{user} may use the port", user=user), _ownership(path, group))
    do = say("run {command}, then restart the daemon", command=f"usermod -aG {group} {user}")
    return failure(
        say("{user} may not use {port}", user=user, port=path), do, _ownership(path, group)
    )


def _ownership(path: str, group: str) -> Seen:
    return Seen(path, f"group {group}, mode {Path(path).stat().st_mode & 0o777:o}")


def _ids(s: Surroundings, user: str) -> tuple[str, str]:
    """The numbers of a user and its first group, from /etc/passwd (passwd(5))."""
    for line in (s.text("/etc/passwd") or "").splitlines():
        fields = line.split(":")
        if len(fields) == 7 and fields[0] == user:
            return fields[2], fields[3]
    raise Unreadable(say("there is no user {user}", user=user))


def _group(s: Surroundings, number: int) -> tuple[str, list[str]]:
    """The name of a group and its members, from /etc/group (group(5))."""
    for line in (s.text("/etc/group") or "").splitlines():
        fields = line.split(":")
        if len(fields) == 4 and fields[2] == str(number):
            return fields[0], fields[3].split(",")
    return str(number), []
