import pytest

from agent.usage.counters import Base, Continuity, Counters, Delta, Traits, advance

SURE, UNSURE, BROKEN = Continuity.SURE, Continuity.UNSURE, Continuity.BROKEN
VOLATILE, SAVED = Traits("volatile"), Traits("saved")
KEPT, UNKNOWN = Traits("kept"), Traits("unknown")
WRAPS = Traits("volatile", bits=32)
KERNEL_32 = Traits("volatile", bits=32, steady=True)
TOP = 2**32
ROOM = 1_000_000


def step(before, now, traits=VOLATILE, continuity=SURE, room=ROOM):
    return advance(Base(Counters(*before)), Counters(*now), traits, continuity, room)[1]


def lost(counted, *, reset=False, room=ROOM):
    """A step that counts so much, and may have missed the rest of the room."""
    hidden = room - sum(counted)
    return Delta(*counted, reset=reset, gap=True, hidden_bytes=hidden)


@pytest.mark.parametrize(
    ("before", "now", "traits", "continuity", "expected"),
    [
        pytest.param((10, 20), (15, 50), VOLATILE, SURE, Delta(5, 30), id="it goes on"),
        pytest.param((10, 20), (10, 20), VOLATILE, SURE, Delta(0, 0), id="nothing flowed"),
        # Restarts
        pytest.param((100, 200), (5, 6), VOLATILE, SURE, lost((0, 0), reset=True), id="reset"),
        pytest.param((100, 200), (5, 6), VOLATILE, BROKEN, lost((5, 6), reset=True), id="restart"),
        pytest.param(
            (100, 200), (300, 400), VOLATILE, BROKEN, lost((300, 400), reset=True),
            id="a restart that the counter hides",
        ),
        pytest.param(
            (100, 200), (300, 400), VOLATILE, UNSURE, lost((200, 200)), id="perhaps a restart"
        ),
        pytest.param(
            (9_000_000, 0), (9_000_100, 50), VOLATILE, UNSURE, Delta(100, 50),
            id="too much for a restart in between",
        ),
        pytest.param((100, 200), (300, 400), KEPT, BROKEN, Delta(200, 200), id="kept over it"),
        pytest.param((100, 200), (3, 4), KEPT, SURE, lost((0, 0), reset=True), id="zeroed by hand"),
        # Back to what was saved: nothing of it may be counted twice.
        pytest.param((900, 900), (800, 850), SAVED, SURE, lost((0, 0), reset=True), id="rollback"),
        pytest.param((900, 900), (950, 990), SAVED, BROKEN, lost((0, 0)), id="saved, first time"),
        pytest.param((900, 900), (10, 10), UNKNOWN, SURE, lost((0, 0), reset=True), id="unknown"),
        # Over the width
        pytest.param((TOP - 10, 5), (20, 9), WRAPS, SURE, Delta(30, 4), id="one way runs over"),
        pytest.param(
            (TOP - 10, TOP - 5), (20, 9), WRAPS, SURE, lost((0, 0), reset=True),
            id="both ways at once is a reset",
        ),
        pytest.param(
            (TOP - 10, TOP - 5), (20, 9), KERNEL_32, SURE, Delta(30, 14),
            id="but not where nothing resets",
        ),
        pytest.param(
            (TOP // 2, 5), (20, 9), WRAPS, SURE, lost((0, 0), reset=True), id="too far to run over"
        ),
        pytest.param(
            (TOP - 10, 5), (20, 9), WRAPS, UNSURE, lost((20, 9), reset=True),
            id="over a restart perhaps",
        ),
        pytest.param(
            (TOP - 10, 5), (20, 9), VOLATILE, SURE, lost((0, 0), reset=True), id="no known width"
        ),
        # Nonsense
        pytest.param(
            (10, 20), (2**60, 30), VOLATILE, SURE,
            Delta(0, 0, gap=True, hidden_bytes=ROOM, jump=True), id="more than the link carries",
        ),
    ],
)  # fmt: skip
def test_a_step_counts_what_certainly_flowed(before, now, traits, continuity, expected):
    assert step(before, now, traits, continuity) == expected


def test_without_a_known_time_a_gap_has_no_bound_but_a_petabyte_is_still_nonsense():
    assert step((9, 9), (1, 1), room=None) == Delta(0, 0, reset=True, gap=True, hidden_bytes=None)
    assert step((9, 9), (2**60, 9), room=None).jump


def walk(*readings, traits=VOLATILE, continuity=SURE):
    base, steps = Base(Counters(*readings[0])), []
    for reading in readings[1:]:
        base, one = advance(base, Counters(*reading), traits, continuity, ROOM)
        steps.append(one)
    return steps


@pytest.mark.parametrize("nonsense", [(0, 0), (2**60, 2**60)], ids=["zero", "far too much"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_counter_that_shows_nonsense_for_a_while_is_not_counted_twice(nonsense, times):
    steps = walk((500_000, 400_000), *[nonsense] * times, (500_100, 400_200), (500_101, 400_203))
    assert sum(each.total for each in steps) == 304
    assert steps[-1] == Delta(1, 3)


def test_two_kinds_of_nonsense_in_a_row_are_not_counted_either():
    steps = walk((80_000, 60_000), (0, 0), (2**60, 60_100), (80_100, 60_200), (80_101, 60_200))
    assert [each.total for each in steps] == [0, 0, 300, 1]


def test_a_counter_of_known_width_that_shows_zero_while_it_runs_over_is_not_counted_twice():
    steps = walk((TOP - 100, 5), (0, 0), (50, 9), traits=WRAPS)
    assert sum(each.total for each in steps) <= 154


def test_after_a_fall_that_nothing_explains_it_counts_once_it_rose():
    first, second, third = walk((500, 500), (10, 20), (30, 50), (31, 50))
    assert first == lost((0, 0), reset=True)
    assert second == lost((0, 0))
    assert third == Delta(1, 0)


def test_after_a_restart_that_is_known_of_it_counts_at_once():
    first, second = walk((500, 500), (10, 20), (30, 50), continuity=BROKEN)
    assert first == lost((10, 20), reset=True)
    assert second == lost((30, 50), reset=True)


def test_a_saved_counter_that_was_zeroed_comes_back_with_what_was_saved_and_counts_nothing_of_it():
    # 900 were saved; somebody sets it to zero; a restart brings the 900 back.
    base = Base(Counters(900, 0))
    base, _ = advance(base, Counters(900, 0), SAVED, BROKEN, ROOM)
    base, zeroed = advance(base, Counters(3, 0), SAVED, SURE, ROOM)
    base, back = advance(base, Counters(905, 0), SAVED, BROKEN, ROOM)
    assert (zeroed.total, back.total) == (0, 5)
    assert back.gap
