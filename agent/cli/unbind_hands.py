"""The hands of an unbinding on a real gateway: daemon or own session, disk, broker.

Each is a few lines over what does the work elsewhere; `agent.unbind.hands` says what it promises.
"""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent import clock
from agent.binding.ended import CLOSE, REOPEN, request_of
from agent.cli.modem_access import ModemDesk
from agent.cli.unbind_pairing import pairing_ended
from agent.config import Modem, Settings
from agent.errors import RefusedError, StoreError
from agent.handover import hand_over
from agent.i18n import in_both, mark, t
from agent.release.results import Proof, StepResult
from agent.release.steps import World, do, plan, prepare, prove, undo
from agent.release.table import BY_ID, chosen
from agent.release.world import world_of
from agent.signer import Subject, head_of
from agent.stamps import stamp_now
from agent.state_dir import replace_file
from agent.unbind.case import (
    ACKED,
    BEFORE_RELEASE,
    CONCLUSION,
    FILE,
    HELD,
    NOTHING_TO_DO,
    QR,
    TAKEN_BACK,
    Case,
)
from agent.unbind.check import deadlines_json, gates_json
from agent.unbind.facts import Facts
from agent.unbind.gates import AFTER_CANCEL, judge
from agent.unbind.hands import Card, Outcome, did, refused
from agent.unbind.journal import now_when
from agent.unbind.medium import saved
from agent.unbind.papers import KINDS, NAMES, bodies, conclusion, taken_back
from agent.unbind.signer import Signer
from agent.unbind.situation import with_case
from cloud_bridge.certificate import EvidenceError, sign
from cloud_bridge.orders import AccountFacts

Json = dict[str, Any]

_DECLINED: Final = {"saved": mark("saved elsewhere"), "not_wanted": mark("not wanted")}
_NOTHING: Final = mark("there is nothing of anybody on the card")
_COMPLETE: Final = mark("found complete after an interruption")
_NO_USAGE: Final = mark("this device counted nothing of this card")
_LATER_S: Final = 20.0
"""At most, for what may wait: after a release the way out is often gone."""


class Given(NamedTuple):
    """What the operator gave on the command line."""

    backup: Callable[[Json], Json] | None = None
    """Closes and writes the backup of the personal data in a document; `sha256` and `file`."""
    backup_file: str | None = None
    save_to: str | None = None
    """Where he takes the evidence along."""
    wait_s: float = 60.0
    """How long the backend's acknowledgement of a document is waited for."""
    show: Callable[[bytes], bool] | None = None
    """Shows a document as QR codes; whether somebody says that he has them all."""
    sms_to: str | None = None
    voice_to: str | None = None


