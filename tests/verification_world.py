"""A verification of a simulated modem in a simulated network, from one TOML file.

The file has the keys of `tests/diagnosis_world.py`. Beside them: `baseline` (what differs from the
baseline that a healthy card in the same modem gives; `none = true`: there is none), `answers`,
`synchronized` (the clock; true where it is not said), `expect`: the verdict, the exclusions that
do not hold (`unheld`) or are not known (`unknown`), and services as they are `now`.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent.diagnosis.machine import Machine
from agent.errors import ModemUnreachable
from agent.own_uplink import Route
from agent.verification.baseline import Baseline, baseline_bodies, baseline_of
from agent.verification.known import Before
from agent.verification.seen import Answers
from agent.verification.services import look_at_services
from agent.verification.trial import Wish
from agent.verification.verify import Request, unreachable, verify
from cloud_bridge.evidence_entries import When
from cloud_bridge.orders import read_account
from modem.errors import ModemError
from tests.diagnosis_world import INTERFACE, Bench, _document
from tests.fault.world import PORT

FOLDER: Final = Path(__file__).parent / "verification"
ICCID: Final = "89001010000000000018"
HOSTS: Final[dict[str, Any]] = {
    "hosts": ["hub.example:8883"],
    "air": {"host": {"hub.example": {"address": "198.51.100.10"}}},
}
GONE: Final = {"network": {"cs": {"reject": 2}, "eps": {"reject": 8}, "ps": {"reject": 8}}}
NUMBER: Final = "+99900000002"
_OURS: Final = frozenset({"baseline", "answers", "synchronized", "expect", "uplink"})
_MADE: Final = "2026-11-20T08:00:00.000Z"


class Verification(Bench):
    """One scenario."""

    def __init__(self, tables: Mapping[str, Any], name: str = "test") -> None:
        self.own = {key: value for key, value in tables.items() if key in _OURS}
        rest = {key: value for key, value in tables.items() if key not in _OURS}
        super().__init__({**HOSTS, **rest}, name)
        self._rest = rest
        if self.own.get("uplink"):
            route = Route(_everywhere(), INTERFACE, 100)
            self.uplinks = self.uplinks._replace(routes=(route,))

    def request(self) -> Request:
        options = dict(each.split("=", 1) for each in self._rest.get("options", []))
        wish = Wish(sms_to=options.get("--probe-sms"), voice_to=options.get("--probe-voice"))
        return Request(
            self.before(),
            _document(self._rest, "account", read_account),
            Answers(**self.own.get("answers", {})),
            wish,
        )

    def before(self) -> Before | None:
        told = dict(self.own.get("baseline", {}))
        if told.pop("none", False):
            return None
        card = self._rest.get("baseline_card")
        baseline = healthy(self._rest.get("modem", "quectel_ec25"), card).to_json()
        services = {**baseline["services"], **told.pop("services", {})}
        found = Baseline.from_json({**baseline, **told, "services": services})
        return Before(found, _MADE, "W-1", "0" * 64)

    def machine(self) -> Machine:
        known = bool(self.own.get("synchronized", True))
        return super().machine()._replace(synchronized=lambda: known)

    def document(self) -> dict[str, Any]:
        request = self.request()
        try:
            return verify(self.session(), request, self.setup(), machine=self.machine())
        except (ModemUnreachable, ModemError) as error:
            return unreachable(request, self.setup(), str(error), PORT, self.world.moment())


def healthy(modem: str = "quectel_ec25", card: str | None = None) -> Baseline:
    """The baseline of a card that works."""
    bench = Bench({**HOSTS, "modem": modem, **({} if card is None else {"card": card})})
    document = look_at_services(bench.session(), bench.setup(), machine=bench.machine())
    when = When(1.0, _MADE)
    return baseline_of(baseline_bodies(document, when), document["iccid"])


def account(state: str = "cancelled", **changes: object) -> dict[str, Any]:
    """Account facts of the card, an hour old, on a platform whose words are the contract's."""
    return {"iccid": ICCID, "as_of": "2026-11-22T00:02:03Z", "state": state, **changes}


def files() -> list[str]:
    """The scenarios' names."""
    return sorted(each.stem for each in FOLDER.glob("*.toml"))


def tables_of(name: str) -> dict[str, Any]:
    """One scenario's tables."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def moment(text: str) -> datetime:
    """A time, UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _everywhere() -> Any:
    from ipaddress import ip_network

    return ip_network("0.0.0.0/0")
