"""What of data, messages and voice works now, where: the document `simward/services/1`."""

from collections.abc import Callable
from typing import Any, Final

from agent.clock import iso
from agent.diagnosis import assemble
from agent.diagnosis.attempts import Attempts
from agent.diagnosis.machine import THIS_MACHINE, Machine
from agent.diagnosis.wish import Setup
from agent.diagnosis.wish import Wish as DiagnosisWish
from agent.modem_session import ModemSession
from agent.snapshot import GatewaySnapshot, to_json
from agent.verification.trial import Trial, Wish, refuse_card_emergencies
from modem.snapshot import SERVING_ORDER
from sim.reading import Absent

Json = dict[str, Any]

SCHEMA: Final = "simward/services/1"


def look_at_services(
    session: ModemSession,
    setup: Setup,
    wish: Wish = Wish(),  # noqa: B008 - frozen
    *,
    machine: Machine = THIS_MACHINE,
    progress: Callable[[str], None] = lambda _text: None,
) -> Json:
    """The document `simward/services/1`.

    Raises:
        ModemUnreachable, PortError: the modem went away.
        RefusedError: a number is one for emergencies, by the card's own list.
    """
    refuse_card_emergencies(session, wish)
    snapshot = session.snapshot()
    facts = assemble.of_snapshot(snapshot.modem, apn=setup.apn)
    attempts = Attempts(session, DiagnosisWish(probe=True, ssh=wish.ssh), setup, machine, progress)
    tried = Trial(session, wish, setup, machine, attempts).tried(facts, snapshot)
    return {
        "schema": SCHEMA,
        "taken_at": iso(snapshot.taken_at),
        "clock_synchronized": snapshot.clock_synchronized,
        "iccid": _plain(facts.iccid),
        "sim_state": _plain(facts.sim_state),
        "services": {name: each.to_json() for name, each in tried.services.items()},
        **where_of(snapshot, setup, tried.host),
        "probe": tried.probe,
        "absent": tried.absent,
    }


def where_of(snapshot: GatewaySnapshot, setup: Setup, host: str | None) -> Json:
    """`where` it was, and by which command each of that was `read`."""
    document = to_json(snapshot)
    registration = document.get("registration") or {}
    states = {name: each["state"] for name, each in registration.items() if each is not None}
    domain = next(
        (name for name in SERVING_ORDER if states.get(name) in _SERVED), next(iter(states), None)
    )
    serving = registration.get(domain) or {}
    context = assemble.chosen_context(snapshot.modem, setup.apn)
    found = {
        "plmn": (document["operator"]["plmn"], "operator.plmn"),
        "act": (serving.get("act") or document["operator"]["act"], f"registration.{domain}"),
        "tac": (serving.get("tac") or serving.get("lac"), f"registration.{domain}"),
        "ci": (serving.get("ci"), f"registration.{domain}"),
        "rsrp_dbm": (document["signal"]["rsrp_dbm"], "signal.rsrp_dbm"),
        "apn": (None if context is None else _plain(context.apn), "packet.contexts"),
        "host": (host, "probe.hosts"),
        "imei": (document["modem"]["imei"], "modem.imei"),
        "slot": (document["sim"]["slot"], "sim.slot"),
        "eid": (document["sim"]["eid"], "sim.eid"),
        "registration": (states or None, f"registration.{domain}"),
    }
    return {
        "where": {name: value for name, (value, _) in found.items()},
        "read": {
            name: _command(document["read"], path)
            for name, (value, path) in found.items()
            if value is not None
        },
    }


_SERVED: Final = {
    "home", "roaming", "sms_only_home", "sms_only_roaming",
    "csfb_not_preferred_home", "csfb_not_preferred_roaming",
}  # fmt: skip


def _command(reads: Json, path: str) -> str:
    """What was asked for the value at `path`; its section where one answer gave all of it."""
    for place in (path, path.rpartition(".")[0]):
        if place in reads:
            return str(reads[place]["by"])
    nested = (each["by"] for place, each in reads.items() if place.startswith(f"{path}."))
    return str(next(nested, path))


def _plain(value: Any) -> Any:
    return None if isinstance(value, Absent) else value
