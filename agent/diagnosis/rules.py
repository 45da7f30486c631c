"""The table: 33 rows, from the lowest layer up; each a pure rule with what to say and to do. Pure.

Confidence speaks of the cause, given only what a device sees; it is never more than high. What a
platform says outranks it. No row says that a card is cancelled: one observation of a device cannot
prove it. No row sends a card to another device: that alone can have it stopped for good.
"""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from collections.abc import Callable
from typing import Final, NamedTuple

from agent.diagnosis import conditions as when
from agent.diagnosis import refusals
from agent.diagnosis.evidence import Found
from agent.diagnosis.facts import Facts
from sim.reading import Absent

LAYERS: Final = {
    "L0": "modem",
    "L1": "sim",
    "L2": "radio",
    "L3": "registration",
    "L4": "bearer",
    "L5": "ip",
    "L6": "service",
}
HIGH, MEDIUM, LOW = "high", "medium", "low"
WEAKER: Final = {HIGH: MEDIUM, MEDIUM: LOW, LOW: LOW}

CONSISTENT_ZH: Final = "与已销户相符,请平台确认"
CONSISTENT_EN: Final = "consistent with cancelled; confirm on the platform"


class Advice(NamedTuple):
    """What to do, in both languages."""

    zh: str
    en: str


class Rule(NamedTuple):
    """One row. `checks` are what else could look alike; of those the verdict says which are out.

    `backend`: only the platform can confirm it; `stop`: trying again changes nothing, or harms.
    `weaker`: where this holds, the confidence is one step less.
    """

    row: str
    cause: str
    confidence: str
    holds: Callable[[Facts], Found]
    advice: Advice
    checks: tuple[str, ...] = ()
    backend: bool = False
    stop: bool = False
    weaker: Callable[[Facts], bool] = lambda _: False

    @property
    def layer(self) -> str:
        """The layer in words."""
        return LAYERS[self.row[:2]]

    def confidence_in(self, facts: Facts) -> str:
        """How sure the cause is."""
        return WEAKER[self.confidence] if self.weaker(facts) else self.confidence


def _not_searched(facts: Facts) -> bool:
    return isinstance(facts.cells, Absent)


def _cs_not_known(facts: Facts) -> bool:
    return isinstance(facts.cs, Absent)


