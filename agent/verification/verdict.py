"""From a look to a verdict: is the card that was cancelled really gone? Pure.

No device can prove a cancellation: alone it says at most `consistent`. Only the platform's own
fresh word makes it `confirmed`.
"""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from collections.abc import Mapping
from typing import Final, NamedTuple

from agent.diagnosis.facts import RADIO_OFF
from agent.unbind.platform import Text
from agent.verification.exclusions import Held, excluded
from agent.verification.seen import World
from agent.verification.service import FAILS, NOT_TESTED, SERVICES, WORKS, Service
from sim.reading import Absent

CONFIRMED, CONSISTENT, CONTRADICTED = "confirmed", "consistent", "contradicted"
INCONCLUSIVE, NOT_TESTABLE = "inconclusive", "not_testable"
VERDICTS: Final = (CONFIRMED, CONSISTENT, CONTRADICTED, INCONCLUSIVE, NOT_TESTABLE)
NOT_APPLICABLE: Final = "not_applicable"
CANCELLED: Final = "cancelled"
_AUTHENTICATION: Final = 3


class Compared(NamedTuple):
    """A service before and now; `now.state` may also be `not_applicable`: it never worked."""

    baseline: str
    now: Service


class Verdict(NamedTuple):
    """`because`: paths with their values, or why there is nothing to look at."""

    verdict: str
    services: Mapping[str, Compared]
    exclusions: tuple[tuple[str, Held], ...]
    because: tuple[str, ...]
    recycled: bool
    """Authentication is refused: number and IMSI may be somebody else's by now."""

    @property
    def advice(self) -> Text:
        """What to do."""
        return ADVICE[self.verdict]


def judge(world: World) -> Verdict:
    """The verdict: whatever works contradicts; what cannot be told is never `consistent`."""
    services = {name: _compared(name, world) for name in SERVICES}
    exclusions = excluded(world)
    works, gone = world.works(), _not_testable(world)
    unheld = [(name, held) for name, held in exclusions if held.held is not True]
    if works:
        verdict = CONTRADICTED
        because = tuple(f"services.{name}=works" for name in works)
    elif gone:
        verdict, because = NOT_TESTABLE, gone
    elif unheld:
        verdict = INCONCLUSIVE
        because = tuple(f"exclusions.{name}={_held(held)}" for name, held in unheld)
    else:
        confirmed = world.platform.state == CANCELLED
        verdict, because = CONFIRMED if confirmed else CONSISTENT, world.refusals
        because += (f"account.state={CANCELLED}",) if confirmed else ()
    numbers = {each.number for each in world.look.facts.refusals}
    return Verdict(verdict, services, exclusions, because, _AUTHENTICATION in numbers)


def _compared(name: str, world: World) -> Compared:
    """A service that never worked is not stopped; a card that is served nowhere has none."""
    before = NOT_TESTED if world.baseline is None else world.baseline.of(name).state
    now = world.look.now(name)
    if now.state == WORKS:
        return Compared(before, now)
    if before == FAILS:
        return Compared(before, Service(NOT_APPLICABLE))
    if now.state == NOT_TESTED and world.refused:
        return Compared(before, Service(FAILS, None, world.refusals))
    return Compared(before, now)


def _not_testable(world: World) -> tuple[str, ...]:
    """Why there is nothing to look at, or nothing to compare it with."""
    facts = world.look.facts
    if facts.answers is not True:
        return tuple(f"{name}: {reason}" for name, reason in world.look.absent.items())
    if facts.functionality in RADIO_OFF:
        return ()  # a card without power cannot be read; what is to be done is to switch it on
    if isinstance(facts.iccid, Absent):
        return (f"sim.iccid: {facts.iccid.reason}", f"sim.state={_plain(facts.sim_state)}")
    if facts.sim_state != "ready":
        return (f"sim.state={_plain(facts.sim_state)}",)
    if world.baseline is None or not world.baseline.has_any:
        return ("baseline: none",)
    return ()


def _plain(value: object) -> object:
    return value.reason if isinstance(value, Absent) else value


def _held(held: Held) -> str:
    return "unknown" if held.held is None else "false"


ADVICE: Final[Mapping[str, Text]] = {
    CONFIRMED: Text(
        "平台确认已销户，设备侧也相符：解除本单位台账中的关联，取出并销毁卡片，关闭自动拨号",
        "The platform says that it is cancelled, and the device agrees: unlink it in the own register, take the card out and destroy it, switch automatic dialling off",
    ),
    CONSISTENT: Text(
        "与已销户相符,请平台确认。设备侧无法区分停机与销户：取一份新的账户信息（--account）再核对",
        "consistent with cancelled; confirm on the platform. A device cannot tell suspended from cancelled: get new account facts (--account) and look again",
    ),
    CONTRADICTED: Text(
        "仍有业务可用：卡未停，仍在计费。立即凭工单号联系运营商，并保留本次记录",
        "A service still works: the card is alive and is being billed. Take the work order to the carrier at once, and keep this record",
    ),
    INCONCLUSIVE: Text(
        "不能下结论：先满足未满足的排除项（见列表），再核验一次",
        "Nothing can be concluded: see to the exclusions that do not hold (they are listed), then look once more",
    ),
    NOT_TESTABLE: Text(
        "设备侧无法核验（设备、卡或基线缺失）：请平台或运营商出具销户结果，凭此结案",
        "The device cannot tell (device, card or baseline is missing): get the result from platform or carrier, and close the case with that",
    ),
}
RECYCLED: Final = Text(
    "鉴权被拒：号码和 IMSI 可能已回收给他人，不要再用卡号或号码作为设备标识",
    "Authentication is refused: number and IMSI may have gone to somebody else; use neither them nor the ICCID as the name of a device",
)
