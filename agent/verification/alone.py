"""A look that a command took where no daemon runs: kept as the daemon would keep it."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from agent import clock
from agent.config import Settings
from agent.outbox_of import outbox_of
from agent.outgoing import Outgoing
from agent.report import Stamp
from agent.signer import Signer
from agent.stamps import stamp_now
from agent.state_dir import StateDir
from agent.store import Store
from agent.unbind.folder import ROOM
from agent.verification.keeping import Keeper

Json = dict[str, Any]


def keep_alone(settings: Settings, document: Json) -> bool:
    """Keep it, where it is about a case of this machine; whether it is.

    Raises:
        RefusedError: this user may not, or somebody else uses the state directory.
        StoreError, BridgeError, OSError: it cannot be written.
    """
    path = Path(settings.device.state_dir)
    if not (path / ROOM).is_dir():
        return False
    with ExitStack() as closing:
        state_dir = StateDir(path)
        closing.callback(state_dir.close)
        boot = state_dir.boot()
        store = Store(path, boot=boot)
        closing.callback(store.close)

        def stamp() -> Stamp:
            return stamp_now(boot)

        outbox = outbox_of(store, settings, stamp)
        out = Outgoing(store.connection, outbox, stamp)

        def stored(work: Callable[[Connection, Outgoing], Json]) -> None:
            with store.transaction():
                work(store.connection, out)

        gw = settings.device.id or state_dir.gateway_id()
        keeper = Keeper(Signer(state_dir, gw, clock.now), outbox.store, stamp, stored)
        now = clock.now() if clock.clock_synchronized() else None
        return keeper.keep_asked(path, document, now)
