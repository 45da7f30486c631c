"""The system's journal: where it goes, and whether it has a bound. Source: journald.conf(5)."""

from agent.doctor.finding import Finding, Seen, fine, not_applicable, warning
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import say

_FILES = ("/etc/systemd/journald.conf",)
# In the order of journald.conf(5); of files of one name the first folder's counts.
_FOLDERS = (
    "/etc/systemd/journald.conf.d",
    "/run/systemd/journald.conf.d",
    "/usr/lib/systemd/journald.conf.d",
)


def journal(s: Surroundings) -> Finding:
    """Whether logs wear the card without limit, or vanish with the power."""
    if not s.exists("/run/systemd/journal") and not s.processes("systemd-journald"):
        return not_applicable(say("journald does not run"))
    values = _settings(s)
    storage = values.get("Storage", "auto")
    on_disk = s.exists("/var/log/journal")
    seen = (
        Seen("journald.conf Storage", storage),
        Seen("journald.conf SystemMaxUse", values.get("SystemMaxUse", "not set")),
        Seen("/var/log/journal", _size(s) if on_disk else "not there"),
    )
    if storage in {"volatile", "none"} or (storage == "auto" and not on_disk):
        return fine(say("logs are kept in memory: they end with the power"), *seen)
    if "SystemMaxUse" not in values:
        said = say("logs are kept on disk without a bound of their own (up to 4 GB)")
        do = say("set SystemMaxUse=100M in /etc/systemd/journald.conf")
        return warning(said, do, *seen)
    return fine(say("logs are kept on disk, {size} at most", size=values["SystemMaxUse"]), *seen)


def _size(s: Surroundings) -> str:
    files = s.where("/var/log/journal").rglob("*.journal")
    return f"{sum(file.stat().st_blocks for file in files) * 512 >> 20} MiB"


def _settings(s: Surroundings) -> dict[str, str]:
    parts: dict[str, str] = {}
    for folder in _FOLDERS:
        for name in s.names(folder):
            if name.endswith(".conf"):
                parts.setdefault(name, f"{folder}/{name}")
    values: dict[str, str] = {}
    for path in (*_FILES, *(parts[name] for name in sorted(parts))):
        for line in (s.text(path) or "").splitlines():
            key, separator, value = line.partition("=")
            if separator and not key.lstrip().startswith(("#", ";")):
                if value.strip():
                    values[key.strip()] = value.strip()
                else:
                    values.pop(key.strip(), None)
    return values
