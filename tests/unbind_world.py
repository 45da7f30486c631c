"""A world for the unbinding: a modem with a card, a backend, a medium, and points to die at.

What cannot be taken back is counted where it happens, and what must not happen is refused there:
the world is the witness, not the journal.
"""

import hashlib
from collections import Counter
from pathlib import Path

# ruff: noqa: ARG002 - the hands of a protocol
from typing import Any

from agent.errors import ModemUnreachable
from agent.release.results import Planned, Proof, StepResult
from agent.unbind.case import CONCLUSION, SCHEMA, TAKEN_BACK, Case
from agent.unbind.check import deadlines_json, gates_json
from agent.unbind.executor import Executor
from agent.unbind.facts import Facts, Uplink
from agent.unbind.folder import folder_of, made
from agent.unbind.gates import AFTER_CANCEL, judge
from agent.unbind.hands import Card, Outcome, did, refused
from agent.unbind.journal import NAME, Journal
from agent.unbind.papers import KINDS, NAMES, bodies, conclusion, taken_back
from agent.unbind.situation import seen_of, with_case
from agent.unbind.unbinding import Halt, Wish, gates_halt
from cloud_bridge.certificate import Head, sign, verify
from cloud_bridge.evidence_entries import When
from cloud_bridge.signing import SigningKey
from sim.reading import absent
from tests.gates_world import ICCID, IMEI, ORDER, OTHER_ICCID, facts

Json = dict[str, Any]

STEPS = ("auto_connect", "contexts_down", "connections")
CUTS = {"contexts_down", "connections"}
KEY = SigningKey.new()
BOUND = [{"kind": "billing_side", "bound": True}, {"kind": "network_side", "bound": True}]


class Killed(BaseException):
    """SIGKILL, or the power is gone."""


class World:
    """The truth. `lives` is how many more points this process lives; None: for ever."""

    def __init__(self) -> None:
        self.card: tuple[str | None, str] = (ICCID, IMEI)
        self.plugged = True
        self.hears = True
        """Whether the backend hears."""
        self.acks = True
        """Whether its acknowledgement arrives."""
        self.refuses: set[str] = set()
        """Steps that the modem refuses."""
        self.lies: set[str] = set()
        """Steps that say they are done and are not."""
        self.bound = True
        """At the carrier."""
        self.cancelled = False
        self.old_facts = False
        self.released: set[str] = set()
        self.backend: list[str] = []
        """Hashes of evidence, in the order in which they came."""
        self.medium: set[str] = set()
        self.pairing = "bound"
        self.pairing_entries = 0
        self.effects: Counter[str] = Counter()
        self.messages = 0
        self.wrong: list[str] = []
        self.lives: int | None = None
        self.points = 0
        self.saves = False
        self.uplink = Uplink(("eth0",))
        self.answers: Json = {}
        """More than those of before the release."""

    def point(self) -> None:
        """A point at which a process may die."""
        self.points += 1
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                raise Killed

    def modem(self) -> None:
        self.point()
        if not self.plugged:
            raise ModemUnreachable("no modem answers")

    def facts(self) -> Facts:
        """What the gates get to see; release and backup come from the journal alone."""
        account: Json = {} if not self.bound else {"bindings": BOUND}
        if self.cancelled:
            account = {"raw_code": "9", "raw_text": "已销户", "state": "cancelled"}
        if self.old_facts:
            account["as_of"] = "2026-11-20T08:00:00Z"
        answers = {name.replace(".", "__"): value for name, value in self.answers.items()}
        told = facts(account_=account, answers=answers)
        iccid = absent("no card") if self.card[0] is None else told.device.iccid
        if self.card[0] == OTHER_ICCID:
            iccid = iccid._replace(value=OTHER_ICCID)
        device = told.device._replace(
            release=absent("not asked"), iccid=iccid, modem_iccid=iccid,
            imei=told.device.imei._replace(value=self.card[1]),
            uplink=told.device.uplink._replace(value=self.uplink),
        )  # fmt: skip
        return told._replace(device=device)

    def meddled(self, step: str) -> None:
        """Somebody else sets up again what was released."""
        if step in self.released:
            self.released.discard(step)
            self.effects[f"meddled.{step}"] += 1

    def safe(self) -> bool:
        """Whether evidence is in somebody's hands."""
        return bool(self.backend or self.medium)


