"""What has to be excluded before a dead card means anything: one rule each. Pure.

A rule says `held` (True), not held (False), or that nobody knows (None); what is not known is
never taken for held. Its docstring is its line in docs/verification.md.
"""

# ruff: noqa: E501 - one line of the page each

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from agent.binding.record import same_device
from agent.diagnosis.conditions import home_is_forbidden
from agent.diagnosis.facts import RADIO_OFF, refused_at_home
from agent.i18n import mark
from agent.usage.cycle import cycle_of, day_of
from agent.verification.seen import World
from agent.verification.service import DATA, HOSTS, NOT_TESTED, SERVICES, WORKS
from sim.reading import Absent

RSRP_LOSS_DB: Final = 10.0
LAST_DAYS: Final = 3
NO_CONTROL: Final = mark("nobody said whether another card of the carrier works here (--control)")
_ROAMING: Final = frozenset({5, 7, 10})


class Held(NamedTuple):
    """Whether an exclusion holds (None: not known), and the facts that say so, by path."""

    held: bool | None
    because: tuple[str, ...] = ()


class Exclusion(NamedTuple):
    """One of them; `rule` says None where it does not apply."""

    id: str
    rule: Callable[[World], Held | None]


def right_card(world: World) -> Held:
    """The card in the slot is the one that was cancelled: EF.ICCID, else the modem's number, is the target's."""
    read = world.look.facts.iccid
    if isinstance(read, Absent) or world.target is None:
        return Held(None, _why("sim.iccid", read))
    return Held(read == world.target, (f"sim.iccid={read}", f"target.iccid={world.target}"))


def same_card(world: World) -> Held:
    """The card was the same when all was tried: no other slot and no other eUICC profile took its place."""
    look, baseline = world.look, world.baseline
    before, after = look.facts.iccid, look.iccid_after
    if isinstance(before, Absent) or isinstance(after, Absent):
        return Held(None, _why("sim.iccid", after))
    because = [f"sim.iccid={after}"]
    same = before == after
    for name in ("slot", "eid"):
        was = None if baseline is None else getattr(baseline, name)
        now = look.where.get(name)
        if was is not None and now is not None:
            same = same and was == now
            because += [f"sim.{name}={now}", f"baseline.{name}={was}"]
    return Held(same, tuple(because))


def same_modem(world: World) -> Held:
    """The modem is the one of the baseline (IMEI): another one may be refused for the carrier's device-card binding."""
    was = None if world.baseline is None else world.baseline.imei
    now = world.look.facts.imei
    if was is None or isinstance(now, Absent):
        return Held(None, _why("modem.imei", now))
    return Held(same_device(now, was), (f"modem.imei={now}", f"baseline.imei={was}"))


def radio_on(world: World) -> Held:
    """The radio is on (AT+CFUN is neither 0 nor 4)."""
    level = world.look.facts.functionality
    if isinstance(level, Absent):
        return Held(None, _why("modem.functionality", level))
    return Held(level not in RADIO_OFF, (f"modem.functionality={level}",))


def power_cycle(world: World) -> Held:
    """The radio was switched off and on once before anything was tried, or somebody says that the device was: an old session or an old refusal is gone."""
    if world.look.cycled is True:
        return Held(True, ("radio_cycle.done=true",))
    if world.answers.power_cycled is not None:
        return Held(world.answers.power_cycled, (_answer("power_cycled", world),))
    return Held(None, _why("radio_cycle", world.look.cycled))


def coverage(world: World) -> Held:
    """The network that served at the baseline, or the card's home network, is in the air, and its level is at most 10 dB below the baseline's; where either level is not known, the network has to have answered (it serves, or it refuses)."""
    visible = _visible(world)
    if visible is None or visible.held is not True:
        return visible or Held(None)
    level = world.look.where.get("rsrp_dbm")
    was = None if world.baseline is None else world.baseline.rsrp_dbm
    if level is None or was is None:
        answered = world.is_registered or bool(world.look.facts.refusals)
        return Held(True if answered else None, (*visible.because, *world.refusals))
    because = (*visible.because, f"signal.rsrp_dbm={level}", f"baseline.rsrp_dbm={was:g}")
    return Held(level >= was - RSRP_LOSS_DB, because)


def _visible(world: World) -> Held | None:
    facts = world.look.facts
    home = () if isinstance(facts.home_plmns, Absent) else facts.home_plmns
    if world.baseline is not None and world.baseline.plmn is not None:
        home = (*home, world.baseline.plmn)
    if not home:
        return None
    known = facts._replace(home_plmns=home)
    if not isinstance(facts.here_plmn, Absent) and facts.here_plmn in home:
        return Held(True, (f"operator.plmn={facts.here_plmn}",))
    for cause in facts.refusals:
        if not isinstance(cause.plmn, Absent) and refused_at_home(known, cause):
            return Held(True, (f"{cause.path}={cause.number}", f"refused_by={cause.plmn}"))
    if isinstance(facts.cells, Absent):
        return Held(None, _why("cells", facts.cells))
    seen = [cell.plmn for cell in facts.cells if cell.plmn in home]
    return Held(bool(seen), (f"cells={','.join(seen) or 'none'}",))


