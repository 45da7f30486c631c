"""Where a configuration may stand, told without reading or checking it (cheap at start)."""

import os
from collections.abc import Iterator, Mapping

from agent.errors import ConfigError

SYSTEM_FILE = "/etc/simward/simward.toml"
SYSTEM_STATE_DIR = "/var/lib/simward"
RUN_DIR = "/run/simward"
_PREFIX = "SIMWARD_"


def configured(option: str | None, env: Mapping[str, str]) -> bool:
    """Whether there is anything for `agent.config.load` to load."""
    named = option or env.get("SIMWARD_CONFIG")
    return bool(named) or find_file(None, env) is not None or any(True for _ in env_keys(env))


def find_file(option: str | None, env: Mapping[str, str]) -> str | None:
    """The file in force: `--config`, SIMWARD_CONFIG, the system's, the user's; else None.

    Raises:
        ConfigError: a file was named and does not exist.
    """
    named = option or env.get("SIMWARD_CONFIG")
    if named:
        if not os.path.exists(named):  # noqa: PTH110 - pathlib costs 8 ms at start
            raise ConfigError("there is no configuration file {file}", file=named)
        return named
    home = env.get("XDG_CONFIG_HOME") or f"{env.get('HOME', '')}/.config"
    candidates = (SYSTEM_FILE, f"{home}/simward/simward.toml")
    return next((path for path in candidates if os.path.exists(path)), None)  # noqa: PTH110


def env_keys(env: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(variable, section, key) of every `SIMWARD_<SECTION>__<KEY>`."""
    for variable in sorted(env):
        section, separator, key = variable.removeprefix(_PREFIX).partition("__")
        if variable.startswith(_PREFIX) and separator and section and key:
            yield variable, section.lower(), key.lower()


def check_readable(name: str, file: object) -> None:
    """See that the file that option or key `name` gives can be read; None is no file.

    Raises:
        ConfigError: it cannot.
    """
    if file is None:
        return
    try:
        with open(str(file), "rb"):  # noqa: PTH123 - pathlib costs 8 ms at start
            pass
    except OSError as error:
        raise ConfigError(
            "{name}: cannot read {file}: {reason}", name=name, file=file, reason=error.strerror
        ) from error


def control_path(state_dir: str) -> str:
    """Where the daemon of this state directory listens: under /run for the system's own one."""
    if state_dir == SYSTEM_STATE_DIR and os.path.isdir(RUN_DIR):  # noqa: PTH112 - pathlib costs 8 ms at start
        return f"{RUN_DIR}/control.sock"
    return f"{state_dir}/control.sock"
