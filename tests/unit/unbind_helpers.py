"""Cases for the tests of the unbinding: their entries, written by hand."""

from pathlib import Path
from typing import Any

from agent.unbind import machine
from agent.unbind.case import SCHEMA, Case, fold
from agent.unbind.folder import folder_of, made
from agent.unbind.journal import Journal
from cloud_bridge.evidence_entries import When
from tests.gates_world import ACCOUNT, ICCID, IMEI, OTHER_ICCID

__all__ = ["ICCID", "OTHER_ICCID"]

AT = When(12.5, "2026-11-22T09:00:00.000Z")
OPENING: dict[str, Any] = {
    "schema": SCHEMA, "iccid": ICCID, "imei": IMEI, "imsi": "001010123456789", "order_id": "W-1",
    "platform": "onelink", "technician": "Li", "lost": False, "order": {"order_id": "W-1"},
}  # fmt: skip


def entry(what: str, **facts: Any) -> dict[str, Any]:
    return {"what": what, "at": AT.at, "up_s": AT.up_s, **facts}


def done(act: str, **facts: Any) -> dict[str, Any]:
    return entry("done", act=act, **facts)


def begun(act: str, **prepared: Any) -> dict[str, Any]:
    return entry("begun", act=act, prepared=prepared)


ROAD = [
    entry("opened", **OPENING),
    done(machine.JUDGE),
    done(machine.BASELINE, services=None, because="not asked"),
    done(machine.BACK_UP, result="nothing_to_do"),
    done(machine.USAGE, cards=[]),
    done(machine.SIGN, sha256="a" * 64, name="before_release.json"),
    begun(machine.HAND_OVER),
    done(machine.HAND_OVER, handed_over="acked"),
    done(machine.BEGIN_RELEASE, steps=["pdp", "profile"]),
    begun("release.pdp", cid=1),
    done("release.pdp", result="done", command="AT+CGACT=0,1"),
    begun("release.profile"),
    done("release.profile", result="not_available", because="no NetworkManager"),
    done(machine.END_RELEASE),
    done(machine.PROVE, proofs={"pdp": True}),
    done(machine.SIGN_CLOSING, sha256="b" * 64, name="closing.json"),
    begun(machine.HAND_OVER_CLOSING),
    done(machine.HAND_OVER_CLOSING, handed_over="file", file="/media/usb/closing.json"),
    done(machine.CLOSE_PAIRING, entry=3),
    done(machine.WAIT),
    entry("account", account=ACCOUNT),
    done(machine.BE_READY),
    done(machine.CANCEL_SEEN, cancelled_at="2026-11-24T08:00:00Z"),
    entry("look", verdict="confirmed"),
    done(machine.VERIFY, verdict="confirmed"),
    done(machine.UNLINK, sha256="d" * 64, name="conclusion.json", handed_over="acked"),
]
"""The whole of it, all well."""


def upto(act: str) -> list[dict[str, Any]]:
    """The road until an act was done."""
    last = next(n for n, each in enumerate(ROAD) if each["what"] == "done" and each["act"] == act)
    return ROAD[: last + 1]


def case_of(*bodies: dict[str, Any]) -> Case:
    return fold(bodies)


def kept(state_dir: Path, bodies: list[dict[str, Any]]) -> Path:
    """A case folder with these entries; the folder."""
    opening = bodies[0]
    folder = made(folder_of(state_dir, opening["iccid"], opening["order_id"]))
    with Journal(folder, when=lambda: AT) as journal:
        for body in bodies:
            facts = {k: v for k, v in body.items() if k not in {"what", "at", "up_s"}}
            journal.append(body["what"], facts)
    return folder
