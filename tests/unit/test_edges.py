"""How often changes are said, on virtual time."""

import json

import pytest

from agent.edges import AN_HOUR, Remembered, changes
from agent.report import Seen, Stamp, seen
from modem.snapshot import ModemSnapshot
from sim.identifiers import Iccid
from tests.unit.snapshot_helpers import DENIED, HOME, MODEM, SEARCHING, read, registered, with_card

A, B = "89001010000000000018", "89001010000000000026"
SERVED, REFUSED, LOOKING = registered(eps=HOME), registered(eps=DENIED), registered(eps=SEARCHING)
OTHER_CARD = with_card(iccid=read(Iccid(B), "EF.ICCID"))


class Story:
    """Samples one after the other; what is remembered goes through the store's form."""

    def __init__(self) -> None:
        self.remembered: Remembered | None = None
        self.now = 0.0
        self.boot = 1
        self.said: list[tuple[str, dict]] = []

    def sample(self, modem: ModemSnapshot, after_s: float = 30.0) -> list[str]:
        self.now += after_s
        before = Seen() if self.remembered is None else self.remembered.seen
        stamp = Stamp(self.boot, self.now, None)
        found, remembered = changes(1, self.remembered, seen(modem, before), stamp)
        self.remembered = Remembered.from_json(json.loads(json.dumps(remembered.to_json())))
        self.said += found
        return [code for code, _ in found]

    def flap(self, times: int) -> None:
        for _ in range(times):
            self.sample(REFUSED)
            self.sample(SERVED)


@pytest.fixture
def story():
    story = Story()
    story.sample(SERVED)
    return story


def test_few_changes_are_each_said(story):
    assert story.sample(REFUSED) == ["registration_denied"]
    assert story.sample(REFUSED) == []
    assert story.sample(SERVED) == ["registration_restored"]


def test_a_registration_that_flaps_all_day_costs_six_events_an_hour(story):
    story.flap(1440)  # a change every 30 s for a day
    assert len(story.said) <= 24 * AN_HOUR["registration"] + AN_HOUR["registration"]
    assert len(story.said) >= 23 * AN_HOUR["registration"]


def test_what_was_left_out_is_counted_in_the_next_one(story):
    story.flap(10)  # 20 changes in ten minutes, 6 said
    assert len(story.said) == 6
    assert story.sample(REFUSED, after_s=3600) == ["registration_denied"]
    assert story.said[-1][1]["left_out"] == 14


def test_a_refusal_that_lasts_is_said_though_it_came_in_a_flood(story):
    story.flap(3)
    assert story.sample(REFUSED) == []
    for _ in range(118):
        story.sample(REFUSED)
    assert story.said[-1][0] == "registration_denied"
    assert story.said[-1][1]["denied"] == {"eps": 8}
    assert sum(code == "registration_denied" for code, _ in story.said) == 4


def test_what_went_back_to_what_was_said_is_not_said_again(story):
    story.flap(3)
    story.sample(REFUSED)
    story.sample(SERVED)
    assert story.sample(SERVED, after_s=7200) == []
    assert len(story.said) == 6


def test_a_flood_of_one_kind_leaves_room_for_the_others(story):
    story.flap(10)
    assert story.sample(OTHER_CARD) == ["card_changed"]


def test_a_card_that_is_swapped_all_day_is_said_twelve_times_an_hour(story):
    for _ in range(60):
        story.sample(OTHER_CARD)
        story.sample(MODEM)
    cards = [args for code, args in story.said if code == "card_changed"]
    assert 2 * AN_HOUR["card"] >= len(cards) >= AN_HOUR["card"]


def test_a_new_boot_begins_anew_and_still_knows_what_was_left_out(story):
    story.flap(10)
    story.boot, story.now = 2, 0.0
    assert story.sample(LOOKING) == []
    assert story.sample(REFUSED) == ["registration_denied"]
    assert story.said[-1][1]["left_out"] == 14


def test_what_an_older_version_remembers_counts_as_said():
    old = Remembered.from_json(seen(SERVED, Seen()).to_json())
    assert old.said == old.seen
    assert old.told == {}
