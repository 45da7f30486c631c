"""What could look like a row's cause and is something else: which of it the facts exclude. Pure."""

from collections.abc import Callable
from typing import Final

from agent.diagnosis.conditions import home_is_forbidden, wrong_card
from agent.diagnosis.facts import Facts
from sim.reading import Absent

_SERIAL: Final = 14


def _same_card(facts: Facts) -> bool:
    known = not isinstance(facts.iccid, Absent) and not isinstance(facts.order_iccid, Absent)
    return known and not wrong_card(facts)


def _same_device(facts: Facts) -> bool:
    if isinstance(facts.imei, Absent) or isinstance(facts.bindings, Absent) or not facts.bindings:
        return False
    return all(each.imei[:_SERIAL] == facts.imei[:_SERIAL] for each in facts.bindings)


def _covered(facts: Facts) -> bool:
    return bool(facts.refusals) or facts.registered_for_data or facts.signal_heard is True


def _no_memory(facts: Facts) -> bool:
    known = not isinstance(facts.home_plmns, Absent)
    return known and not isinstance(facts.forbidden_plmns, Absent) and not home_is_forbidden(facts)


def _cellular_carries(facts: Facts) -> bool:
    """Hosts answer over the cellular interface, or nowhere."""
    hosts = () if isinstance(facts.hosts, Absent) else facts.hosts
    return any(each.answered for each in hosts) or facts.unbound_answers is False


EXCLUSIONS: Final[dict[str, tuple[Callable[[Facts], bool], str, str]]] = {
    "control_sim": (
        lambda _: False,
        "模块或地点的问题（没有用另一张好卡在原处对照）",
        "modem or place (no other card was tried in this very modem)",
    ),
    "wrong_card": (_same_card, "卡与工单不一致", "another card than the work order's"),
    "device_changed": (_same_device, "设备与绑定记录不一致", "another device than on record"),
    "coverage": (_covered, "没有覆盖", "no coverage"),
    "forbidden_memory": (_no_memory, "卡内禁用网络列表", "the card's list of forbidden networks"),
    "sticky_refusal": (
        lambda facts: facts.reattached is True,
        "模块记住的旧拒绝（关开一次射频后才算数）",
        "an old refusal that the modem remembers until its radio is cycled",
    ),
    "contact": (lambda _: False, "卡座接触不良", "a bad contact in the holder"),
    "quota_cycle": (
        lambda _: False,
        "达量断网，下个账期恢复",
        "a quota that the next cycle renews",
    ),
    "never_activated": (
        lambda facts: facts.used_before is True,
        "卡从未激活（本机没有它的用量记录）",
        "a card that was never activated (this machine has no record of its data)",
    ),
    "wrong_uplink": (_cellular_carries, "数据走了其他接口", "data that goes another way"),
}
"""By id: when it is excluded, and its words in Chinese and English. A control card is never tried
by simward: it stays open."""


def split(checks: tuple[str, ...], facts: Facts) -> tuple[list[str], list[str]]:
    """Of the row's checks, those that the facts exclude and those that stay open."""
    excluded = [each for each in checks if EXCLUSIONS[each][0](facts)]
    return excluded, [each for each in checks if each not in excluded]
