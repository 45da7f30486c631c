"""A device that is lost or broken: nothing can be read, so people prove it and sign for it. Pure.

simward reads nothing here and says so: it gives the statement to be signed, and what it knew last.
A lost device is never called ready: the carrier decides on the strength of the papers.
"""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from agent.i18n import mark
from agent.i18n.said import Said, say
from agent.unbind.advice import REASONS
from agent.unbind.case import Case
from agent.unbind.facts import Backend, Device, Facts, Operator
from agent.unbind.finding import DEVICE, NEEDS_HUMAN, NOT_APPLICABLE, OPERATOR, Finding
from agent.unbind.gates import Judged, judge
from agent.unbind.platform import Platform, Text
from sim.reading import Reading, absent

Json = dict[str, Any]

ORDER: Final = "work order"
GONE: Final = mark("the device is lost or broken: nothing can be read")
_PAPERS: Final = Text(
    "与购卡合同或发票、设备台账核对卡号，并签署情况说明",
    "Compare the number with contract or invoice and the device register, and sign the statement",
)
_SUSPEND: Final = Text(
    "卡可能落入他人手中：先请运营商停机或挂失，再办理注销",
    "The card may be in strange hands: have the carrier suspend it first, then cancel it",
)
_STATEMENT: Final = Text(
    "由持有人签署情况说明并附证明材料，交运营商审核",
    "The holder signs the statement and adds the proof; the carrier decides",
)
_NOTHING: Final = Text("无需处理", "Nothing to do")
_PEOPLE: Final[Mapping[str, tuple[str, str, Said, Text]]] = {
    "identity": (
        NEEDS_HUMAN, OPERATOR,
        say("the card cannot be read: people say that it is the card of the work order"), _PAPERS,
    ),
    "device_health": (NOT_APPLICABLE, DEVICE, say(GONE), _NOTHING),
    "own_uplink": (NOT_APPLICABLE, DEVICE, say(GONE), _NOTHING),
    "backup": (NOT_APPLICABLE, DEVICE, say("the card cannot be read: nothing can be saved"), _NOTHING),
    "personal_data": (
        NEEDS_HUMAN, OPERATOR,
        say("what is on the card stays there, with whoever has it"), _SUSPEND,
    ),
    "release_proved": (
        NEEDS_HUMAN, OPERATOR,
        say("nothing can be released or read back: the signed statement stands for it"), _STATEMENT,
    ),
}  # fmt: skip
"""The gates that only the device could answer, and who has to now."""


def lost_facts(
    operator: Operator,
    backend: Backend,
    now: datetime,
    platforms: tuple[Platform, ...],
    *,
    synchronized: bool,
) -> Facts:
    """Facts without a device; the card is the one that the work order names."""
    order = backend.order
    iccid: Reading[str] = absent(GONE) if order is None else Reading(order.iccid, ORDER, now)
    return Facts(Device(now, synchronized, iccid=iccid), operator, backend, now, platforms)


def judge_lost(facts: Facts) -> Judged:
    """The gates, where the device cannot answer."""
    judged = judge(facts)
    found = []
    for gate, finding in judged.found:
        people = _PEOPLE.get(gate.id)
        if people is not None:
            result, source, reason, advice = people
            found.append((gate, Finding(result, source, reason, {}, None, advice)))
        else:
            found.append((gate, finding))
    return Judged(tuple(found))


def statement_text(case: Case, platform: Platform | None = None, last: Json | None = None) -> str:
    """The statement to be signed, Chinese and English, with blanks where people write."""
    blank, order = "________________", case.order
    title = Text(blank, blank) if platform is None else platform.title
    reason = next((each for each in REASONS if each.id == order.get("reason")), None)
    company = order.get("subject") == "enterprise"
    values = {
        "iccid": case.iccid,
        "imsi": case.imsi or order.get("imsi") or blank,
        "msisdn": order.get("msisdn") or blank,
        "imei": case.imei or order.get("imei") or blank,
        "order": case.order_id,
        "platform_zh": title.zh,
        "platform_en": title.en,
        "reason_zh": order.get("reason") or blank if reason is None else _short(reason.zh, "："),
        "reason_en": order.get("reason") or blank if reason is None else _short(reason.en, ":"),
        "last_zh": _last(last, "zh"),
        "last_en": _last(last, "en"),
        "who_zh": _SIGNS[company].zh,
        "who_en": _SIGNS[company].en,
        "blank": blank,
    }
    return _TEMPLATE.format(**values)


def _short(text: str, colon: str) -> str:
    """A reason without what it changes."""
    return text.partition(colon)[0]


def _last(last: Json | None, lang: str) -> str:
    if last is None:
        return {
            "zh": "本机没有记录，请从后台取这张卡的最后一次上报",
            "en": "none on this machine; take the card's last report from the backend",
        }[lang]
    return str(last["text"][lang])


_SIGNS: Final = {
    True: Text(
        "经办人签字，并加盖公章", "the person in charge signs, and the company's seal is put to it"
    ),
    False: Text("持有人本人签字", "the holder signs in person"),
}
_TEMPLATE: Final = """\
物联卡设备遗失（损坏）情况说明（模板，签字后有效）

  卡号 ICCID：{iccid}
  IMSI：{imsi}
  接入号：{msisdn}
  设备号 IMEI：{imei}
  工单号：{order}
  管理平台：{platform_zh}
  注销原因：{reason_zh}

  情况（勾选）：[ ] 设备遗失   [ ] 设备损坏，无法读取   [ ] 卡遗失
  日期：{blank}   地点：{blank}
  经过：{blank}

  本机最后一次记录：{last_zh}

  设备无法读取，以下事项 simward 未核实，由签字人证明并附材料：
  1. 卡与设备的对应关系：购卡合同或发票、设备台账
  2. 遗失：报案回执或单位证明；损坏：照片，检测或报废单
  3. 使用这张卡的业务已停用或已改走其他链路
  4. 欠费已结清，余额的处理方式已确认
  5. 知晓注销不可恢复，号码会被回收

  签字：{who_zh}
  签字人：{blank}   日期：{blank}   联系方式：{blank}

----------------------------------------------------------------------------

Statement: device with an IoT card lost or broken (a template; valid when signed)

  Card, ICCID: {iccid}
  IMSI: {imsi}
  Number: {msisdn}
  Device, IMEI: {imei}
  Work order: {order}
  Platform: {platform_en}
  Reason for cancelling: {reason_en}

  What happened (tick): [ ] device lost   [ ] device broken, cannot be read   [ ] card lost
  Date: {blank}   Place: {blank}
  How: {blank}

  Last record: {last_en}

  The device cannot be read. simward has checked none of this; whoever signs proves it:
  1. that this card belongs to this device: contract or invoice, device register
  2. lost: report to the police, or the company's own; broken: photos, test or scrapping report
  3. what used this card is switched off, or has another way
  4. nothing is owed, and it is settled what becomes of the balance
  5. it is known that cancelling is for good, and that the number goes to somebody else

  Signs: {who_en}
  Name: {blank}   Date: {blank}   Contact: {blank}
"""