def control(world: World) -> Held:
    """Somebody says that another card of the same carrier works here, in this modem or beside it; or the network itself names the subscriber as its reason (causes 2, 8, 3), which says as much of modem and place."""
    if world.answers.control is not None:
        return Held(world.answers.control, (_answer("control", world),))
    if world.subscriber_refused:
        return Held(True, world.refusals)
    return Held(None, (NO_CONTROL,))


def no_restriction(world: World) -> Held:
    """The place is not the reason: no restriction of roaming or area (causes 12 and 15; 11, 13 and 14 of visited networks), and no service in roaming alone."""
    restricted = world.rows & {"roaming_restricted", "area_restricted"}
    if restricted:
        return Held(False, world.refusals)
    roaming = [d for d, stat in world.look.facts.stats().items() if stat in _ROAMING]
    if world.is_registered:
        return Held(not roaming, tuple(f"registration.{d}=roaming" for d in roaming))
    return Held(True if world.refused else None, world.refusals)


def no_congestion(world: World) -> Held:
    """The network is not in trouble: no cause that goes by (17, 22, 42 and their kin)."""
    if "network_transient" in world.rows:
        return Held(False, world.refusals)
    known = world.is_registered or world.refused
    return Held(True if known else None, world.refusals)


def apn(world: World) -> Held:
    """The APN is the baseline's; or the card is refused before any APN is asked for."""
    if world.refused:
        return Held(True, world.refusals)
    was = None if world.baseline is None else world.baseline.apn
    now = world.look.where.get("apn")
    if was is None or now is None:
        return Held(None, (f"packet.apn={_word(now)}", f"baseline.apn={_word(was)}"))
    return Held(
        was.lower() == now.lower(), (f"packet.apn={_word(now)}", f"baseline.apn={_word(was)}")
    )


def path(world: World) -> Held:
    """Data was tried over the modem's own interface; or the card is refused before any data could flow."""
    if world.look.bound is not None and world.look.now(DATA).how == HOSTS:
        return Held(True, (f"probe.way={world.look.bound}",))
    if world.refused:
        return Held(True, world.refusals)
    return Held(None, world.look.now(DATA).because)


def forbidden_memory(world: World) -> Held:
    """The card does not merely remember an earlier refusal: the network refuses now, or its home network is not in EF.FPLMN."""
    facts = world.look.facts
    if facts.refusals or world.is_registered:
        return Held(True, world.refusals)
    if isinstance(facts.forbidden_plmns, Absent) or isinstance(facts.home_plmns, Absent):
        return Held(None, _why("sim.ef_fplmn", facts.forbidden_plmns))
    found = home_is_forbidden(facts)
    return Held(not found, tuple(map(str, found)) or ("sim.ef_fplmn=none",))


def quota_cycle(world: World) -> Held:
    """Not the last three days of a billing cycle, when a quota may be used up; or the card is refused, which no quota brings about."""
    if world.refused:
        return Held(True, world.refusals)
    day, zone = world.platform.first_day, world.platform.zone
    if day is None or zone is None or not world.look.synchronized:
        known = {"cycle.first_day": day, "clock.synchronized": world.look.synchronized}
        return Held(None, tuple(f"{path}={_word(value)}" for path, value in known.items()))
    today = day_of(world.look.taken_at, zone)
    left = (cycle_of(today, day).next_start - today).days
    return Held(left > LAST_DAYS, (f"cycle.days_left={left}",))


def refused(world: World) -> Held:
    """The network serves the card nowhere and says why: subscriber unknown or refused (2, 8, 3), or refused by the home network (11). A card that is still registered is suspended or cut rather than cancelled."""
    if world.is_registered:
        stats = world.look.facts.stats().items()
        return Held(False, tuple(f"registration.{domain}.stat={stat}" for domain, stat in stats))
    if world.refused:
        return Held(True, world.refusals)
    return Held(False if world.refusals else None, world.refusals)


def tried(world: World) -> Held:
    """Every service that worked at the baseline was tried; a card that is served nowhere has none of them."""
    if world.refused:
        return Held(True, world.refusals)
    baseline = world.baseline
    left = [
        name
        for name in SERVICES
        if baseline is not None
        and baseline.of(name).state == WORKS
        and world.look.now(name).state == NOT_TESTED
    ]
    return Held(not left, tuple(f"services.{name}=not_tested" for name in left))


def platform(world: World) -> Held | None:
    """Where the platform's word is fresh (24 h): it does not say that the card is anything but cancelled."""
    state = world.platform.state
    if state is None:
        return None
    return Held(state == "cancelled", (f"account.state={state}",))


EXCLUSIONS: Final = tuple(
    Exclusion(rule.__name__, rule)
    for rule in (
        right_card, same_card, same_modem, radio_on, power_cycle, coverage, control,
        no_restriction, no_congestion, apn, path, forbidden_memory, quota_cycle, refused, tried,
        platform,
    )
)  # fmt: skip


def excluded(world: World) -> tuple[tuple[str, Held], ...]:
    """What each says, in their order; those that do not apply are left out."""
    found = ((each.id, each.rule(world)) for each in EXCLUSIONS)
    return tuple((name, held) for name, held in found if held is not None)


def _why(place: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, Absent):
        return (f"{place}: {value.reason}",)
    return (f"{place}={_word(value)}",)


def _word(value: object) -> str:
    """As JSON has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _answer(name: str, world: World) -> str:
    return f"answers.{name}={'yes' if getattr(world.answers, name) else 'no'}"
