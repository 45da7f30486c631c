"""Every fault x every shipped modem x `status` and `run`, on virtual time.

    python -m tests.fault.matrix [--modem NAME]... [--fault NAME]...

`status`: one reading that meets the fault from its start, and one that meets it in the middle. No
value is wrong, each gap has a reason, no card is mixed with another, and it ends in time.
`run`: the daemon's modem thread and store with a sample a minute. No sample has a wrong value, the
events say what happened, no forbidden step is taken, and the facts are right again within the
ladder's own bound.

A cell shows seconds of virtual time: how long the slower `status` took, and after how many seconds
of the fault's beginning a sample of the daemon's was right again.
"""

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from agent.errors import AgentError
from agent.jobs import Sample
from agent.modem_session import ModemSession
from agent.recovery import Limits, Step
from agent.snapshot import to_json
from modem.errors import ModemError
from modem.simulator.faults import Latency
from modem.simulator.fixture import shipped_names
from modem.simulator.modem import SimulatedModem
from tests.device_stream import leaves
from tests.fault.cards import FACTS, card, owners
from tests.fault.faults import FAULTS, Fault, Line, right_within_s
from tests.fault.world import PORT, Gateway, World

MODEMS = shipped_names("modems", ".toml")
INTERVAL_S = 60.0
LATENCY_S = 0.02
BEGIN_S = 105.0  # between two samples
STATUS_S = 200.0
"""What a `status` may take at worst: each of some thirty commands silent, the fence closing."""

# They move by themselves, or follow from how a modem is read rather than from the modem.
_GROWING = ("usage.", "last_error.", "taken_at", "clock_synchronized", "modem.profile",
            "modem.functionality", "rejects")  # fmt: skip
# True while a modem starts, is refused or has its radio off; what is true then is the fault's.
_OF_THE_MOMENT = ("sim.state", "registration.", "packet.", "operator.", "signal.", "locks.",
                  "sim.pin1.", "sim.iccid_source", "sim.carrier", "sim.slot")  # fmt: skip
_OF_THE_CARD = ("sim.",)
_COLUMNS = 8
# What must be right again when it is over.
_DUE = ("sim.state", "sim.iccid", "sim.imsi", "registration.", "signal.")


@dataclass(frozen=True)
class Cell:
    """What came of one fault with one modem: complaints, and when all was right again."""

    fault: Fault
    modem: str
    status: tuple[str, ...]
    status_s: float
    run: tuple[str, ...]
    right_after_s: float | None

    @property
    def ok(self) -> bool:
        return not self.status and not self.run


def cell(fault: Fault, modem: str, folder: Path) -> Cell:
    """Both stories of one fault and one modem."""
    statuses = [_Status(fault, modem, begin_s) for begin_s in (0.0, 0.3)]
    status = tuple(each for story in statuses for each in story.complaints())
    run = _Run(fault, modem, folder)
    complaints = tuple(run.complaints())
    status_s = max(story.took_s for story in statuses)
    return Cell(fault, modem, status, status_s, complaints, run.right_after_s)


def _line(name: str) -> Line:
    modem = SimulatedModem.load(name)
    modem.state.card = card("A")
    line = Line(modem)
    line.device = Latency(modem, LATENCY_S)
    return line


def stable(document: dict) -> dict:
    """The facts that do not move by themselves."""
    return {
        path: value
        for path, value in leaves(document).items()
        if not path.startswith(_GROWING) and not path.startswith("recovery.")
    }


def _wrong(found: dict, name: str, fault: Fault) -> dict:
    """Values that are neither the truth nor what may be true while the fault lasts."""
    truth, placed = _truth(name), _truth(name, sample=True)
    loose = () if fault.calm else _OF_THE_MOMENT
    if fault.another_card:
        loose = (*loose, *_OF_THE_CARD)
    # Where ATI is not answered, AT+CGMM says who it is, in other words.
    said = {("modem.model", SimulatedModem.load(name).profile.identity.model)}
    return {
        path: value
        for path, value in found.items()
        if value not in (truth.get(path), placed.get(path))
        and not path.startswith(loose)
        and (path, value) not in said
    }


