"""The Chinese texts of the verification after a cancellation, by their English keys."""

VERIFICATION_TEXTS: dict[str, str] = {
    # Why something was not tried
    "only with --probe-sms NUMBER": "需要 --probe-sms 号码",
    "only with --probe-voice NUMBER": "需要 --probe-voice 号码",
    "another card is in the modem": "模块里是另一张卡",
    "nobody says which card it is about": "没有说明要核验哪张卡",
    "somebody's way to this machine leads over the modem": "有人正经由该模块访问本机",
    # Options
    "after the cancellation: are data, messages and voice really gone": (
        "注销之后：数据、短信、语音是否确实都停了"
    ),
    "the evidence before release; without it the newest of this card here": (
        "释放前的证据文件；不给时用本机上这张卡最新的一份"
    ),
    "call there, and hang up as soon as it rings; it may cost money": (
        "拨打该号码，一振铃就挂断，可能产生费用"
    ),
    "does another card of the same carrier work here, in this modem or beside it": (
        "同一运营商的另一张卡在此处（本模块或旁边的设备里）是否正常"
    ),
    "was the device off and on since the cancellation": "注销之后设备是否断电重启过",
    # Verdicts
    "Confirmed: the platform says so, and the device agrees": "已核实：平台如此答复，设备侧也相符",
    "CONTRADICTED: a service still works": "不符：仍有业务可用",
    "Inconclusive: something else may be the reason": "不能下结论：可能另有原因",
    "Not testable here": "此处无法核验",
    # Exclusions
    "What else it could be": "其他可能的原因",
    "excluded": "已排除",
    "NOT EXCLUDED": "未排除",
    "another card than the one of the evidence": "不是证据中的那张卡",
    "another slot or profile that took its place": "换成了另一卡槽或另一 profile",
    "another modem than at the baseline": "不是基线时的模块",
    "a radio that is off": "射频关闭",
    "an old session or refusal that lasts until a restart": "重启前残留的旧会话或旧拒绝",
    "no coverage, or less than at the baseline": "没有覆盖，或信号比基线时弱",
    "a fault of modem or place": "模块或地点的问题",
    "a restriction of roaming or area": "漫游或区域限制",
    "passing trouble in the network": "网络临时故障",
    "another APN than the baseline's": "APN 与基线不同",
    "data over another way than the modem": "数据走了其他接口",
    "a refusal that only the card remembers": "只是卡里记着以前的拒绝",
    "a used-up quota that the next cycle renews": "流量用尽，下个账期恢复",
    "a network that still serves the card, or does not say why not": (
        "网络仍在为该卡服务，或没有说明拒绝原因"
    ),
    "a service that was not tried": "有业务没有测试",
    "a platform that says otherwise": "平台的答复不同",
    "nobody said whether another card of the carrier works here (--control)": (
        "没有说明同一运营商的另一张卡在此处是否正常（--control）"
    ),
    # Services
    "Services (before the release, now)": "业务（释放前，现在）",
    "works": "可用",
    "does not work": "不可用",
    "not tried": "未测试",
    "never worked": "从未可用",
    "{before} -> {now}": "{before} → {now}",
    "{text} ({because})": "{text}（{because}）",
    # Around them
    "Next look (UTC)": "下次核验（UTC）",
    "not named": "未注明",
    "of the last 24 h": "24 小时内",
    "too old to rely on": "已过期，不作依据",
    # Events
    "a deadline of a card that is being given up is 7, 3 or 1 days away, or has come": (
        "办理注销的卡有期限临近（还有 7、3、1 天）或已到期"
    ),
    "once a deadline and threshold, also over restarts": "每个期限的每个阈值一次，重启后也不重复",
    "a look after the cancellation finds a service of the card that still works": (
        "注销后核验时发现该卡仍有业务可用"
    ),
    "once a look, also over restarts": "每次核验一次，重启后也不重复",
    # The daemon
    "the look is not kept: {reason}": "核验结果未能留存：{reason}",
    "not given": "尚未给出",
    "the store is too busy: the look is not on its way yet": "存储繁忙：核验结果尚未发出",
    # Gates after the cancellation
    "nobody has said whether the carrier issues one": "尚未说明运营商是否出具证明",
    "the carrier's certificate is kept by its hash": "运营商的证明已按哈希留存",
    "the carrier issues no certificate": "运营商不出具证明",
    "the carrier's certificate was not given yet": "尚未给出运营商的证明文件",
    "the card was not looked at after the cancellation": "注销后尚未核验",
    "a service still works": "仍有业务可用",
    "the last look was inconclusive": "最近一次核验不能下结论",
    "looks are still planned: a carrier may take a month": (
        "还有计划中的核验：运营商可能要一个月才生效"
    ),
    "gone, by every look that was planned": "计划内的各次核验均显示业务已停",
    "the device cannot tell, and the platform does not say that it is done": (
        "设备侧无法核验，平台也没有答复已办结"
    ),
    "the device cannot tell any more; the platform says that it is done": (
        "设备侧已无法核验；平台答复已办结"
    ),
    "nobody has said that the card is out of use here": "尚未说明卡已在本单位停用",
    "the card is still in use here": "卡仍在本单位使用",
    "the card was to be destroyed, and is not": "卡片原定销毁，尚未销毁",
    "the register still has the card": "台账中仍有这张卡",
    "unlinked, removed, and nothing dials": "台账已解除，卡已取出，自动拨号已关闭",
}
