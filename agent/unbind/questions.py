"""The questions to the operator: one at a time, with why it is asked and what to do if not sure.

Every yes is an answer with which the gate goes on; every no is one that stops it. Pure.
"""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from agent.i18n import mark
from agent.unbind.platform import Text

YES_NO, CHOICE, TEXT = "bool", "choice", "text"


class Question(NamedTuple):
    """One of them; `choices` (value -> its text) for those that have them."""

    id: str
    kind: str
    text: Text
    why: Text
    unsure: Text
    choices: Mapping[str, Text] = {}

    @property
    def gate(self) -> str:
        """The gate that asks."""
        return self.id.partition(".")[0]

    def misfit(self, value: Any) -> str | None:
        """Why a value is no answer to it; None where it is one."""
        if value is None:
            return None
        if self.kind == YES_NO:
            return None if isinstance(value, bool) else mark("neither true nor false")
        if self.kind == CHOICE:
            return None if value in self.choices else mark("none of the choices")
        return None if isinstance(value, str) and value.strip() else mark("no text")


PAPERS: Final = {
    "id_photos": mark("photos of the identity card, both sides"),
    "card_number": mark("the card's number"),
    "business_licence": mark("business licence with seal"),
    "handler_id": mark("identity card of the person who handles it"),
    "card_list": mark("list of the IoT cards"),
    "complete": mark("all papers that the platform wants"),
}
_ASK_HOLDER = Text(
    "问卡的持有人或客户经理，未确认前不要继续",
    "Ask the holder or the account manager; do not go on before",
)
_ASK_PLATFORM = Text(
    "在管理平台的卡详情里查看，或问客户经理",
    "Look at the card's page on the platform, or ask the account manager",
)


def _paper(name: str, zh: str, en: str) -> Question:
    return Question(
        f"documents.{name}",
        YES_NO,
        Text(zh, en),
        Text(
            "材料不全会被退回；simward 只记录是否齐全，不保存材料内容",
            "An incomplete application is sent back; simward notes only that a paper is there, never what it says",
        ),
        Text(
            "向经办人核实；缺少时先补齐", "Ask the person who handles it; get what is missing first"
        ),
    )