def _unasked(path: str, absent: dict) -> bool:
    """Whether a sample left out what `path` is about, as those between two full ones do."""
    parts = path.split(".")
    above = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(absent.get(each) == "not asked" for each in above)


@cache
def _truth(name: str, *, sample: bool = False) -> dict:
    """A full reading of the undisturbed modem; a `sample` has the place, too."""
    world = World(_line(name))
    return stable(_read(world, sample=sample))


def _session(world: World) -> ModemSession:
    return ModemSession(world.open, PORT, clock=world.clock, now=world.moment)


def _read(world: World, *, sample: bool = False) -> dict:
    """What `status` prints; where it prints nothing, why."""
    session = None
    try:
        session = _session(world)
        return to_json(session.snapshot(sample=sample))
    except AgentError as error:
        return {"error": str(error), **(error.document or {})}
    except ModemError as error:
        return {"error": str(error)}
    finally:
        if session is not None:
            session.close()


class _Status:
    """One `status` that meets the fault after `begin_s`."""

    def __init__(self, fault: Fault, name: str, begin_s: float) -> None:
        self._fault = fault
        self._name = name
        self._when = "in the middle" if begin_s else "from the start"
        line = _line(name)
        world = World(line)
        if begin_s:
            world.at(begin_s, lambda: fault.begin(world, line))
        else:
            fault.begin(world, line)
        self._document = _read(world)
        self.took_s = world.now

    def complaints(self) -> Iterator[str]:
        """What is wrong with what it printed."""
        return (f"status {self._when}: {each}" for each in self._complaints())

    def _complaints(self) -> Iterator[str]:
        document = dict(self._document)
        if self.took_s > STATUS_S:
            yield f"took {self.took_s:.0f} s"
        if "sim" in document and len(owners(document)) > 1:
            yield "two cards mixed"
        error = document.pop("error", None)
        for path, value in _wrong(stable(document), self._name, self._fault).items():
            yield f"{path} is {value!r}"
        absent = document.get("absent", {})
        if error is None and not absent and stable(document) != _truth(self._name):
            yield "gaps without a reason"
        if error == "" or not all(absent.values()):
            yield "a reason that says nothing"


class _Run:
    """The daemon's story: healthy, struck, right again."""

    def __init__(self, fault: Fault, name: str, folder: Path) -> None:
        self._fault = fault
        self._name = name
        self.line = _line(name)
        self._world = World(self.line)
        # A modem that no command restarts is brought back by the hook.
        self._cure = fault.cure
        can_restart = bool(self.line.modem.profile.reboot_commands) and self._knows_restart()
        if fault.cure is Step.RESET and not can_restart:
            self._cure = Step.POWER
        self._begin_s = 0.0 if fault.from_start else BEGIN_S
        self.right_after_s: float | None = None
        limits = Limits()
        self._gateway = Gateway(
            self._world, folder, limits=limits, interval_s=INTERVAL_S, power=True, reject_backoff=4
        )
        if fault.from_start:
            fault.begin(self._world, self.line)
        else:
            self._world.at(BEGIN_S, lambda: fault.begin(self._world, self.line))
        try:
            self._gateway.run_until(self._begin_s + self._bound_s())
            self.steps = {step.value: n for step, n in self._gateway.rescuer._ladder.taken.items()}
        finally:
            self._gateway.close()

    def _knows_restart(self) -> bool:
        world = World(_line(self._name))
        session = _session(world)
        session.snapshot()
        command = session.restart_command
        session.close()
        return command in self.line.modem.profile.reboot_commands

    def _bound_s(self) -> float:
        return right_within_s(self._fault, self._gateway.rescuer._ladder, INTERVAL_S, self._cure)

    def complaints(self) -> Iterator[str]:
        """What is wrong with the story."""
        truth, fault = _truth(self._name), self._fault
        for sample in self._gateway.samples:
            document = to_json(sample.snapshot)
            if len(owners(document)) > 1:
                yield f"run: two cards mixed at {sample.stamp.up_s:.0f} s"
            for path, value in _wrong(stable(document), self._name, fault).items():
                yield f"run: {path} is {value!r} at {sample.stamp.up_s:.0f} s"
        yield from self._not_right_again(truth)
        codes = self._gateway.stored_codes
        for code in fault.events:
            if code not in codes:
                yield f"run: no event {code}, but {codes}"
        yield from self._wrong_steps()

    def _not_right_again(self, truth: dict) -> Iterator[str]:
        over_s = self._begin_s + (self._fault.lasts_s or 0.0)
        for sample in self._gateway.samples:
            after = sample.stamp.up_s >= over_s
            if after and self._is_right(to_json(sample.snapshot), truth):
                self.right_after_s = sample.stamp.up_s - self._begin_s
                return
        yield f"run: not right again within {self._bound_s():.0f} s"

    def _is_right(self, document: dict, truth: dict) -> bool:
        """All that the sample says is true again, the moment's facts too."""
        found, absent = stable(document), document["absent"]
        expected = dict(truth)
        if self._fault.another_card:
            iccid, imsi = FACTS["B"]["iccid"], FACTS["B"]["imsi"]
            expected |= {"sim.iccid": iccid, "sim.iccid_modem": iccid, "sim.imsi": imsi}
        due = [path for path in expected if path.startswith(_DUE) and not _unasked(path, absent)]
        return all(found.get(path) == expected[path] for path in due)

    def _wrong_steps(self) -> Iterator[str]:
        heavy = {step: self.steps[step] for step in ("reset", "power") if self.steps[step]}
        if heavy and not self._fault.free:
            yield f"run: steps taken: {heavy}"
        for job in self._gateway.emitted:
            kind = None if isinstance(job, Sample) else job.args.get("trouble")
            if kind is not None and kind not in self._fault.kinds:
                yield f"run: taken for {kind}"


