"""Who signs the documents of a case: the device's key, and what their head says of this gateway."""

from pathlib import Path
from typing import NamedTuple

from agent.config import Settings
from agent.device_key import NOT_ALLOWED, device_key, kept_device_key
from agent.errors import RefusedError, StoreError
from agent.i18n import mark
from agent.state_dir import StateDir, known_boot, known_gateway_id
from agent.store import Store, reading_store
from cloud_bridge.signing import SigningKey

_NO_STORE = mark("{path}: {reason}")
_NEVER_RAN = mark("no store was made yet")


class Signer(NamedTuple):
    """The key, and the names of gateway, store and boot."""

    key: SigningKey
    gw: str
    store: str
    boot: int


def signer_of(settings: Settings) -> Signer:
    """This gateway's; where no daemon uses the state directory, key and store are made if missing.

    Raises:
        RefusedError: this user may not read the key or write the directory.
        StoreError: key or store cannot be used.
    """
    path = Path(settings.device.state_dir)
    try:
        state_dir = StateDir(path)
    except RefusedError:
        return _beside_the_daemon(settings, path)
    except StoreError as error:
        if isinstance(error.__cause__, PermissionError):
            raise RefusedError(NOT_ALLOWED, file=path) from error
        raise
    try:
        boot = state_dir.boot()
        store = Store(path, boot=boot)
        try:
            name = store.connection.execute("SELECT store FROM outbox_meta").fetchone()[0]
        finally:
            store.close()
        gw = settings.device.id or state_dir.gateway_id()
        return Signer(device_key(state_dir), gw, name, boot)
    finally:
        state_dir.close()


def _beside_the_daemon(settings: Settings, path: Path) -> Signer:
    with reading_store(path) as connection:
        if connection is None:
            raise StoreError(_NO_STORE, path=path, reason=_NEVER_RAN)
        store = connection.execute("SELECT store FROM outbox_meta").fetchone()[0]
    try:
        gw = settings.device.id or known_gateway_id(path)
        boot = known_boot(path)
    except (OSError, ValueError) as error:
        raise StoreError(_NO_STORE, path=path, reason=str(error)) from error
    return Signer(kept_device_key(path), gw, store, boot)