class WorldHands:
    """The hands of one process in that world."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder

    def card(self) -> Card:
        self.world.modem()
        return Card(*self.world.card)

    def judged(self, case: Case) -> Json:
        told = with_case(self.world.facts(), case)
        return {
            "gates": gates_json(judge(told)),
            "technician": "Li",
            "readings": [],
            "deadlines": deadlines_json(told),
        }

    def baseline(self, case: Case, *, again: bool) -> Outcome:
        self.world.modem()
        if not again:
            self.world.messages += 1
        self.world.point()
        return did({"services": None, "because": "not asked"})

    def back_up(self, case: Case, *, again: bool) -> Outcome:
        self.world.modem()
        return did({"result": "declined", "because": "not wanted"})

    def usage(self, case: Case) -> Outcome:
        return did({"usage": None, "because": "nothing counted"})

    def sign(self, case: Case, kind: str) -> Outcome:
        self.world.point()
        made = self._signed(case, kind, bodies(case, kind))
        self.world.point()
        return did(made)

    def _signed(self, case: Case, kind: str, entries: list[Json]) -> Json:
        head = Head(
            "gw", "00c0ffee", 1, KINDS[kind], "2026-11-22T09:00:00.000Z",
            clock_synchronized=True, up_s=12, software="simward", order_id=case.order_id,
            iccid=case.iccid, imei=case.imei,
        )  # fmt: skip
        raw = sign(head, entries, KEY)
        (self.folder / NAMES[kind]).write_bytes(raw)
        return {"sha256": hashlib.sha256(raw).hexdigest(), "name": NAMES[kind]}

    def hand_over(self, case: Case, kind: str) -> Outcome:
        world, raw = self.world, (self.folder / case.evidence[kind].name).read_bytes()
        verify(raw, public_key=KEY.public)
        digest = hashlib.sha256(raw).hexdigest()
        assert digest == case.evidence[kind].sha256
        world.point()
        if world.hears and digest not in world.backend:
            world.backend.append(digest)
            world.effects[f"published.{kind}.{case.attempt}"] += 1
        world.point()
        if world.hears and world.acks:
            return did({"handed_over": "acked"})
        if world.saves:
            world.medium.add(digest)
            world.point()
            return did({"handed_over": "file", "file": "/media/usb/e.json"})
        return refused({"because": "the backend has not acknowledged it yet"})

    def plan(self, case: Case) -> Json:
        self.world.modem()
        planned = [Planned(each, "would_do", cuts_uplink=each in CUTS) for each in STEPS]
        return {"steps": list(STEPS), "planned": [each.document() for each in planned]}

    def prepare(self, step: str) -> Json:
        self.world.modem()
        return {"was_released": step in self.world.released}

    def do(self, step: str, prepared: Json) -> StepResult:
        world = self.world
        assert "was_released" in prepared
        world.modem()
        if world.card != (ICCID, IMEI):
            world.wrong.append(f"{step} done to another card")
        if not world.safe():
            world.wrong.append(f"{step} done before the evidence is safe")
        if step in world.refuses:
            return StepResult("refused")
        if step in world.released:
            return StepResult("nothing_to_do")
        if step not in world.lies:
            world.released.add(step)
            world.effects[step] += 1
        world.point()
        return StepResult("done", commands=(f"AT+{step.upper()}",))

    def undo(self, step: str, prepared: Json) -> StepResult:
        world = self.world
        world.modem()
        if world.card != (ICCID, IMEI):
            world.wrong.append(f"{step} undone at another card")
        if step in world.released and not prepared.get("was_released"):
            world.released.discard(step)
            world.effects[f"undo.{step}"] += 1
        world.point()
        return StepResult("done")

    def prove(self, step: str) -> Proof:
        self.world.modem()
        return Proof(step in self.world.released, {"active": step not in self.world.released})

    def close_pairing(self, case: Case) -> Outcome:
        return self._pairing("closed")

    def reopen_pairing(self, case: Case) -> Outcome:
        return self._pairing("bound")

    def _pairing(self, to: str) -> Outcome:
        self.world.point()
        if self.world.pairing != to:
            self.world.pairing = to
            self.world.pairing_entries += 1
        self.world.point()
        return did({"result": "done", "entry": self.world.pairing_entries})

    def take_back(self, case: Case, *, again: bool) -> Outcome:
        self.world.point()
        if not case.evidence:
            return did({})
        if not (again and (self.folder / NAMES[TAKEN_BACK]).exists()):
            self._signed(case, TAKEN_BACK, taken_back(case, When(12.5, None)))
        raw = (self.folder / NAMES[TAKEN_BACK]).read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        if digest not in self.world.backend:
            self.world.backend.append(digest)
            self.world.effects[f"published.taken_back.{case.attempt}"] += 1
        self.world.point()
        return did({"sha256": digest, "name": NAMES[TAKEN_BACK], "handed_over": "acked"})

    def conclude(self, case: Case, *, again: bool) -> Outcome:
        self.world.point()
        after = judge(with_case(self.world.facts(), case), (AFTER_CANCEL,))
        raw = self._signed(case, CONCLUSION, conclusion(case, after, When(12.5, None)))
        return did({**raw, "handed_over": "waiting"})

    def statement(self, case: Case) -> Outcome:
        return did({"name": "statement.txt", "sha256": "c" * 64})

    def cancelled_at(self, case: Case) -> str | None:
        return "2026-11-22T08:00:00Z"


def opening() -> Json:
    return {
        "schema": SCHEMA, "iccid": ICCID, "imei": IMEI, "imsi": None, "order_id": "W-1",
        "platform": "onelink", "technician": "Li", "lost": False, "order": ORDER,
    }  # fmt: skip


def run(world: World, state_dir: Path, wish: Wish = Wish()) -> tuple[Case, Halt] | None:  # noqa: B008 - frozen
    """One process: `simward unbind`, until it halts; None where it may not even begin.

    Raises:
        Killed: it died.
        ModemUnreachable: the modem was gone.
    """
    seen, folder = world.facts(), made(folder_of(state_dir, ICCID, "W-1"))

    def when() -> When:
        world.point()
        return When(12.5, "2026-11-22T09:00:00.000Z")

    if not (folder / NAME).exists() and gates_halt(judge(seen)) is not None:
        return None
    world.point()
    with Journal(folder, when=when) as journal:
        if not journal.entries:
            journal.append("opened", opening())
        hands = WorldHands(world, folder)
        executor = Executor(journal, hands, lambda case: seen_of(seen, case, hands.card()))
        halt = executor.run(wish)
        return executor.case, halt


def tear(state_dir: Path, count: int) -> None:
    """What a power cut leaves of the line that was being written."""
    path = folder_of(state_dir, ICCID, "W-1") / NAME
    if path.exists():
        with path.open("ab") as file:
            file.write(b'{"body":{"act":"release.contexts_down","at":null'[:count])
