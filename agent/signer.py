"""Who signs evidence on this gateway: its key, its name, its clock."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.clock import iso
from agent.device_key import PRIVATE, device_key, device_public_key
from agent.report import Stamp
from agent.state_dir import StateDir
from agent.version import __version__

if TYPE_CHECKING:
    from cloud_bridge.certificate import Head

Json = dict[str, Any]


class Subject(NamedTuple):
    """What evidence is about; None is what it is not about."""

    order_id: str | None = None
    iccid: str | None = None
    imei: str | None = None


class Signer(NamedTuple):
    """Signs with the device's key; `state_dir` is open, so nobody else makes another key."""

    state_dir: StateDir
    gw: str
    now: Callable[[], datetime]

    def public_key(self, *, make: bool = True) -> str | None:
        """The public half; without `make` None where no key was made yet.

        Raises:
            StoreError: the key cannot be read or made.
        """
        if not make and not (self.state_dir.path / PRIVATE).exists():
            return None
        return device_public_key(self.state_dir)

    def signed(
        self, kind: str, store: str, stamp: Stamp, subject: Subject, bodies: Iterable[Json]
    ) -> bytes:
        """The file of new evidence of `kind`, about `subject`, made at `stamp`.

        Raises:
            StoreError: the key cannot be used.
            EvidenceError: something in it has no place in evidence.
        """
        from cloud_bridge.certificate import sign

        head = head_of(self.gw, store, kind=kind, stamp=stamp, subject=subject, made_at=self.now())
        return sign(head, bodies, device_key(self.state_dir))


def head_of(
    gw: str, store: str, *, kind: str, stamp: Stamp, subject: Subject, made_at: datetime
) -> "Head":
    """The head of evidence of `kind` of this gateway and store, about `subject`."""
    from cloud_bridge.certificate import Head

    return Head(
        gw=gw,
        store=store,
        boot=stamp.boot,
        kind=kind,
        made_at=iso(made_at),
        clock_synchronized=stamp.at is not None,
        up_s=int(stamp.up_s),
        software=f"simward {__version__}",
        **subject._asdict(),
    )
