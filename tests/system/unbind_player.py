"""Plays a scenario of an unbinding (`tests/unbind_scenario.py`), and looks what came of it."""

import json
import shlex
from pathlib import Path
from typing import Any, Final

from agent.cli.certificate_file import public_key_from
from agent.errors import StoreError
from agent.unbind.folder import cases
from cloud_bridge.certificate import Evidence, verify
from tests.system.programs import Program, end, wait_until
from tests.system.unbind_stage import Stage
from tests.unbind_scenario import PAPERS, Act, Document, Json, Scenario, World

_ENOUGH_S: Final = 120.0
_PRINTS_JSON: Final = {"unbind", "check", "verify", "bind", "certificate", "backend", "status"}


class Play:
    """One performance."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self._scenario = scenario
        self._folder = folder
        self._verdict = "none"

    def run(self) -> None:
        """From the first act to the end; what differs from the file is an AssertionError."""
        with Stage(self._folder, self._scenario) as stage:
            for number, act in enumerate(self._scenario.act, start=1):
                try:
                    self._act(stage, act, f"command{number}")
                except AssertionError as error:
                    told = act.run or act.model_dump(exclude_defaults=True)
                    raise AssertionError(f"act {number} ({told}): {error}") from error
            self._look(stage)

    def _act(self, stage: Stage, act: Act, name: str) -> None:
        if act.run is None:
            self._happen(stage, act)
            return
        process = stage.begin(name, *_words(act.run))
        try:
            if act.then is not None:
                self._wait_and_happen(stage, act, act.then, process)
            code = process.wait(_ENOUGH_S)
        finally:
            process.kill()
            end(process)
        said = stage.said(name)
        if act.exit is not None:
            assert code == act.exit, f"exit {code} is not {act.exit}: {said}"
        for text in act.says:
            assert text in said, f"{text!r} is not in {said}"
        self._check_document(stage, act, name)

    def _check_document(self, stage: Stage, act: Act, name: str) -> None:
        printed = (self._folder / f"{name}.out").read_text("utf-8")
        document = json.loads(printed) if printed.startswith("{") else {}
        if "verdict" in document:
            self._verdict = document["verdict"]
        found = {place: at(document, place) for place in act.expect}
        assert found == act.expect, f"{found} is not {act.expect}: {stage.said(name)}"

    def _wait_and_happen(self, stage: Stage, act: Act, then: World, process: Program) -> None:
        """What happens in the middle of a command."""
        if act.begun is not None:
            begun = {"what": "begun", "act": act.begun}
            wait_until(lambda: _has(stage.journal(), begun), process)
        elif act.stored is not None:
            kind = act.stored
            wait_until(lambda: any(e.startswith(f"{kind} ") for e in stage.evidence()), process)
        else:
            stage.modem.hold(before=act.before or "", after=act.after or "")
            wait_until(stage.modem.came.is_set, process)
        if then.happens in {"killed", "power_cut"}:
            process.kill()
            process.wait(_ENOUGH_S)
        self._happen(stage, then)
        stage.modem.let_go(forget=process.poll() is not None and not stage.has_daemon)

    @staticmethod
    def _happen(stage: Stage, world: World) -> None:
        if world.happens is not None:
            stage.happen(world.happens)
        if world.modem:
            stage.modem.modem.do(**world.modem)
        for paper in PAPERS:
            if changes := getattr(world, paper):
                stage.hand_in(paper, changes)
        for file, content in world.write.items():
            text = content if isinstance(content, str) else content.text * content.times
            (stage.folder / file).write_text(text, "utf-8")
        if world.damage is not None:
            path = stage.folder / world.damage
            raw = bytearray(path.read_bytes())
            place = raw.index(b'"value":') + len(b'"value":"')
            raw[place] ^= 1
            path.write_bytes(raw)

    # The end

    def _look(self, stage: Stage) -> None:
        wanted, key = self._scenario.end, self._key(stage)
        self._arrived(stage)
        stage.stop("daemon")
        stage.stop("backend")
        found: Json = {
            "state": self._state(stage),
            "verdict": self._verdict,
            "backend": stage.evidence(),
            "events": stage.events(),
            "contexts": stage.contexts(),
            "connections": sorted(stage.manager.names() - {"lo"}) if stage.manager else [],
        }
        expected = {name: getattr(wanted, name) for name in found}
        other = {name: value for name, value in found.items() if value != expected[name]}
        assert not other, f"at the end: {other}"
        assert stage.doubled() == [], "sent again under another number"
        for name in ("before_release", "closing"):
            self._look_at(stage, name, getattr(wanted, name), key)

    def _arrived(self, stage: Stage) -> None:
        """Give what is under way its time; what came is compared later."""
        backend = stage.programs.get("backend")
        if backend is None:
            return

        def all_here() -> bool:
            events = len(stage.events()) >= len(self._scenario.end.events)
            return events and len(stage.evidence()) >= len(self._scenario.end.backend)

        try:
            wait_until(all_here, backend, 20)
        except AssertionError:
            return

    @staticmethod
    def _key(stage: Stage) -> str | None:
        """The public key from elsewhere: as birth told it, else as it lies beside the key."""
        kept = stage.state / "device.pub"
        return stage.key_of_birth() or (public_key_from(str(kept)) if kept.exists() else None)

    @staticmethod
    def _state(stage: Stage) -> str:
        try:
            states = [found.case.state for found in cases(stage.state)]
        except StoreError:
            return "damaged"
        assert len(states) <= 1
        return states[0] if states else "not_begun"

    @staticmethod
    def _look_at(stage: Stage, name: str, wanted: Document | None, key: str | None) -> None:
        """A document of the case: there or not, it holds, and says what it should."""
        files = list(stage.state.glob(f"unbind/*/{name}.json"))
        assert len(files) == (wanted is not None), f"{name}: {files}"
        if wanted is None:
            return
        evidence = verify(files[0].read_bytes(), public_key=key)
        entries = told(evidence)
        missing = [each for each in wanted.has if not _is_told(each, entries)]
        strange = [each for each in wanted.lacks if _is_told(each, entries)]
        assert (missing, strange) == ([], []), f"{name}: {entries}"


def told(evidence: Evidence) -> list[str]:
    """The entries of evidence as lines: `read PATH VALUE`, `gate ID RESULT`, ..."""
    lines = []
    for entry in evidence.entries:
        body = entry.body
        what = body["what"]
        names = {
            "read": ("path", "value"), "answered": ("question", "value"),
            "gate": ("gate", "result"), "done": ("step", "result"),
        }[what]  # fmt: skip
        first, second = (body[each] for each in names)
        plain = second if isinstance(second, str) else json.dumps(second, ensure_ascii=False)
        lines.append(f"{what} {first} {plain}")
    return lines


def at(document: Any, place: str) -> Any:
    """The value at a place like `steps.release.contexts_down.result`; a list's items go by `id`."""
    if not place:
        return document
    if isinstance(document, list):
        for each in document:
            name = each.get("id") or each.get("kind")
            if place == name or place.startswith(f"{name}."):
                return at(each, place[len(name) + 1 :])
        return None
    first, _, rest = place.partition(".")
    return None if not isinstance(document, dict) else at(document.get(first), rest)


def _is_told(entry: str, entries: list[str]) -> bool:
    return any(each == entry or each.startswith(f"{entry} ") for each in entries)


def _has(bodies: list[Json], like: Json) -> bool:
    return any(like.items() <= body.items() for body in bodies)


def _words(typed: str) -> list[str]:
    """The words behind `simward`; those commands that can print JSON are told to."""
    program, *words = shlex.split(typed)
    assert program == "simward", typed
    return [*words, "--json"] if words[0] in _PRINTS_JSON else words
