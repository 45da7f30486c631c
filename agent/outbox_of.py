"""The outbox that the configuration describes."""

from collections.abc import Callable

from agent.config import Settings
from agent.report import Stamp
from agent.store import Store
from cloud_bridge.outbox import Bounds, Outbox


def outbox_of(store: Store, settings: Settings, stamp: Callable[[], Stamp]) -> Outbox:
    """The outbox in `store`, with the bounds that are configured."""
    bounds = Bounds(
        max_rows=settings.outbox.max_rows,
        max_bytes=settings.outbox.max_bytes,
        min_free_bytes=settings.outbox.min_free_bytes,
    )
    return Outbox(
        store.connection,
        stamp=lambda: stamp().body(),
        bounds=bounds,
        free_bytes=store.free_bytes,
    )
