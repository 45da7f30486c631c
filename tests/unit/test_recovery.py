from dataclasses import replace
from itertools import pairwise

import pytest

from agent.recovery import (
    DAY_S,
    ENOUGH_TODAY,
    LADDER,
    NO_HOOK,
    NO_RESET,
    PAUSES_S,
    RADIO_OFF,
    TOO_SOON,
    Courtesy,
    Ladder,
    Limits,
    Past,
    Step,
    Told,
)
from agent.report import Stamp
from agent.trouble import Kind, Restraint, Trouble

FREE = Restraint()
REFUSED = Restraint(refused=(("eps", 8),))
WITH_HOOK = Limits(power_hook=True)


def at(up_s: float, *, boot: int = 1, wall: str | None = None) -> Stamp:
    return Stamp(boot, up_s, wall)


def tries(
    ladder: Ladder,
    kind: Kind,
    until: float,
    *,
    start: float = 0.0,
    every: float = 60.0,
    restraint: Restraint = FREE,
    can_reset: bool = True,
) -> list[tuple[float, Step]]:
    """The heavy steps of a trouble that no step cures, with their times."""
    taken = []
    now = start
    while now <= until:
        advice = ladder.failed(Trouble(kind, "x"), at(now), restraint, can_reset=can_reset)
        ladder.take(advice.step, at(now))
        if advice.step is not Step.REOPEN:
            taken.append((now, advice.step))
        now += every
    return taken


def test_every_kind_of_trouble_has_its_steps_and_begins_with_the_lightest():
    assert set(LADDER) == set(Kind)
    for steps in LADDER.values():
        assert steps[0] is Step.REOPEN
        assert list(steps) == sorted(steps, key=list(Step).index)


def test_a_silent_modem_is_opened_again_then_restarted_then_its_power_is_cut():
    taken = tries(Ladder(WITH_HOOK), Kind.SILENT, 1000)
    assert taken == [(300, Step.RESET), (900, Step.POWER)]


@pytest.mark.parametrize("kind", [Kind.TAKEN, Kind.FORBIDDEN, Kind.WRONG_SPEED])
def test_what_the_owner_has_to_change_brings_no_heavy_step(kind):
    assert tries(Ladder(WITH_HOOK), kind, 2 * DAY_S, every=600) == []


@pytest.mark.parametrize("kind", [Kind.STUCK, Kind.MISSING, Kind.UNPLUGGED])
def test_a_port_that_takes_nothing_gets_no_restart_command(kind):
    steps = {step for _, step in tries(Ladder(WITH_HOOK), kind, DAY_S / 2)}
    assert steps == {Step.POWER}


def test_heavy_steps_are_bounded_by_the_day_and_come_less_and_less_often():
    taken = tries(Ladder(WITH_HOOK), Kind.SILENT, DAY_S - 400)
    for step, limit in ((Step.RESET, 4), (Step.POWER, 3)):
        times = [when for when, what in taken if what is step]
        assert len(times) == limit
        pauses = [later - sooner for sooner, later in pairwise(times)]
        assert all(long >= 2 * short - 60 for short, long in pairwise(pauses))
        assert min(pauses) >= WITH_HOOK.pause_s


def test_the_next_day_has_steps_of_its_own():
    ladder = Ladder(WITH_HOOK)
    first = tries(ladder, Kind.SILENT, DAY_S)
    second = tries(ladder, Kind.SILENT, 2 * DAY_S, start=DAY_S + 60)
    assert 0 < len(second) <= len(first)


def test_a_good_answer_ends_the_trouble_and_leaves_the_count_of_the_day():
    ladder = Ladder(WITH_HOOK)
    tries(ladder, Kind.SILENT, 320)
    assert ladder.answered(at(400)) == 400
    assert ladder.answered(at(401)) is None
    assert ladder.today(Step.RESET, at(500)) == 1
    assert tries(ladder, Kind.SILENT, 1000, start=500) == []  # 300 s of new trouble: too soon
    assert ladder.episode is not None
    assert ladder.episode.held == TOO_SOON


