"""What happens next with a card, and whom to call: sentences by state, with the platform's ways. Pure.

Everything about a platform is from its file; what is not in it is not said.
"""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from collections.abc import Iterator
from typing import Final, NamedTuple

from agent.unbind import machine, unbinding
from agent.unbind.case import CLOSING, HELD, Case
from agent.unbind.facts import Facts
from agent.unbind.gates import Judged
from agent.unbind.platform import Platform, Text
from agent.unbind.unbinding import Halt


class Reason(NamedTuple):
    """Why a card is cancelled, as channels ask it, and what that changes."""

    id: str
    zh: str
    en: str


REASONS: Final = (
    Reason("device_replaced", "更换设备：确认新设备是否继续用这张卡，能换绑就不必注销", "device replaced: if the new one goes on with this card, rebind it instead"),
    Reason("device_scrapped", "设备淘汰：注销后取出卡并销毁", "device scrapped: take the card out and destroy it after the cancellation"),
    Reason("project_ended", "项目结束：多张卡可成批提交，注意每批上限", "project ended: several cards go in one batch, up to the platform's limit"),
    Reason("business_changed", "业务调整：先确认没有业务再用这张卡", "business changed: see first that nothing uses the card any more"),
    Reason("service_ended", "套餐或服务终止：在账期结束前办理，避免再扣一期", "plan or service ended: before the billing cycle ends, or another one is billed"),
    Reason("moved", "搬迁：先问能否停机保号或迁移，注销不可恢复", "moved: ask for suspension or transfer first; cancelling is for good"),
    Reason("arrears", "欠费：先结清，注销不会消除债务", "arrears: pay first; the debt outlives the cancellation"),
    Reason("privacy", "隐私保护：注销不会清除卡内数据，另行清除或销毁", "privacy: cancelling erases nothing on the card; clear or destroy it"),
)  # fmt: skip
"""Channels ask for one (hotline, form, kiosk); it may decide about papers and fees."""


def reasons_known() -> tuple[Reason, ...]:
    """What may be given as the reason of a cancellation."""
    return REASONS


_BY_HALT: Final = {
    unbinding.OTHER_CARD: Text("槽里不是这个工单的卡：已停止，未作任何改动。放回原卡后用 --resume 继续", "Another card is in the slot: stopped, nothing was touched. Put the card back, then --resume"),
    unbinding.OTHER_MODEM: Text("卡在另一个模块里：已停止，未作任何改动。放回原设备后用 --resume 继续", "The card is in another modem: stopped, nothing was touched. Put it back, then --resume"),
    unbinding.NO_CARD: Text("读不到卡：插好卡后用 --resume 继续", "No card can be read: put it in, then --resume"),
    unbinding.SHUT: Text("有关口未通过：按各关口的提示处理后再来", "A gate is shut: do what it says, then come again"),
    unbinding.ASKS: Text("还有问题没有回答：在终端上运行，或用 --answers 给出", "Answers are missing: run it at a terminal, or give them with --answers"),
    unbinding.INCOMPLETE: Text("信息不全：取新的账户信息或工单（--account、--order）后再来", "Facts are missing: get new account facts or an order (--account, --order)"),
    unbinding.BACKUP_ASKS: Text("卡上有个人数据：用 --backup FILE 备份，或回答 backup.saved", "There is personal data on the card: save it with --backup FILE, or answer backup.saved"),
    unbinding.NOT_HANDED_OVER: Text("证据还没有交出，因此什么都没有断开。联上 broker 后用 --resume；送不出去时加 --save-evidence FILE 存到您的介质上，或加 --show-evidence 显示二维码拍照带走", "The evidence is not handed over, so nothing was cut. Reach the broker, then --resume; where that cannot be, --save-evidence FILE puts it on your medium, --show-evidence shows QR codes to photograph"),
    unbinding.NOT_RELEASED: Text("有一步释放被拒绝，见上；排除原因后用 --resume 继续，或用 --abort 撤回", "A step of the release was refused, see above: mend it, then --resume, or take back with --abort"),
    unbinding.NOT_PROVED: Text("读回没有证实释放：用 --resume 再做一次，或用 --abort 撤回", "Reading back does not prove the release: --resume does it once more, --abort takes back"),
    unbinding.SET_UP_AGAIN: Text("释放之后，有的设置又被别人恢复了，现在不能算已释放。手动断开后用 --resume 重新读回；或先 --abort，再重新开始", "Since the release somebody set something up again: it is not released now. Take it down by hand, then --resume reads back; or --abort, and begin anew"),
    unbinding.NOT_UNDONE: Text("有的步骤没能撤回，见上；再次运行 --abort 会重试", "Something could not be undone, see above; --abort tries again"),
    unbinding.TOO_LATE: Text("平台已显示注销，无法撤回", "The platform says that it is cancelled: there is no way back"),
    unbinding.VERIFY: Text("平台显示已注销。用 `simward verify` 核实语音、短信、数据是否真的停了；守护进程会按日程复查", "The platform says cancelled. `simward verify` looks whether voice, messages and data are really gone; the daemon looks again by schedule"),
    unbinding.CONTRADICTED: Text("平台显示已注销，但仍有业务可用：卡仍在计费，立即凭工单号联系运营商", "The platform says cancelled, and a service still works: the card is being billed, take the work order to the carrier at once"),
    unbinding.UNLINK_ASKS: Text("从自己的设备台账里解除关联，取出卡并妥善处理，回答 asset_unlink 和 certificate 的问题；运营商的注销证明用 --certificate FILE 给出", "Take the card out of your own asset register and out of the device, answer the questions asset_unlink and certificate; give the carrier's certificate with --certificate FILE"),
}  # fmt: skip
_DRY: Final = Text(
    "这是演练，未作任何改动。确认后加 --yes-unbind 和卡上读出的 ICCID 执行",
    "This was a dry run; nothing was changed. To do it, add --yes-unbind with the ICCID that the card shows",
)
_READY: Final = Text(
    "已释放并证实，运营商绑定已解除：现在提交注销工单。",
    "Released and proved, and the carrier's binding is released: hand in the order to cancel.",
)
_WAITING: Final = Text(
    "设备侧已释放并证实。现在请运营商解除机卡绑定，再取新的账户信息（--account）后用 --resume 继续。",
    "Released and proved on this side. Have the carrier release its binding, then --resume with new account facts (--account).",
)
_LOST: Final = Text(
    "请持有人签署情况说明并附证明材料，交运营商审核；先申请停机，防止他人使用。平台显示注销后带新的账户信息用 --resume 继续。",
    "The holder signs the statement and adds the proof; the carrier decides. Have the card suspended first, so that nobody uses it. When the platform says cancelled, --resume with new account facts.",
)
_ASKS: Final = Text(
    "平台会依次询问：卡号、注销原因、持有人材料、不可恢复的确认，可能还有短信验证码（可能发到这张卡上：`simward sim sms`）。逐条看清再确认。",
    "The platform will ask for: the number, a reason, the holder's papers, a confirmation that it is for good, maybe a code by SMS (perhaps to this very card: `simward sim sms`). Read each before you confirm.",
)
_CLOSED: Final = Text("已完成。", "Done.")
_ABORTED: Final = Text(
    "已撤回：能撤的都已恢复。已交出的证据无法收回。再次运行 --yes-unbind 重新开始",
    "Taken back: what could be undone is as it was. Evidence that was handed over stays. --yes-unbind begins anew",
)
_CARRY: Final = Text(
    "结束记录还没有交出：换一条链路后 --resume，或用 --save-evidence FILE、`simward certificate qr` 带走。",
    "The closing record is not handed over yet: --resume over another uplink, or take it along with --save-evidence FILE or `simward certificate qr`.",
)