_ALL: Final = (
    Question(
        "identity.printed_iccid",
        TEXT,
        Text("卡面上印的 ICCID（19 或 20 位）是多少？", "What ICCID (19 or 20 digits) is printed on the card?"),
        Text("卡内文件读不到，只有模块给出的号码，需要与卡面核对", "The card's own file could not be read; the modem's number has to be compared with the card"),
        Text("取出卡查看；15 位的是 IMEI（设备号），不是卡号", "Take the card out and look; a number of 15 digits is an IMEI, which names the device"),
    ),
    Question(
        "arrears.settled",
        YES_NO,
        Text("这张卡的欠费是否已全部结清（或没有欠费）？", "Is everything that was owed for this card paid (or was nothing owed)?"),
        Text("有欠费不能注销，债务也不会因注销而消失", "A card with arrears cannot be cancelled, and the debt would outlive it"),
        _ASK_PLATFORM,
    ),
    Question(
        "auto_renew.off",
        YES_NO,
        Text("这张卡的自动续费是否已关闭？", "Is automatic renewal of this card switched off?"),
        Text("不关闭时，即使设备停用也会继续扣费", "Otherwise it goes on being billed, even with the device switched off"),
        _ASK_PLATFORM,
    ),
    Question(
        "own_uplink.medium",
        CHOICE,
        Text("释放会断开本机的网络。释放前的证据存到哪里？", "The release cuts this machine's network. Where shall the evidence before release go?"),
        Text("断网后证据送不出去，必须先放到您手里", "Without network nothing can be sent: it has to be in your hands first"),
        Text("选文件，存到随身的 U 盘；没有 U 盘时选二维码，用手机拍下", "Choose the file and take it along on a USB stick; without one choose QR codes and photograph them"),
        {"file": Text("文件", "a file"), "qr": Text("二维码", "QR codes")},
    ),
    Question(
        "dependencies.services",
        YES_NO,
        Text("使用这张卡的业务（上报、VPN、远程维护）是否都已改走别的链路，或不再需要？", "Do all services that use this card (reports, VPN, remote maintenance) have another way now, or are needed no more?"),
        Text("注销后这些业务会立即中断", "They stop at once when the card is cancelled"),
        Text("先不要继续，向业务负责人确认", "Do not go on; ask whoever is in charge of them"),
    ),
    Question(
        "dependencies.codes",
        YES_NO,
        Text("发到这张卡号码的验证码、告警短信是否都已改到别的号码，或不再需要？", "Do all codes and alarms that are sent to this card's number go elsewhere now, or are needed no more?"),
        Text("注销流程本身的验证码也可能发到这张卡上，注销后号码会被回收给别人", "The code for the cancellation may itself come to this card, and its number will be given to somebody else"),
        Text("用 `simward sim sms` 查看卡上收到过什么", "See with `simward sim sms` what came to this card"),
    ),
    Question(
        "balance.refund",
        CHOICE,
        Text("卡里的余额怎么处理？", "What becomes of the balance?"),
        Text("部分平台须在注销后 7 天内申请退款或转换，过期作废；可能有退款手续费", "On some platforms refund or conversion has to be applied for within 7 days of the cancellation; a fee is possible"),
        _ASK_PLATFORM,
        {
            "automatic": Text("平台自动退还", "refunded by itself"),
            "apply": Text("由持有人申请退款", "the holder applies for a refund"),
            "convert": Text("转为等值话费", "converted to credit"),
            "transfer": Text("转入其他账户", "transferred to another account"),
            "waive": Text("放弃", "given up"),
            "none": Text("没有余额", "there is none"),
        },
    ),
    Question(
        "documents.subject",
        CHOICE,
        Text("卡的持有人是个人还是企业？", "Is the card held by a person or by a company?"),
        Text("两者的步骤相同，所需材料不同", "The steps are the same, the papers differ"),
        _ASK_HOLDER,
        {"individual": Text("个人", "a person"), "enterprise": Text("企业", "a company")},
    ),
    Question(
        "documents.channel",
        CHOICE,
        Text("在哪里办理注销？", "Where is the card to be cancelled?"),
        Text("在哪里买的卡，一般就在哪里注销；个人往往只能通过代理商", "Usually where it was bought; a person often can only go through the reseller"),
        Text("先看线上渠道；查卡面标识，或问购卡商家。去营业厅前先查地址和营业时间", "Online first; look at the marks on the card, or ask the seller. Look up address and hours before going to a shop"),
        {
            "platform": Text("管理平台或 APP", "platform or app"),
            "online_service": Text("在线客服", "online service"),
            "account_manager": Text("客户经理", "account manager"),
            "reseller": Text("代理商、购卡商家", "reseller or seller"),
            "shop": Text("营业厅", "the carrier's shop"),
            "phone": Text("客服热线", "hotline"),
        },
    ),
    _paper("id_photos", "持有人身份证正反面照片是否已备好？本人能否完成人脸识别？", "Are photos of both sides of the holder's identity card there, and can the holder do the face check?"),
    _paper("card_number", "办理时要填的卡号是否已抄下并核对？", "Is the card's number written down and compared for the form?"),
    _paper("business_licence", "加盖公章的营业执照是否已备好？", "Is the business licence with the company's seal there?"),
    _paper("handler_id", "经办人身份证是否已备好？", "Is the identity card of the person who handles it there?"),
    _paper("card_list", "物联卡管理清单是否已备好？", "Is the list of the IoT cards there?"),
    _paper("complete", "平台要求的材料是否都已备好？", "Are all papers that the platform wants there?"),
    Question(
        "risk.same_device",
        YES_NO,
        Text("这张卡是否一直只在这台设备里使用？", "Was this card in this device alone, all the time?"),
        Text("频繁换设备的卡会被人工复核，注销会更久", "A card that changed devices is reviewed by hand, which takes longer"),
        Text("查设备台账；无法确认就回答“否”", "Look in the device register; where it cannot be told, answer no"),
    ),
    Question(
        "risk.review_arranged",
        YES_NO,
        Text("运营商可能人工复核这张卡。是否已与客户经理沟通安排？", "The carrier may review this card by hand. Is that arranged with the account manager?"),
        Text("有换机、违规或机卡分离的记录", "There are signs of another device, a violation or a separation"),
        _ASK_HOLDER,
    ),
    Question(
        "irreversibility.understood",
        YES_NO,
        Text("持有人是否知道：注销不可恢复，号码会被回收，审核期间仍会计费，不满意可向运营商投诉？", "Does the holder know: cancelling is for good, the number goes to somebody else, the card is billed until the carrier is done, and complaints go to the carrier?"),
        Text("注销后没有任何办法恢复这张卡", "Nothing brings this card back afterwards"),
        _ASK_HOLDER,
    ),
    Question(
        "irreversibility.alternative_considered",
        YES_NO,
        Text("是否考虑过停机保号，并确认仍要注销？", "Was suspending the card with its number kept considered, and is it still to be cancelled?"),
        Text("停机保号可以恢复，但每月可能收费", "A suspended card can be resumed, but may cost a fee each month"),
        _ASK_HOLDER,
    ),
    Question(
        "backup.saved",
        CHOICE,
        Text("卡上的电话簿、短信、通话记录是否已备份？", "Are phone book, messages and call lists on the card saved?"),
        Text("注销后短信不再送达；备份应在注销前完成", "Messages under way are lost with the cancellation: a backup belongs before it"),
        Text("用 `simward sim residue` 看有什么，用 `simward sim backup` 备份", "See with `simward sim residue` what there is, save it with `simward sim backup`"),
        {"saved": Text("已备份", "saved"), "not_wanted": Text("不需要", "not wanted")},
    ),
    Question(
        "personal_data.decision",
        CHOICE,
        Text("卡上的个人数据怎么处理？", "What becomes of the personal data on the card?"),
        Text("注销不会清除卡内数据，卡里的内容仍可读出", "Cancelling erases nothing on the card: all of it can still be read"),
        Text("不确定就选销毁卡片", "If not sure, choose to destroy the card"),
        {
            "cleared": Text("已清除", "cleared"),
            "destroy": Text("注销后销毁卡片", "the card is destroyed after the cancellation"),
            "keep": Text("保留在卡上", "it stays on the card"),
        },
    ),
    Question(
        "certificate.issued",
        CHOICE,
        Text("运营商是否出具注销证明？", "Does the carrier issue a certificate of the cancellation?"),
        Text("入账和审计以运营商的证明为准，设备侧的记录不能代替", "Accounting and audits want the carrier's own; what a device saw does not replace it"),
        Text("问客户经理；有就索取，用 --certificate 给出文件", "Ask the account manager; where there is one get it, and give the file with --certificate"),
        {
            "issued": Text("出具，已取得或将取得", "yes, it is here or will come"),
            "none_issued": Text("不出具", "none is issued"),
        },
    ),
    Question(
        "asset_unlink.register",
        YES_NO,
        Text("本单位台账或云端是否已解除这张卡与设备的关联？", "Is the card unlinked from its device in the own register or cloud?"),
        Text("号码会被回收给别人，留着关联会把别人的卡当成自己的", "The number goes to somebody else; a link that stays takes a stranger's card for the own one"),
        Text("查设备台账；未解除就回答“否”", "Look in the device register; where it is still linked, answer no"),
    ),
    Question(
        "asset_unlink.card",
        CHOICE,
        Text("卡片现在在哪里？", "Where is the card now?"),
        Text("卡内仍有 IMSI 和密钥，留在设备里还会反复尝试入网", "It still holds IMSI and keys, and in a device it goes on trying to register"),
        Text("取出并剪断芯片", "Take it out and cut its chip"),
        {
            "destroyed": Text("已取出并销毁", "taken out and destroyed"),
            "removed": Text("已取出，妥善保管", "taken out and kept safe"),
            "with_device": Text("随设备报废或遗失", "gone with the device"),
        },
    ),
    Question(
        "asset_unlink.auto_dial",
        YES_NO,
        Text("设备的自动拨号是否已关闭（或已换上新卡）？", "Is automatic dialling of the device off (or has it a new card)?"),
        Text("失效的卡会让模块不停拨号，占用网络", "A dead card makes the modem dial for ever and burdens the network"),
        Text("`simward unbind` 释放时已关闭；不确定就再查一遍拨号程序和 NetworkManager", "The release by `simward unbind` switched it off; if not sure, look at dialler and NetworkManager again"),
    ),
)  # fmt: skip
QUESTIONS: Final = {each.id: each for each in _ALL}
