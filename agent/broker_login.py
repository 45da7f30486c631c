"""How the gateway proves to the broker who it is, from the configuration."""

from pathlib import Path

from agent.config_files import check_readable
from agent.errors import ConfigError
from cloud_bridge.link import Secret


def password_in(path: Path | None) -> Secret | None:
    """The password in `broker.password_file`, without blanks around it.

    Raises:
        ConfigError: the file cannot be read, or is no text.
    """
    if path is None:
        return None
    name = "broker.password_file"
    check_readable(name, path)
    try:
        return Secret(path.read_text(encoding="utf-8").strip())
    except UnicodeDecodeError as error:
        raise ConfigError("{name}: {file} is not UTF-8 text", name=name, file=path) from error