def cells(faults: list[Fault], modems: list[str], folder: Path) -> Iterator[Cell]:
    """All cells, fault by fault."""
    for number, (fault, modem) in enumerate(product(faults, modems)):
        own = folder / str(number)
        own.mkdir()
        yield cell(fault, modem, own)


def table(found: list[Cell], modems: list[str]) -> str:
    """A row a fault, a column a modem, `!` where something is wrong."""
    width = max(len(fault.name) for fault in FAULTS)
    lines = [f"{number:>{width}}  {name}" for number, name in enumerate(modems, start=1)]
    for first in range(0, len(modems), _COLUMNS):
        lines += ["", *_block(found, modems, first, width)]
    return "\n".join(lines)


def _block(found: list[Cell], modems: list[str], first: int, width: int) -> Iterator[str]:
    by_place = {(each.fault.name, each.modem): each for each in found}
    columns = modems[first : first + _COLUMNS]
    yield " " * width + "".join(f"{first + at:>9}" for at in range(1, len(columns) + 1))
    for name in dict.fromkeys(each.fault.name for each in found):
        row = [by_place[name, modem] for modem in columns]
        yield f"{name:<{width}}" + "".join(f"{_mark(each):>9}" for each in row)


def _mark(each: Cell) -> str:
    right_after = "-" if each.right_after_s is None else f"{each.right_after_s:.0f}"
    return f"{each.status_s:.0f}/{right_after}{'' if each.ok else '!'}"


def main() -> int:
    """Print the matrix; 1 where a cell is wrong."""
    parser = argparse.ArgumentParser(description="the matrix of faults and modems")
    parser.add_argument("--modem", action="append", metavar="NAME")
    parser.add_argument("--fault", action="append", metavar="NAME")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    modems = options.modem or MODEMS
    faults = [fault for fault in FAULTS if fault.name in (options.fault or [fault.name])]
    with tempfile.TemporaryDirectory() as folder:
        found = list(cells(faults, modems, Path(folder)))
    print(table(found, modems))
    wrong = [each for each in found if not each.ok]
    for each in wrong:
        print(f"\n{each.fault.name} x {each.modem}")
        for complaint in dict.fromkeys((*each.status, *each.run)):
            print(f"  {complaint}")
    print(f"\n{len(found) - len(wrong)} of {len(found)} right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
