"""Whatever is seen, told and answered, a verification never says too much, and misses no alarm."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.diagnosis.facts import Cause, Cell
from agent.unbind.platform_files import all_platforms
from agent.verification.baseline import Baseline
from agent.verification.exclusions import excluded
from agent.verification.schedule import due, looks, next_due, rules_of
from agent.verification.seen import Answers, Look, Platform, World
from agent.verification.service import HOW, SERVICES, STATES, Service
from agent.verification.verdict import NOT_APPLICABLE, VERDICTS, judge
from cloud_bridge.orders import STATES as CARD_STATES
from sim.reading import Absent
from tests.effort import examples
from tests.property.test_diagnosis_property import FACTS, ICCIDS, IMEIS, PLMN, UNKNOWN

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
SERVICE = st.builds(Service, st.sampled_from(STATES), st.sampled_from((None, *HOW)))
BY_NAME = st.dictionaries(st.sampled_from(SERVICES), SERVICE)
APN = st.sampled_from(("iot.example", "IOT.EXAMPLE", "private.example"))
LEVEL = st.floats(-140, -60)
WHERE = st.fixed_dictionaries(
    {
        "apn": st.none() | APN,
        "rsrp_dbm": st.none() | LEVEL,
        "slot": st.none() | st.integers(1, 2),
        "eid": st.none(),
    }
)
BASELINE = st.builds(
    Baseline,
    services=BY_NAME,
    iccid=ICCIDS,
    plmn=st.none() | PLMN,
    rsrp_dbm=st.none() | LEVEL,
    apn=st.none() | APN,
    imei=st.none() | IMEIS,
    slot=st.none() | st.integers(1, 2),
)
LOOK = st.builds(
    Look,
    taken_at=st.just(NOW),
    synchronized=st.booleans(),
    facts=FACTS,
    services=BY_NAME,
    where=WHERE,
    cycled=st.just(True) | UNKNOWN,
    iccid_after=ICCIDS | UNKNOWN,
    bound=st.none() | st.just("wwan0"),
)
PLATFORM = st.builds(
    Platform,
    state=st.none() | st.sampled_from(CARD_STATES),
    first_day=st.none() | st.integers(1, 31),
    zone=st.none() | st.just(UTC),
)
YES_NO = st.none() | st.booleans()
ANYTHING = st.builds(
    World,
    look=LOOK,
    baseline=st.none() | BASELINE,
    target=st.none() | ICCIDS,
    platform=PLATFORM,
    answers=st.builds(Answers, YES_NO, YES_NO),
)


@st.composite
def likely(draw: st.DrawFn) -> World:
    """The right card, mostly as dead as can be: what is left decides."""
    world = draw(ANYTHING)
    iccid, imei, plmn = "89001010000000000018", "356938035643809", "00101"
    refused = draw(st.sampled_from((2, 3, 8, 11, 15, 22)))
    facts = world.look.facts._replace(
        answers=True, functionality=1, sim_state="ready", iccid=iccid, imei=imei,
        cs=Absent("not asked"), ps=Absent("not asked"), nr5g=Absent("not asked"), eps=3,
        home_plmns=(plmn,), cells=(Cell(plmn, forbidden=False),),
        causes=(Cause("emm", refused, "registration.eps.reject_cause"),),
    )  # fmt: skip
    baseline = draw(BASELINE)._replace(iccid=iccid, imei=imei, plmn=plmn, slot=None)
    if draw(st.booleans()):
        baseline = baseline._replace(services={"data": Service("works")}, rsrp_dbm=None)
    look = world.look._replace(facts=facts, cycled=True, iccid_after=iccid)
    if draw(st.booleans()):
        look = look._replace(services={"data": Service("fails")})
    return world._replace(look=look, baseline=baseline, target=iccid)


WORLDS = st.one_of(ANYTHING, likely())


@settings(max_examples=examples(300, times=8), deadline=None)
@given(WORLDS)
def test_no_verdict_says_more_than_is_known(world: World) -> None:
    verdict = judge(world)
    held = [each.held for _, each in excluded(world)]
    works = world.works()
    assert verdict.verdict in VERDICTS
    assert (verdict.verdict == "contradicted") is bool(works)
    if verdict.verdict in {"confirmed", "consistent"}:
        assert all(each is True for each in held)
        assert world.look.facts.iccid == world.target == world.look.iccid_after
        assert world.baseline is not None
        assert world.baseline.has_any
        assert world.refused
    if verdict.verdict == "confirmed":
        assert world.platform.state == "cancelled"
    if verdict.verdict == "consistent":
        assert world.platform.state is None
    if verdict.verdict != "consistent":
        assert verdict.because
    assert set(verdict.services) == set(SERVICES)


@settings(max_examples=examples(200, times=8), deadline=None)
@given(WORLDS, st.sampled_from(SERVICES))
def test_a_service_of_the_right_card_that_works_is_always_an_alarm(world, name) -> None:
    facts = world.look.facts._replace(iccid="89001010000000000018")
    services = {**world.look.services, name: Service("works")}
    look = world.look._replace(facts=facts, services=services)
    alive = world._replace(look=look, target="89001010000000000018")
    assert judge(alive).verdict == "contradicted"


@settings(max_examples=examples(200, times=8), deadline=None)
@given(likely(), st.data())
def test_what_is_not_known_makes_nothing_more_certain(world: World, data: st.DataObject) -> None:
    """A fact less never turns another verdict into `consistent` or `confirmed`."""
    before = judge(world).verdict
    name = data.draw(st.sampled_from(["iccid", "imei", "functionality", "causes", "cells", "eps"]))
    facts = world.look.facts._replace(**{name: Absent("timeout 5 s")})
    after = judge(world._replace(look=world.look._replace(facts=facts))).verdict
    if after in {"confirmed", "consistent"}:
        assert before == after


@settings(max_examples=examples(100, times=8), deadline=None)
@given(WORLDS)
def test_a_service_that_never_worked_is_not_said_to_be_stopped(world: World) -> None:
    for name, each in judge(world).services.items():
        if each.baseline == "fails":
            assert each.now.state in {"works", NOT_APPLICABLE}
        else:
            assert each.now.state != NOT_APPLICABLE, name


@settings(max_examples=examples(100, times=8), deadline=None)
@given(
    st.integers(0, 700 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.sampled_from(all_platforms()),
    st.none() | st.integers(1, 31),
    st.lists(st.integers(0, 40 * 24 * 60), max_size=30),
)
def test_each_look_is_due_once_whenever_somebody_asks(start, platform, day, minutes: Any) -> None:
    planned = looks(start, platform, day)
    done: list[str] = []
    for minute in sorted(minutes):
        now = start + timedelta(minutes=minute)
        new = due(planned, done, now)
        assert all(each.due_at <= now for each in new)
        done += [each.id for each in new]
        coming = next_due(planned, now)
        assert coming is None or coming > now
    assert len(done) == len(set(done))
    assert due(planned, done, start + timedelta(days=70)) == tuple(
        each for each in planned if each.id not in done
    )
    assert rules_of(all_platforms(), "nobody", platform.name) == platform