_CARD = ("wrong_card", "device_changed")
_REFUSED = ("control_sim", "wrong_card", "device_changed", "sticky_refusal", "never_activated")
_BEARER = ("wrong_card", "device_changed", "quota_cycle", "never_activated")

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "L0-1", "modem_unreachable", HIGH, when.modem_unreachable,
        Advice(
            "检查供电与 USB 连接，重启模块；模块无应答时不能判断卡的状态",
            "Check power and USB, restart the modem; while it is silent nothing can be said of the card",
        ),
    ),
    Rule(
        "L0-2", "radio_off", HIGH, when.radio_off,
        Advice("打开射频（AT+CFUN=1）后重测", "Turn the radio on (AT+CFUN=1), then test again"),
    ),
    Rule(
        "L1-1", "card_absent", HIGH, when.card_absent,
        Advice(
            "检查卡座与卡的方向，重新插好；勿将卡换到手机测试",
            "Check the holder and which way the card lies, reseat it; do not move it to a phone",
        ),
    ),
    Rule(
        "L1-2", "card_faulty", HIGH, when.card_faulty,
        Advice(
            "先检查卡座接触；仍读不出即为卡损坏，补卡或按“损坏”流程办理，并附证明",
            "Check the contacts of the holder; a card that stays unreadable is damaged: replace it, or take the branch for damaged cards, with proof",
        ),
        checks=("contact",),
    ),
    Rule(
        "L1-3", "card_locked", HIGH, when.card_locked,
        Advice(
            "向卡管理员索取 PIN 或 PUK，禁止猜测（PIN 错 3 次锁卡，PUK 错 10 次报废）；已锁死的卡只能补卡",
            "Ask the card's owner for PIN or PUK, never guess (3 wrong PINs lock it, 10 wrong PUKs end it); a card that takes neither must be replaced",
        ),
    ),
    Rule(
        "L1-4", "device_locked", HIGH, when.device_locked,
        Advice(
            "这是设备侧锁卡，不是卡的故障：记入解绑报告，解锁码向设备方索取，不要试码",
            "The device is locked, not the card: record it in the unbind report, ask the device's owner for the code, try none",
        ),
    ),
    Rule(
        "L1-5", "wrong_card", HIGH, when.wrong_card,
        Advice(
            "立即停止：卡号与工单不一致，先核对工单",
            "STOP: the card is not the one of the work order; check the order first",
        ),
        backend=True, stop=True,
    ),
    Rule(
        "L1-6", "device_changed", HIGH, when.device_changed,
        Advice(
            "设备与绑定记录不符，有机卡分离停机的风险：先不要使用数据，先在平台重绑（电信每月限 2 次）再上网",
            "The device is not the one on record, and the carrier may stop the card for it: use no data until it is rebound on the platform (China Telecom: twice a month)",
        ),
        checks=("wrong_card",), backend=True, stop=True,
    ),
    Rule(
        "L2-1", "no_coverage", HIGH, when.no_coverage,
        Advice("检查天线和馈线，或移动位置；不是卡的故障", "Check antenna and cable, or move the device; the card is not at fault"),
        checks=("forbidden_memory",), weaker=_not_searched,
    ),
    Rule(
        "L2-2", "searching", MEDIUM, when.searching,
        Advice(
            "等待 3 分钟；仍未注册则关开一次射频（simward diagnose --reattach），不要反复重启",
            "Wait 3 minutes; if it is still searching, cycle the radio once (simward diagnose --reattach), not again and again",
        ),
        checks=("forbidden_memory", "sticky_refusal", "control_sim"), weaker=_not_searched,
    ),
    Rule(
        "L2-3", "home_plmn_forbidden", MEDIUM, when.home_plmn_forbidden,
        Advice(
            "卡记住了以前的拒绝（EF.FPLMN 含归属网）：先上报；经人工同意后清除该记录再试",
            "The card remembers an earlier refusal (its home network is in EF.FPLMN): report it; clear the list only with consent, then try again",
        ),
        checks=("coverage", "control_sim"), backend=True,
    ),
    Rule(
        "L3-1", "subscription_unknown", MEDIUM, refusals.subscription_unknown,
        Advice(
            f"{CONSISTENT_ZH}；停机也可能是同样的表现。不要反复重拨",
            f"{CONSISTENT_EN}. A suspended card can look the same. Stop retrying",
        ),
        checks=("coverage", *_REFUSED), backend=True, stop=True,
    ),
    Rule(
        "L3-2", "authentication_refused", MEDIUM, refusals.authentication_refused,
        Advice(
            "卡鉴权被拒：请运营商核实卡的状态；不要反复重拨",
            "The network refuses the card's authentication: have the carrier check the card's state; stop retrying",
        ),
        checks=("coverage", *_REFUSED), backend=True, stop=True,
    ),
    Rule(
        "L3-3", "device_refused", HIGH, refusals.device_refused,
        Advice(
            "网络拒绝的是设备（IMEI 被拒或在黑名单），不是卡：核对 IMEI，联系运营商",
            "The network refuses the device (its IMEI), not the card: check the IMEI, ask the carrier",
        ),
        checks=("coverage", "control_sim"), backend=True, stop=True,
    ),
    Rule(
        "L3-4", "data_service_stopped", MEDIUM, refusals.data_service_stopped,
        Advice(
            "数据业务被停：在平台查停机原因与套餐",
            "Data service is stopped: look up the stop reason and the plan on the platform",
        ),
        checks=("coverage", *_REFUSED), backend=True, stop=True, weaker=_cs_not_known,
    ),
    Rule(
        "L3-5", "home_plmn_refused", LOW, refusals.home_plmn_refused,
        Advice(
            f"归属网拒绝：多为停机或管控；{CONSISTENT_ZH}。网络会被写入卡的禁用列表（EF.FPLMN）",
            f"The home network refuses: barred or suspended, mostly; {CONSISTENT_EN}. The card now lists the network as forbidden (EF.FPLMN)",
        ),
        checks=("coverage", *_REFUSED), backend=True, stop=True,
    ),
    Rule(
        "L3-6", "roaming_restricted", HIGH, refusals.roaming_restricted,
        Advice(
            "漫游受限：核对套餐是否含漫游，或把整台设备移回归属地；到不了的地方改用当地可用的运营商",
            "Roaming is restricted: check whether the plan has it, or take the whole device back home; elsewhere use a carrier that serves the place",
        ),
        checks=("coverage", "wrong_card", "device_changed", "control_sim"), backend=True,
    ),
    Rule(
        "L3-7", "area_restricted", MEDIUM, refusals.area_restricted,
        Advice(
            "可能是区域限制（位置固定），或未开通 4G：在平台核对限制区域与业务",
            "The card may be restricted to an area, or have no LTE: check both on the platform",
        ),
        checks=("coverage", "control_sim", "never_activated"), backend=True,
    ),
    Rule(
        "L3-8", "network_transient", HIGH, refusals.network_transient,
        Advice("网络侧临时故障：15 至 60 分钟后重试", "Trouble in the network, for the moment: try again in 15 to 60 minutes"),
        checks=("control_sim",),
    ),
    Rule(
        "L3-9", "sms_only", MEDIUM, refusals.sms_only,
        Advice(
            "只注册了短信业务：在平台核对是否开通数据（4G）",
            "Registered for short messages only: check on the platform whether the card has data (LTE)",
        ),
        checks=("control_sim",), backend=True,
    ),
    Rule(
        "L4-1", "apn_wrong", HIGH, refusals.apn_wrong,
        Advice("APN 不对或已关闭：核对 APN；未销户", "The APN is wrong or closed: check it; not cancelled"),
        checks=_CARD, stop=True,
    ),
    Rule(
        "L4-2", "service_not_subscribed", MEDIUM, refusals.service_not_subscribed,
        Advice(
            "该 APN 或数据业务未开通或已停：在平台查通信功能",
            "This APN, or data, is not subscribed or was stopped: look up the card's services on the platform",
        ),
        checks=_BEARER, backend=True, stop=True,
    ),
    Rule(
        "L4-3", "operator_barring", MEDIUM, refusals.operator_barring,
        Advice(
            "运营商管控停数据（停机、达量或欠费）：在平台查停机原因",
            "The operator bars data (suspended, quota used up, or arrears): look up the stop reason on the platform",
        ),
        checks=_BEARER, backend=True, stop=True,
    ),
    Rule(
        "L4-4", "apn_authentication", MEDIUM, refusals.apn_authentication,
        Advice(
            "核对 APN 的账号和密码；也可能是机卡分离被拒",
            "Check the APN's user and password; an IMEI lock can refuse like this too",
        ),
        checks=_CARD, backend=True, stop=True,
    ),
    Rule(
        "L4-5", "device_card_separated", MEDIUM, refusals.device_card_separated,
        Advice(
            "机卡分离（运营商侧绑定）：先在平台解绑或重绑，再上网",
            "The carrier has the card bound to another device: unbind or rebind it on the platform first",
        ),
        checks=("wrong_card",), backend=True, stop=True,
    ),
    Rule(
        "L4-6", "pdn_type", HIGH, refusals.pdn_type,
        Advice("把 PDP 类型改为网络允许的 IPv4 或 IPv6", "Change the PDP type to the one that the network allows, IPv4 or IPv6"),
        stop=True,
    ),
    Rule(
        "L5-1", "whitelist_only", HIGH, when.whitelist_only,
        Advice("定向流量卡：只能访问白名单地址，属正常", "A plan for listed destinations only: this is normal"),
        checks=("wrong_uplink",),
    ),
    Rule(
        "L5-2", "data_cut", MEDIUM, when.data_cut,
        Advice(
            "已附着但没有数据：在平台查断网状态与用量，看下个账期是否恢复",
            "Attached, but no data passes: check the net-block state and the usage on the platform, and whether the next cycle brings it back",
        ),
        checks=("quota_cycle", "control_sim", "wrong_uplink"), backend=True,
    ),
    Rule(
        "L5-3", "captive_portal", MEDIUM, when.captive_portal,
        Advice(
            "访问被重定向到别的页面（充值或实名）：在平台查欠费与实名",
            "Requests end at somebody else's page (top-up or real-name): check arrears and registration on the platform",
        ),
        backend=True,
    ),
    Rule(
        "L5-4", "throttled", MEDIUM, when.throttled,
        Advice("被限速，不是故障：在平台查限速与套餐", "Throttled, not broken: look up the speed limit and the plan on the platform"),
        checks=("coverage",), backend=True,
    ),
    Rule(
        "L5-5", "wrong_uplink", HIGH, when.wrong_uplink,
        Advice(
            "数据走的是 Wi-Fi 或以太网，不能说明卡正常：检查蜂窝接口的拨号、地址和路由，再绑定该接口重测",
            "Data goes by Wi-Fi or Ethernet and proves nothing of the card: check dialling, address and routes of the cellular interface, then test again, bound to it",
        ),
    ),
    Rule(
        "L6-1", "sms_not_provisioned", HIGH, when.sms_not_provisioned,
        Advice("短信未开通，物联网卡多如此，属正常", "Short messages are not provisioned, which is normal for IoT cards"),
    ),
    Rule(
        "L6-2", "one_way_suspension", MEDIUM, when.one_way_suspension,
        Advice("单向停机或断网，未销户：在平台查停机原因", "Suspended one way, or data is cut; not cancelled: look up the stop reason on the platform"),
        checks=("quota_cycle",), backend=True,
    ),
)  # fmt: skip

HEALTHY: Final = Advice("正常，无需处理", "Nothing to do")
UNDETERMINED: Final = Advice(
    "凭现有信息不能判断：用 --probe、--order、--account 补充信息，或在平台查卡的状态",
    "Not enough to tell: give it more with --probe, --order and --account, or look up the card on the platform",
)
