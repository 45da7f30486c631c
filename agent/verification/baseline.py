"""What worked before the release, where and how: as entries of evidence, and back. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from agent.verification.service import NOT_TESTED, SERVICES, WORKS, Service
from cloud_bridge.evidence_entries import READ, When, was_read

Json = dict[str, Any]

PREFIX: Final = "baseline."
_PLACES: Final = (
    "plmn", "act", "tac", "ci", "rsrp_dbm", "apn", "host", "imei", "slot", "eid", "registration",
)  # fmt: skip
_TRIED: Final = "simward services"


class Baseline(NamedTuple):
    """What worked when the card was still served; None is what was not known then.

    `at` is the time of the reading, as it was written; `rsrp_dbm` of the serving cell.
    """

    services: Mapping[str, Service] = {}
    iccid: str | None = None
    at: str | None = None
    plmn: str | None = None
    act: str | None = None
    tac: str | None = None
    ci: str | None = None
    rsrp_dbm: float | None = None
    apn: str | None = None
    host: str | None = None
    imei: str | None = None
    slot: int | None = None
    eid: str | None = None
    registration: Mapping[str, str] = {}

    def of(self, service: str) -> Service:
        """What is known of a service."""
        return self.services.get(service, Service(NOT_TESTED))

    @property
    def has_any(self) -> bool:
        """Whether any service is known to have worked: without one there is nothing to miss."""
        return any(self.of(name).state == WORKS for name in SERVICES)

    def to_json(self) -> Json:
        """For a request to the daemon."""
        services = {name: each.to_json() for name, each in self.services.items()}
        return {**self._asdict(), "services": services, "registration": dict(self.registration)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Baseline":
        """From such a request; what is of another kind is not known."""
        services = told.get("services")
        found = services if isinstance(services, dict) else {}
        values = {name: _value(name, told.get(name)) for name in (*_PLACES, "iccid", "at")}
        return cls(
            services={name: Service.from_json(found[name]) for name in SERVICES if name in found},
            **{**values, "registration": values["registration"] or {}},
        )


def baseline_bodies(services: Json, when: When) -> Iterator[Json]:
    """The entries of evidence for a document `simward/services/1`; what is not known has none."""
    for name, value in services["services"].items():
        yield was_read(when, f"{PREFIX}{name}", value, _TRIED)
    reads = services.get("read", {})
    for name in _PLACES:
        value = services["where"].get(name)
        if value is not None:
            plain = _without_fraction(value)
            yield was_read(when, f"{PREFIX}{name}", plain, reads.get(name, _TRIED))


def baseline_of(bodies: Iterable[Mapping[str, Any]], iccid: str | None = None) -> Baseline:
    """The baseline in the entries of evidence; of two of the same path the later one counts."""
    told: Json = {"services": {}, "iccid": iccid}
    for body in bodies:
        path = body.get("path")
        if body.get("what") != READ or not isinstance(path, str) or not path.startswith(PREFIX):
            continue
        name = path.removeprefix(PREFIX)
        if name in SERVICES:
            told["services"][name] = body.get("value")
        elif name in _PLACES:
            told[name] = body.get("value")
        told["at"] = body.get("at") or told.get("at")
    return Baseline.from_json(told)


def _without_fraction(value: Any) -> Any:
    """Evidence holds whole numbers; a level with a fraction is text."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else str(value)
    return value


def _value(name: str, value: Any) -> Any:
    if name == "rsrp_dbm":
        return _level(value)
    if name == "registration":
        known = isinstance(value, dict)
        return {str(key): str(word) for key, word in value.items()} if known else None
    if name == "slot":
        return value if type(value) is int else None
    return value if isinstance(value, str) else None


def _level(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        level = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    return float(level) if level.is_finite() else None
