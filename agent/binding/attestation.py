"""Evidence of an installation (`bind`): what was read, with which command, what was said by whom.

Signed with the device's key in the transaction that records the pairing, kept as a file in the
state directory, and given a row for the backend. A key that cannot be used stops the evidence and
says so; the pairing is recorded all the same.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from agent.binding.installation import Shown, Wish, bind, kept_account
from agent.errors import StoreError
from agent.i18n import in_both, mark, reason_text, t
from agent.outgoing import Outgoing
from agent.signer import Signer, Subject
from agent.state_dir import replace_file
from cloud_bridge.encoding import decode
from cloud_bridge.errors import MessageError
from cloud_bridge.evidence_entries import When, was_answered, was_done, was_read

Json = dict[str, Any]

FOLDER: Final = "evidence"
NOT_SIGNED: Final = mark("no evidence was signed: {reason}")

_PATHS: Final = (
    "modem.imei", "modem.manufacturer", "modem.model", "modem.revision",
    "sim.state", "sim.iccid", "sim.imsi", "sim.eid", "sim.msisdn", "locks.ps",
)  # fmt: skip


def bind_signed(
    connection: sqlite3.Connection, shown: Shown, wish: Wish, out: Outgoing, signer: Signer
) -> Json:
    """The document of `simward bind`, with `public_key` and `evidence`.

    `evidence` is null where nothing was recorded or signed; else `sha256`, the row (`store`,
    `seq`), the `file`, and the `document` itself.

    Raises:
        As `bind`.
    """
    key: str | None = None
    trouble: Exception | None = None
    try:
        key = signer.public_key(make=wish.record)
    except StoreError as error:
        trouble = error
    document = bind(connection, shown, wish, out.event, public_key=key)
    if wish.record and key is not None:
        try:
            document["evidence"] = _evidence(shown, wish, document, out, signer)
        except (MessageError, OSError) as error:
            trouble = error
    if trouble is not None:
        reason = _words(trouble)
        document["warnings"].append(in_both(lambda: t(NOT_SIGNED, reason=reason_text(reason))))
    return document


def _evidence(shown: Shown, wish: Wish, document: Json, out: Outgoing, signer: Signer) -> Json:
    subject = Subject(document["order_id"], document["iccid"], document["imei"])
    bodies = bodies_of(shown, wish, document)
    raw = signer.signed("bind", out.store, shown.stamp, subject, bodies)
    sha256 = hashlib.sha256(raw).hexdigest()
    file = _kept(signer.state_dir.path / FOLDER, sha256, raw)
    queued = out.evidence(raw)
    row = {"store": queued.store, "seq": queued.seq}
    return {"sha256": sha256, "file": str(file), **row, "document": decode(raw)}


def bodies_of(shown: Shown, wish: Wish, document: Json) -> Iterator[Json]:
    """The entries: readings, account facts and bindings, who did it, what was recorded."""
    when = When(shown.stamp.up_s, shown.stamp.at)
    absent = {}
    for path in _PATHS:
        value = _at(shown.snapshot, path)
        if value is None:
            absent[path] = str(_reason(shown.snapshot, path))
        else:
            yield was_read(when, path, value, _command(shown.snapshot, path))
    yield was_read(when, "absent", absent, "")
    account = kept_account(wish.account)
    if account is not None:
        yield was_read(when, "account", account, "--account")
    for kind, facts in document["bindings"].items():
        yield was_read(when, f"bindings.{kind}", facts, str(facts.get("source") or ""))
    if wish.technician is not None:
        yield was_answered(when, "technician", wish.technician, "operator")
    recorded = was_done(when, "bind", "recorded")
    costs = [each["code"] for each in document["costs"]]
    yield {
        **recorded,
        **{name: document[name] for name in ("slot", "entry", "hash", "changed", "public_key")},
        "costs": costs,
    }


def _at(snapshot: Json, path: str) -> Any:
    section, _, name = path.partition(".")
    return (snapshot.get(section) or {}).get(name)


def _reason(snapshot: Json, path: str) -> str:
    absent, section = snapshot["absent"], path.partition(".")[0]
    return str(absent.get(path) or absent.get(section) or "unknown")


def _command(snapshot: Json, path: str) -> str:
    """By which command, or card file, it was read."""
    read = snapshot.get("read", {})
    found = read.get(path) or read.get(path.partition(".")[0]) or {}
    return str(found.get("by", ""))


def _kept(folder: Path, sha256: str, raw: bytes) -> Path:
    """The file, whole or not there; written before its row is committed."""
    folder.mkdir(mode=0o750, exist_ok=True)
    file = folder / f"bind-{sha256[:16]}.json"
    replace_file(file, raw.decode())
    return file


def _words(error: Exception) -> str:
    if isinstance(error, MessageError):
        return error.reason
    if isinstance(error, StoreError):
        return str(error)
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
