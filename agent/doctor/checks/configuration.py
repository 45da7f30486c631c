"""The configuration: is it valid, and who may read the secrets that it names."""

import stat
from pathlib import Path

from agent.config import not_used_yet
from agent.config_files import SYSTEM_FILE
from agent.doctor.finding import Finding, Seen, failure, fine, not_applicable, warning, worst
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import Said, say


def config(s: Surroundings) -> Finding:
    """Whether `simward run` could start with the configuration."""
    given, file, settings, error = s.configured
    seen = Seen(file or "SIMWARD_*", "read" if given else "not there")
    if error is not None:
        do = say("correct it: simward run does not start with this configuration")
        return failure(Said(error.text, error.fields), do, seen)
    if not given or settings is None:
        do = say("write {file} if this is a gateway that reports", file=SYSTEM_FILE)
        return warning(say("there is no configuration; the defaults count"), do, seen)
    if not settings.modem:
        do = say("give [[modem]] a port; simward ports shows which")
        return warning(say("no modem is configured: simward run does not start"), do, seen)
    unused = not_used_yet(settings)
    if unused:
        said = say("keys that do nothing in this version: {keys}", keys=", ".join(unused))
        return warning(said, say("do not rely on them"), seen)
    return fine(say("valid"), seen)


def secrets(s: Surroundings) -> Finding:
    """Whether others can read the device's key and password, or change the configuration."""
    named = {
        "broker.key": s.settings.broker.key,
        "broker.password_file": s.settings.broker.password_file,
    }
    found = [_secret(s, key, file) for key, file in named.items() if file is not None]
    if s.configured.file is not None:
        found.append(_own(s, Path(s.configured.file)))
    if not found:
        return not_applicable(say("no key, password or configuration file is there"))
    return worst(found)


def _secret(s: Surroundings, key: str, file: Path) -> Finding:
    mode = _mode(s, file)
    if mode is None:
        do = say("put the file there, or correct {key}", key=key)
        return failure(say("{key}: there is no file {file}", key=key, file=str(file)), do)
    seen = Seen(str(file), stat.filemode(mode))
    if mode & stat.S_IRWXO:
        do = say("{command}, and renew what others may have read", command=f"chmod o= {file}")
        return failure(say("everybody on this machine can read {file}", file=str(file)), do, seen)
    return fine(say("only their owners and groups can read keys and passwords"), seen)


def _own(s: Surroundings, file: Path) -> Finding:
    mode = _mode(s, file)
    if mode is None:
        return not_applicable(say("no key, password or configuration file is there"))
    seen = Seen(str(file), stat.filemode(mode))
    if mode & stat.S_IWOTH:
        do = say("run {command}", command=f"chmod o-w {file}")
        return failure(say("everybody on this machine can change {file}", file=str(file)), do, seen)
    return fine(say("only its owner and group can change the configuration"), seen)


def _mode(s: Surroundings, file: Path) -> int | None:
    try:
        return file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise s.unreadable(file, error) from error
