"""The pairing record of an unbinding: by the daemon that owns the store, else in the store."""

from pathlib import Path
from typing import Any

from agent.config import Settings
from agent.config_files import control_path

Json = dict[str, Any]


def pairing_ended(settings: Settings, request: Json) -> Json:
    """What `agent.binding.ended.end_pairing` says.

    Raises:
        AgentError: the daemon or the store cannot do it.
    """
    from agent.control import ask

    told = ask(control_path(str(settings.device.state_dir)), {"v": 1, **request})
    return _alone(settings, request) if told is None else told


def _alone(settings: Settings, request: Json) -> Json:
    from agent.binding.ended import end_pairing
    from agent.stamps import stamp_now
    from agent.state_dir import StateDir
    from agent.store import Store

    path = Path(settings.device.state_dir)
    state_dir = StateDir(path)
    try:
        boot = state_dir.boot()
        store = Store(path, boot=boot)
        try:
            with store.transaction():
                return end_pairing(store.connection, request, stamp_now(boot))
        finally:
            store.close()
    finally:
        state_dir.close()
