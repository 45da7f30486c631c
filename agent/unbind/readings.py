"""What the gates want of the device, read: modem and card, personal data, this machine's way out.

The document `simward/device_facts/1` is the same whether the daemon read it or a command.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from agent.binding.history import History
from agent.binding.record import same_device
from agent.clock import iso, now
from agent.errors import CardUnreadable, StoreError
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
from agent.store import reading_store
from agent.unbind.kept_proof import proof_of
from sim.errors import CardAbsent, SimError
from sim.personal import STRUCTURE
from sim.reading import Absent

Json = dict[str, Any]

SCHEMA: Final = "simward/device_facts/1"
_PARTS: Final = frozenset({"modem", "sim", "packet", "locks"})
_NO_CARD: Final = mark("no card")
_NO_HISTORY: Final = mark("there is no pairing history")
_UNKNOWN_CARD: Final = mark("the pairing history does not know this card")
_BROKEN: Final = mark("the pairing history is broken")


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
    state_dir: Path,
    *,
    uplinks: Callable[[], Uplinks] = lambda: read_uplinks({}),
) -> Json:
    """The document. `interface` is the modem's network interface as configured.

    `state_dir` has the pairing history, where one is kept.

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
    document = to_json(snapshot)
    return {
        "schema": SCHEMA,
        "snapshot": document,
        "personal": _personal(session),
        "history": _history(state_dir, document["sim"]["iccid"], document["modem"]["imei"]),
        "unbinding": proof_of(
            state_dir, document["sim"]["iccid"], document["modem"]["imei"], now()
        ),
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


def _history(state_dir: Path, iccid: str | None, imei: str | None) -> Json:
    """How often this card was seen with another IMEI than before; or why nobody knows."""
    try:
        with reading_store(state_dir) as connection:
            if connection is None:
                return {"absent": _NO_HISTORY}
            history = History(connection)
            if history.check() is not None:
                return {"absent": _BROKEN}
            bodies = [each.body for each in history.entries()]
    except StoreError:
        return {"absent": _NO_HISTORY}
    seen = [str(each["imei"]) for each in bodies if each["iccid"] == iccid]
    if not seen:
        return {"absent": _UNKNOWN_CARD}
    seen += [] if imei is None else [imei]
    changes = sum(not same_device(one, other) for one, other in pairwise(seen))
    return {"taken_at": iso(now()), "imei_changes": changes}


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
