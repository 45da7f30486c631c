"""What was written down of a card before: its baseline, from evidence or from this machine."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent.errors import RefusedError, StoreError
from agent.unbind.folder import ROOM, cases
from agent.verification.baseline import Baseline, baseline_of
from cloud_bridge.certificate import MAX_EVIDENCE_BYTES, Evidence, EvidenceError, verify

Json = dict[str, Any]

EVIDENCE: Final = "before_release.json"
_PLATFORM: Final = "order.platform"


class Before(NamedTuple):
    """The baseline, and of which evidence it is."""

    baseline: Baseline
    made_at: str
    order_id: str | None
    public_key: str | None = None
    """Of who signed it; None where it is this machine's own journal."""
    platform: str | None = None

    def to_json(self) -> Json:
        """For a request to the daemon."""
        return {**self._asdict(), "baseline": self.baseline.to_json()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Before":
        """From such a request."""
        texts = {name: told.get(name) for name in ("order_id", "public_key", "platform")}
        return cls(
            Baseline.from_json(told.get("baseline") or {}),
            str(told.get("made_at")),
            **{name: text if isinstance(text, str) else None for name, text in texts.items()},
        )


def before_of(evidence: Evidence) -> Before:
    """What evidence tells of the time before the release."""
    head = evidence.head
    baseline = baseline_of(evidence.bodies, head["iccid"])
    if baseline.imei is None:
        baseline = baseline._replace(imei=head["imei"])
    platform = next(
        (each["value"] for each in evidence.bodies if each.get("path") == _PLATFORM), None
    )
    return Before(
        baseline,
        head["made_at"],
        head["order_id"],
        evidence.public_key,
        platform if isinstance(platform, str) else None,
    )


def newest_before(state_dir: Path, iccid: str) -> Before | None:
    """The newest evidence before a release of this card that lies here and holds; None: none.

    What cannot be read, or was changed, is no evidence.
    """
    found = []
    for file in sorted((state_dir / ROOM).glob(f"*/{EVIDENCE}")):
        try:
            with file.open("rb") as opened:
                evidence = verify(opened.read(MAX_EVIDENCE_BYTES + 1))
        except (OSError, EvidenceError):
            continue
        if evidence.head["iccid"] == iccid:
            found.append(before_of(evidence))
    return max(found, key=lambda each: each.made_at, default=None)


def seen_cancelled(state_dir: Path, iccid: str) -> datetime | None:
    """When the platform said that the card is cancelled, by the newest case of it that says so."""
    try:
        found = [each.case for each in cases(state_dir) if each.case.iccid == iccid]
    except (StoreError, RefusedError):
        return None
    times = [each.cancelled_at for each in found if each.cancelled_at is not None]
    return max(map(datetime.fromisoformat, times), default=None)
