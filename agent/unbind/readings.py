"""What the gates want of the device, read: modem and card, personal data, this machine's way out.

The document `simward/device_facts/1` is the same whether the daemon read it or a command.
"""

from collections.abc import Callable
from typing import Any, Final

from agent.clock import iso, now
from agent.errors import CardUnreadable
from agent.i18n import mark
from agent.modem_session import ModemSession
from agent.own_uplink import (
    SSH_SESSION,
    Uplinks,
    cellular_interface,
    default_interfaces,
    read_uplinks,
    rides_on,
)
from agent.personal import personal_in_modem
from agent.residue import REMAINS, counts_of, files_of
from agent.snapshot import to_json
from sim.errors import CardAbsent, SimError
from sim.personal import STRUCTURE
from sim.reading import Absent

Json = dict[str, Any]

SCHEMA: Final = "simward/device_facts/1"
_PARTS: Final = frozenset({"modem", "sim", "packet", "locks"})
_NO_CARD: Final = mark("no card")


def request_of(ssh: tuple[str, str] | None) -> Json:
    """As a request for the control socket; `ssh` are client's and own address of the caller."""
    return {"ask": "device_facts", "ssh": ssh}


def ssh_in(request: Json) -> tuple[str, str] | None:
    """The caller's SSH session in such a request."""
    ssh = request.get("ssh")
    return (str(ssh[0]), str(ssh[1])) if isinstance(ssh, list) and len(ssh) == 2 else None


def read_device(
    session: ModemSession,
    interface: str | None,
    ssh: tuple[str, str] | None,
    *,
    uplinks: Callable[[], Uplinks] = lambda: read_uplinks({}),
) -> Json:
    """The document. `interface` is the modem's network interface as configured.

    Raises:
        ModemUnreachable: nothing at the port answers, or it went away.
    """
    snapshot = session.snapshot(_PARTS)
    packet = snapshot.modem.packet
    contexts = (packet.contexts.known if packet is not None else None) or ()
    addresses: tuple[str, ...] = ()
    for each in contexts:
        addresses += () if isinstance(each.addresses, Absent) else each.addresses
    ways = uplinks()._replace(ssh=ssh)
    return {
        "schema": SCHEMA,
        "snapshot": to_json(snapshot),
        "personal": _personal(session),
        "uplink": _uplink(ways, cellular_interface(interface, session.port, addresses, ways)),
    }


def _personal(session: ModemSession) -> Json:
    """Entries by kind, null for a kind that could not be counted whole; or why there is none."""
    try:
        document = personal_in_modem(session, contents=False)
    except CardAbsent:
        return {"absent": _NO_CARD}
    except CardUnreadable as error:
        return {"absent": str(error)}
    except SimError as error:
        return {"absent": str(error)}
    files = files_of(document)
    counts = counts_of(files, document["modem"])
    for file in files:
        if file.absent and file.kind != STRUCTURE:
            counts[file.kind] = counts[REMAINS] = None
    return {"taken_at": document["taken_at"], "iccid": document["iccid"], "counts": counts}


def _uplink(uplinks: Uplinks, interface: str | None) -> Json:
    why = rides_on(interface, uplinks)
    fields = {} if why is None else why[1]
    carries = None if why is None else "ssh" if why[0] == SSH_SESSION else "route"
    return {
        "taken_at": iso(now()),
        "defaults": list(default_interfaces(uplinks)),
        "carries": carries,
        "interface": fields.get("interface"),
        "address": fields.get("address"),
    }
