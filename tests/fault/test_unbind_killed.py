"""Killed at each point of its road, an unbinding goes on and does nothing twice."""

import tempfile
from pathlib import Path

import pytest

from agent.unbind.unbinding import Wish
from tests.unbind_world import STEPS, Killed, World, run, tear

ABORT = Wish(abort=True)


@pytest.fixture
def shelf():
    """Makes folders in memory, where there is such a place: hundreds of journals are flushed."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield lambda: Path(tempfile.mkdtemp(dir=folder))


def all_points(shelf):
    world = World()
    run(world, shelf())
    return world.points


def test_killed_at_each_point_it_goes_on_and_does_nothing_twice(shelf):
    total = all_points(shelf)
    assert total > 60
    for lives in range(total):
        world, folder = World(), shelf()
        world.lives = lives
        with pytest.raises(Killed):
            run(world, folder)
        assert world.wrong == [], lives
        tear(folder, lives % 40)
        world.lives = None
        case, _ = run(world, folder)
        assert (case.state, world.wrong) == ("waiting_carrier_unbind", []), lives
        assert world.released == set(STEPS)
        assert {world.effects[step] for step in STEPS} == {1}
        assert world.pairing_entries == 1, lives
        assert world.messages <= 1, lives  # whether it went out is not known: never a second one
        assert world.effects["published.before_release.1"] == 1
        assert world.effects["published.closing.1"] == 1


def test_killed_at_each_point_of_an_abort_it_is_taken_back_all_the_same(shelf):
    folder = shelf()
    world = World()
    run(world, folder)
    world.points = 0
    run(world, folder, ABORT)
    for lives in range(world.points):
        world, folder = World(), shelf()
        run(world, folder)
        world.lives = lives
        with pytest.raises(Killed):
            run(world, folder, ABORT)
        tear(folder, lives % 40)
        world.lives = None
        case, _ = run(world, folder, ABORT)
        assert (case.state, world.released, world.wrong) == ("aborted", set(), []), lives
        assert {world.effects[f"undo.{step}"] for step in STEPS} == {1}
        assert (world.pairing, world.pairing_entries) == ("bound", 2)
        assert world.effects["published.taken_back.1"] == 1