@pytest.mark.parametrize(
    ("limits", "restraint", "can_reset", "held"),
    [
        (Limits(), FREE, True, NO_HOOK),
        (Limits(power_hook=True, at_reset=False), FREE, True, None),
        (Limits(at_reset=False), FREE, True, NO_HOOK),
        (WITH_HOOK, FREE, False, None),
        (replace(WITH_HOOK, powers_per_day=0), FREE, False, ENOUGH_TODAY),
        (WITH_HOOK, Restraint(radio_off=True), True, RADIO_OFF),
    ],
)
def test_why_no_heavier_step_is_taken_is_known(limits, restraint, can_reset, held):
    ladder = Ladder(limits)
    taken = tries(ladder, Kind.SILENT, 1200, restraint=restraint, can_reset=can_reset)
    assert ladder.episode is not None
    assert ladder.episode.held == held or (held is None and taken)
    if restraint.radio_off:
        assert taken == []
    if not can_reset or not limits.at_reset:
        assert Step.RESET not in {step for _, step in taken}


def test_without_a_way_to_restart_it_that_is_said_until_power_is_due():
    ladder = Ladder(Limits(at_reset=False))
    tries(ladder, Kind.SILENT, 600)
    assert ladder.episode is not None
    assert ladder.episode.held == NO_RESET


def test_while_the_network_refuses_for_good_one_restart_a_day_is_enough():
    taken = tries(Ladder(WITH_HOOK), Kind.SILENT, DAY_S - 400, restraint=REFUSED)
    assert sorted(step for _, step in taken) == [Step.POWER, Step.RESET]


# Over restarts


def test_a_loop_of_crashes_does_not_reset_the_limits():
    past: tuple[Past, ...] = ()
    for start in range(0, int(DAY_S) - 1200, 1200):
        ladder = Ladder(WITH_HOOK, past)
        tries(ladder, Kind.SILENT, start + 1100, start=start)
        past = tuple(Past.from_json(entry.to_json()) for entry in ladder.past)
    counts = [sum(each.step is step for each in past) for step in (Step.RESET, Step.POWER)]
    assert counts == [4, 3]


@pytest.mark.parametrize(
    ("then", "now", "age_s"),
    [
        (at(100), at(700), 600),
        (at(100), at(50), 0),
        # Another boot: what nobody counted does not pass, but for two right clocks.
        (at(90_000), at(30, boot=2), 30),
        (
            at(5, wall="2026-11-22T01:00:00.000Z"),
            at(30, boot=2, wall="2026-11-22T03:00:00.000Z"),
            7200,
        ),
        (
            at(5, wall="2026-11-22T01:00:00.000Z"),
            at(30, boot=2, wall="2020-01-01T00:00:00.000Z"),
            30,
        ),
        (at(5, wall="2026-11-22T01:00:00.000Z"), at(30, boot=2), 30),
    ],
)
def test_how_long_ago_a_step_was_is_never_overestimated(then, now, age_s):
    assert Past(Step.RESET, then).age_s(now) == age_s


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"step": "reset"},
        {"step": "explode", "boot": 1, "up_s": 1.0},
        {"step": "reset", "boot": "x", "up_s": 1.0},
        {"step": "reset", "boot": 1, "up_s": 1.0, "at": "yesterday"},
    ],
)
def test_what_is_no_entry_is_refused(entry):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Past.from_json(entry)


# Pauses


def test_the_pause_between_tries_grows_to_a_bound():
    ladder = Ladder(Limits())
    pauses = []
    for number in range(12):
        ladder.failed(Trouble(Kind.MISSING, "x"), at(number), FREE, can_reset=False)
        pauses.append(ladder.pause_s(lambda _, high: high))
    assert pauses[: len(PAUSES_S)] == list(PAUSES_S)
    assert set(pauses[len(PAUSES_S) :]) == {PAUSES_S[-1]}


def test_two_gateways_do_not_try_at_the_same_moment():
    ladder = Ladder(Limits())
    ladder.failed(Trouble(Kind.MISSING, "x"), at(0), FREE, can_reset=False)
    assert ladder.pause_s(lambda low, _: low) < ladder.pause_s(lambda _, high: high)


def test_polling_slows_down_while_the_network_refuses_and_is_at_once_as_before():
    courtesy = Courtesy(limit=4)
    assert [courtesy.after(refused=True) for _ in range(5)] == [1, 2, 4, 4, 4]
    assert courtesy.after(refused=False) == 1
    assert courtesy.after(refused=True) == 1
    assert [Courtesy(limit=1).after(refused=True) for _ in range(3)] == [1, 1, 1]


def test_an_event_that_repeats_is_said_a_few_times_an_hour_and_the_rest_is_counted():
    told = Told(an_hour=3)
    said = [told.may_say(at(minute * 60.0)) for minute in range(60)]
    assert [minute for minute, yes in enumerate(said) if yes] == [0, 1, 2]
    assert told.may_say(at(3600.0))
    assert (told.take_left_out(), told.take_left_out()) == (57, 0)