class DeskHands:
    """For one case and one run; `facts` were read when it began."""

    def __init__(  # noqa: PLR0917 - what a gateway is made of
        self,
        desk: ModemDesk,
        settings: Settings,
        folder: Path,
        facts: Facts,
        device: Json | None,
        given: Given,
        signer: Callable[[], Signer],
    ) -> None:
        self._desk = desk
        self._settings = settings
        self._folder = folder
        self.facts = facts
        self._device = device
        self._given = given
        self._signer = signer
        self._steps = chosen(settings.release.steps)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of the release, in their order."""
        return tuple(each.id for each in self._steps)

    def card(self) -> Card:
        """Of a short reading: made before every act; no device after the end is no card."""
        if self._device is None:
            return Card(None, None)
        status = self._desk.answer({"ask": "status", "parts": ["modem", "sim"]})
        return Card((status.get("sim") or {}).get("iccid"), (status["modem"] or {}).get("imei"))

    def judged(self, case: Case) -> Json:
        """Gates, and all that was read for them."""
        facts = with_case(self.facts, case)
        return {
            "gates": gates_json(judge(facts)),
            "technician": facts.operator.technician,
            "readings": readings_of(self._device or {"snapshot": {}}),
            "deadlines": deadlines_json(facts),
        }

    def baseline(self, case: Case, *, again: bool) -> Outcome:
        """Each service once; a message or a call that may have gone out is not repeated."""
        from agent.verification.trial import Wish

        wish = Wish(
            sms_to=None if again else self._given.sms_to,
            voice_to=None if again else self._given.voice_to,
        )
        services = self._desk.answer(wish.to_json(), self._look(wish))
        if services.get("iccid") != case.iccid:
            raise RefusedError("another card is in the modem")
        return did({"services": services})

    def _look(self, wish: Any) -> Callable[[Any], Json]:
        from agent.diagnosis.wish import setup_of
        from agent.verification.services import look_at_services

        return lambda session: look_at_services(
            session, setup_of(self._settings, session.port), wish
        )

    def back_up(self, case: Case, *, again: bool) -> Outcome:
        """Written to the file that was named, unless there is nothing, or nobody wants it."""
        facts = with_case(self.facts, case)
        counted = facts.device.personal.known
        if counted and all(each == 0 for each in counted.values()):
            return did({"result": NOTHING_TO_DO, "because": _NOTHING})
        if self._given.backup is None:
            answer = facts.answer("backup.saved")
            assert answer is not None, "decided before"
            return did({"result": "declined", "because": _DECLINED[answer.value]})
        file = Path(str(self._given.backup_file))
        if again and file.exists():  # of this case: `refuse_other_backup` saw to that
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            told = {"sha256": digest, "file": str(file), "because": _COMPLETE}
            return did({"result": "done", **told})
        document = self._desk.answer({"ask": "sim_personal", "contents": True})
        if document["iccid"] != case.iccid:
            raise RefusedError("another card is in the modem")
        return did({"result": "done", **self._given.backup(document)})

    def usage(self, case: Case) -> Outcome:
        """Of this card, from the ledger."""
        from agent.usage.answer import usage_of

        document = usage_of(self._settings)
        own = [each for each in document["cards"] if each["iccid"] == case.iccid]
        if not own:
            return did({"usage": None, "because": _NO_USAGE})
        names = ("cycle", "total", "undated", "since", "source", "quota_bytes")
        kept = {name: own[0][name] for name in names}
        return did({"usage": {"taken_at": document["taken_at"], **kept}})

    def sign(self, case: Case, kind: str) -> Outcome:
        """Into the case folder, whole or not at all; an earlier attempt's is kept beside."""
        return self._signed(case, kind, bodies(case, kind))

    def _signed(self, case: Case, kind: str, entries: list[Json]) -> Outcome:
        signer, name = self._signer(), NAMES[kind]
        subject = Subject(case.order_id, case.iccid, case.imei)
        head = head_of(
            signer.gw,
            signer.store,
            kind=KINDS[kind],
            stamp=stamp_now(signer.boot),
            subject=subject,
            made_at=clock.now(),
        )
        path = self._folder / name
        try:
            raw = sign(head, entries, signer.key)
        except EvidenceError as error:
            raise StoreError("{file}: {reason}", file=path, reason=str(error)) from error
        if path.exists() and case.attempt > 1:
            older = path.with_name(f"{path.stem}-{case.attempt - 1}.json")
            if not older.exists():
                path.replace(older)
        replace_file(path, raw.decode(), secret=True)
        return did({"sha256": hashlib.sha256(raw).hexdigest(), "name": name})

    def hand_over(self, case: Case, kind: str) -> Outcome:
        """To the backend; where that cannot be, onto the operator's medium, if he named one."""
        raw = (self._folder / case.evidence[kind].name).read_bytes()
        first = kind == BEFORE_RELEASE
        wait_s = self._given.wait_s if first else min(self._given.wait_s, _LATER_S)
        handed = hand_over(self._settings, KINDS[kind], raw, wait_s)
        if handed.state == ACKED:
            return did({"handed_over": ACKED, "store": handed.store, "seq": handed.seq})
        if self._given.show is not None and self._given.show(raw):
            return did({"handed_over": QR, "because": handed.reason})
        if self._given.save_to is None:
            return refused({"because": handed.reason, "queue": handed.state})
        file = saved(raw, self._given.save_to, NAMES[kind], self._signer().key.public)
        return did({"handed_over": FILE, "file": str(file), "because": handed.reason})

    def plan(self, case: Case) -> Json:
        """The steps, and what each would do."""
        return {"steps": list(self.steps), "planned": self.planned(case.iccid)}

    def planned(self, iccid: str) -> list[Json]:
        """What each step would do to this card, with its title; read-only."""
        return [
            {**each.document(), "title": in_both(partial(t, BY_ID[each.step].title))}
            for each in plan(self._world(iccid), self._steps)
        ]

    def prepare(self, step: str) -> Json:
        """Read-only; holds secrets, and so stays in the journal."""
        return prepare(BY_ID[step], self._world())

    def do(self, step: str, prepared: Json) -> StepResult:
        """Done once; again it has nothing to do."""
        return do(BY_ID[step], self._world(), prepared)

    def undo(self, step: str, prepared: Json) -> StepResult:
        """As it was."""
        return undo(BY_ID[step], prepared, self._world())

    def prove(self, step: str) -> Proof:
        """Read back now."""
        return prove(BY_ID[step], self._world())

    def close_pairing(self, case: Case) -> Outcome:
        """In the store that the daemon owns, else in it directly."""
        return self._pairing(case, CLOSE)

    def reopen_pairing(self, case: Case) -> Outcome:
        """The card is this modem's again."""
        outcome = self._pairing(case, REOPEN)
        return outcome._replace(facts={"result": "done", **outcome.facts})

    def conclude(self, case: Case, *, again: bool) -> Outcome:
        """Signed, kept, and on its way; where nothing can be sent it waits in the folder."""
        after = judge(with_case(self.facts, case), (AFTER_CANCEL,))
        return self._last(case, CONCLUSION, conclusion(case, after, now_when()), again=again)

    def take_back(self, case: Case, *, again: bool) -> Outcome:
        """Who has the evidence of a release learns that it was undone."""
        if not any(kept.handed_over != HELD for kept in case.evidence.values()):
            return did({})
        return self._last(case, TAKEN_BACK, taken_back(case, now_when()), again=again)

    def _last(self, case: Case, kind: str, entries: list[Json], *, again: bool) -> Outcome:
        """One document, also where a kill left it without its line in the journal."""
        path = self._folder / NAMES[kind]
        if not (again and path.exists()):
            self._signed(case, kind, entries)
        raw = path.read_bytes()
        wait_s = min(self._given.wait_s, _LATER_S)
        handed = hand_over(self._settings, KINDS[kind], raw, wait_s)
        how = ACKED if handed.state == ACKED else HELD
        kept = {"sha256": hashlib.sha256(raw).hexdigest(), "name": path.name}
        return did({**kept, "handed_over": how, "because": handed.reason})

    def statement(self, case: Case) -> Outcome:
        """Only where a device is lost: the road of a device at hand has no such act."""
        raise AssertionError(case.order_id)

    def cancelled_at(self, case: Case) -> str | None:
        """The facts say as of when; the day itself is the carrier's to tell."""
        account = with_case(self.facts, case).backend.account
        return None if account is None else clock.iso(account.as_of)

    def _pairing(self, case: Case, action: str) -> Outcome:
        facts = {"order_id": case.order_id, "technician": case.technician}
        request = request_of(action, self._folder.name, case.iccid, case.imei, facts)
        return did(pairing_ended(self._settings, request))

    def _world(self, iccid: str | None = None) -> World:
        assert self._device is not None, "who releases was read"
        port = str(self._device["snapshot"]["modem"]["port"])
        known = (each for each in self._settings.modem if each.port == port)
        entry = next(known, Modem(port=port))
        card = iccid or self.facts.device.iccid.known or ""
        return world_of(self._settings.release, entry, self._desk.answer, card)


def readings_of(device: Json) -> list[Json]:
    """What was read of modem and card: path, value, and by which command."""
    snapshot = device["snapshot"]
    found = []
    for path in (
        "modem.manufacturer", "modem.model", "modem.revision", "modem.imei", "sim.state",
        "sim.iccid", "sim.iccid_modem", "sim.imsi", "sim.msisdn", "sim.eid",
    ):  # fmt: skip
        section, _, name = path.partition(".")
        value = (snapshot.get(section) or {}).get(name)
        if value is not None:
            reads = snapshot.get("read", {})
            by = (reads.get(path) or reads.get(section) or {}).get("by", "")
            found.append({"path": path, "value": value, "command": by})
    if (device.get("personal") or {}).get("counts") is not None:
        counts = device["personal"]["counts"]
        found.append({"path": "personal.counts", "value": counts, "command": "card files"})
    if device.get("uplink"):
        uplink = {name: device["uplink"][name] for name in ("defaults", "carries", "interface")}
        found.append({"path": "uplink", "value": uplink, "command": "/proc/net/route"})
    return found


def account_json(account: AccountFacts) -> Json:
    """As the journal keeps it."""
    document: Json = json.loads(account.model_dump_json(by_alias=True))
    return document