def what_next(
    facts: Facts, judged: Judged, case: Case | None, halt: Halt | None, *, dry_run: bool, lost: bool
) -> Text:
    """The advice for now, in both languages."""
    said = list(_said(facts, judged, case, halt, dry_run=dry_run, lost=lost))
    return Text(
        "".join(_sentence_zh(each.zh) for each in said),
        " ".join(_sentence(each.en) for each in said),
    )


def _said(
    facts: Facts, judged: Judged, case: Case | None, halt: Halt | None, *, dry_run: bool, lost: bool
) -> Iterator[Text]:
    why = None if halt is None else halt.why
    if why in _BY_HALT:
        yield _BY_HALT[why]
    elif (
        dry_run
        and not lost
        and (case is None or case.state != machine.WAITING)
        and judged.ready_to_release
    ):
        yield _DRY
    if case is not None:
        yield from _of_case(facts, case, why, lost=lost)


def _of_case(facts: Facts, case: Case, why: str | None, *, lost: bool) -> Iterator[Text]:
    closing = case.evidence.get(CLOSING)
    if case.state == machine.CLOSED:
        yield _CLOSED
    elif case.state == machine.ABORTED:
        yield _ABORTED
    elif case.state == machine.WAITING:
        yield _LOST if lost else _WAITING
        yield from _to_call(facts.platform, unbind=True)
    elif case.state == machine.READY and why == unbinding.READY:
        yield _READY
        yield _ASKS
        yield from _to_call(facts.platform, unbind=False)
    if closing is not None and closing.handed_over == HELD:
        yield _CARRY


def _to_call(platform: Platform | None, *, unbind: bool) -> Iterator[Text]:
    """The platform's own way, limit, menu, hotline and how long it takes."""
    if platform is None:
        return
    if unbind:
        way, limit = platform.binding.way, platform.binding.limit
        yield Text(f"解绑途径：{way.zh}", f"To unbind: {way.en}")
        if limit is not None:
            yield Text(f"限制：{limit.zh}", f"Limits: {limit.en}")
        days = platform.binding.working_days
    else:
        cancel = platform.cancel
        yield Text(f"注销途径：{cancel.way.zh}", f"To cancel: {cancel.way.en}")
        if cancel.menu is not None:
            yield Text(f"菜单：{cancel.menu.zh}", f"Menu: {cancel.menu.en}")
        days = cancel.working_days
    if platform.cancel.hotline is not None:
        yield Text(f"热线：{platform.cancel.hotline}", f"Hotline: {platform.cancel.hotline}")
    if days is not None:
        yield Text(f"一般需要 {days} 个工作日", f"It usually takes {days} working days")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _sentence_zh(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else f"{text}。"
