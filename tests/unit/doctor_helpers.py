"""A simulated machine for the checks of `simward doctor`: a tree, and what is handed in."""

import os
import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.config import Settings
from agent.control import ControlServer
from agent.doctor.finding import Finding
from agent.doctor.surroundings import Configured, Ran, Surroundings, User
from tests.device_trees import Machine

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
ROOT = User(0, "root", frozenset({0}))
PI = User(1000, "pi", frozenset({1000}))


@dataclass
class House:
    """The machine in `folder`; `state` is its state directory."""

    folder: Path
    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.machine = Machine(self.folder)
        self.state = self.folder / "state"

    def write(self, path: str, text: str) -> Path:
        place = self.folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def make(self, path: str) -> Path:
        place = self.folder / path.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        return place

    def seen(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        programs: Mapping[str, str] | None = None,
        synchronized: bool = True,
        **changes: Any,
    ) -> Surroundings:
        """What the checks get; `programs` are command lines and what they print."""
        given = {"device": {"state_dir": str(self.state)}, **(config or {})}
        settings = Settings.model_validate(given)

        def run(*argv: str) -> Ran | None:
            printed = (programs or {}).get(" ".join(argv))
            return None if printed is None else Ran(0, printed)

        fields: dict[str, Any] = {
            "configured": Configured(config is not None, None, settings, None),
            "root": str(self.folder),
            "roots": self.machine.roots,
            "env": {},
            "user": ROOT,
            "run": run,
            "now": lambda: NOW,
            "up_s": lambda: 1000.0,
            "synchronized": lambda: synchronized,
        }
        return Surroundings(**fields | changes)


def said(finding: Finding) -> tuple[str, str]:
    """State and sentence."""
    return finding.state, finding.said.in_words()


def touched(path: Path, moment: datetime) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


@contextmanager
def daemon(house, answer):
    """Somebody who listens at the control socket and always says `answer`."""
    house.state.mkdir(exist_ok=True)
    server = ControlServer(str(house.state / "control.sock"), lambda _request: answer)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join(10)


def health(**ages):
    """The daemon's answer about itself."""
    document = {"pid": 700, "running_s": 90_000.0, "last_broker_s": 5.0, **ages}
    return {"v": 1, "document": document}


SHOW = (
    "systemctl show simward.service --property=LoadState,ActiveState,UnitFileState,Type,"
    "WatchdogUSec,Restart,User,NRestarts"
)
HARDWARE = "systemctl show --property=RuntimeWatchdogUSec"
GOOD = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "UnitFileState": "enabled",
    "Type": "notify",
    "WatchdogUSec": "1min",
    "Restart": "always",
    "NRestarts": "2",
}


def systemd(house, hardware="0", **changes):
    """A machine that systemd manages; what systemctl prints there."""
    house.make("/run/systemd/system")
    shown = "\n".join(f"{key}={value}" for key, value in {**GOOD, **changes}.items())
    return {SHOW: shown, HARDWARE: f"RuntimeWatchdogUSec={hardware}"}
