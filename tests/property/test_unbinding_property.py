"""Whatever happens: nothing irreversible is skipped or doubled, no card is ready unproved.

Kill at any point, power cut in the middle of a line, another card, another modem, an unplugged
modem, a deaf backend, lost acknowledgements, old facts, a carrier that binds again, steps that are
refused or lie, an abort: in any order. The world counts what cannot be taken back.
"""

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.errors import ModemUnreachable
from agent.unbind import machine
from agent.unbind.case import Case
from agent.unbind.folder import case_in, folder_of
from agent.unbind.unbinding import Wish
from tests.effort import examples
from tests.gates_world import OTHER_IMEI
from tests.unbind_world import ICCID, IMEI, OTHER_ICCID, STEPS, Killed, World, run, tear

MEMORY = Path("/dev/shm")

CARDS = [(ICCID, IMEI), (OTHER_ICCID, IMEI), (None, IMEI), (ICCID, OTHER_IMEI)]
MARKS = ["plugged", "hears", "acks", "bound", "old_facts", "saves"]
changes = st.one_of(
    st.tuples(st.just("card"), st.sampled_from(CARDS)),
    st.tuples(st.sampled_from(MARKS), st.booleans()),
    st.tuples(st.sampled_from(["refuses", "lies"]), st.sets(st.sampled_from(STEPS), max_size=2)),
    st.tuples(st.just("meddler"), st.sampled_from(STEPS)),
)
runs = st.tuples(
    st.just("run"),
    st.sampled_from(["go", "go", "go", "abort"]),
    st.one_of(st.none(), st.integers(0, 40)),
    st.integers(0, 40),
)
lives_of_a_card = st.lists(st.one_of(changes, runs, runs), min_size=3, max_size=14)


def play(world: World, folder: Path, event: tuple) -> None:
    """One thing that happens."""
    if event[0] == "meddler":  # somebody else brings it up again
        world.meddled(event[1])
        return
    if event[0] != "run":
        setattr(world, event[0], event[1])
        return
    _, what, world.lives, torn = event
    with suppress(Killed, ModemUnreachable):
        run(world, folder, Wish(abort=what == "abort", reopen=what == "go"))
    if world.lives is not None and world.lives < 0:
        tear(folder, torn)
    world.lives = None


def heal(world: World) -> None:
    world.card, world.plugged, world.hears, world.acks = (ICCID, IMEI), True, True, True
    world.old_facts, world.refuses, world.lies = False, set(), set()


def look(world: World, case: Case | None) -> None:
    """What must hold at any time."""
    assert world.wrong == []
    if case is None:
        assert not world.effects
        return
    attempts = case.attempt
    assert all(world.effects[step] <= attempts + world.effects[f"meddled.{step}"] for step in STEPS)
    assert world.pairing_entries <= 2 * attempts
    assert world.messages <= attempts
    for attempt in range(1, attempts + 1):
        assert world.effects[f"published.before_release.{attempt}"] <= 1
        assert world.effects[f"published.closing.{attempt}"] <= 1
    if case.road == machine.READY:
        assert case.release is not None
        assert set(case.evidence) == {"before_release", "closing"}
        assert case.evidence["before_release"].handed_over in {"acked", "file"}
        assert all(case.step(step).result in {"done", "nothing_to_do"} for step in STEPS)
        assert world.pairing == "closed"


def kept_case(folder: Path) -> Case | None:
    return case_in(folder_of(folder, ICCID, "W-1"))


def scratch():
    return tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)


@settings(max_examples=examples(30, times=8), deadline=None)
@given(lives_of_a_card)
@example([("bound", False), ("run", "go", None, 0), ("meddler", STEPS[0])])
def test_nothing_irreversible_is_skipped_or_doubled(events):
    with scratch() as name:
        world, folder = World(), Path(name)
        for event in events:
            before = None if kept_case(folder) is None else kept_case(folder).road
            play(world, folder, event)
            case = kept_case(folder)
            look(world, case)
            if case is not None and case.road == machine.READY != before:
                assert world.released == set(STEPS)
                assert not world.bound
        heal(world)
        world.bound = False
        case, halt = run(world, folder, Wish(reopen=True))
        if halt.why in {"set_up_again", "ended"}:  # meddled with, or aborting until now
            run(world, folder, Wish(abort=True))
            case, halt = run(world, folder, Wish(reopen=True))
        look(world, case)
        assert (case.state, world.released) == (machine.READY, set(STEPS))


@settings(max_examples=examples(30, times=8), deadline=None)
@given(lives_of_a_card)
@example([("lies", {STEPS[0]}), ("run", "go", None, 0)])
def test_whatever_happened_an_abort_puts_back_all_that_was_changed(events):
    with scratch() as name:
        world, folder = World(), Path(name)
        for event in events:
            play(world, folder, event)
        heal(world)
        if kept_case(folder) is None:
            assert world.released == set()
            return
        case, _ = run(world, folder, Wish(abort=True))
        assert (case.state, world.released, world.pairing) == (machine.ABORTED, set(), "bound")
        look(world, case)
