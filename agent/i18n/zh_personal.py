"""The Chinese texts about PINs and about the personal data on a card, by their English keys."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

PERSONAL_TEXTS: dict[str, str] = {
    # PINs
    "show the card its PIN, or switch or change it": "向卡验证 PIN，或启用、停用、修改 PIN",
    "what to do with PIN1": "对 PIN1 做什么",
    "the PIN: the first line of this file, or of standard input for -": "PIN：取该文件的第一行；- 表示标准输入",
    "the new PIN: the first line of this file": "新 PIN：取该文件的第一行",
    "send the PIN with fewer than two tries left too; names the card by its ICCID": "剩余次数不足两次时仍发送 PIN；须写明该卡的 ICCID",
    "new PIN": "新 PIN",
    "done: {action}; tries left: {tries}": "已完成：{action}；剩余次数：{tries}",
    "an answer is missing: {name}": "缺少答案：{name}",
    "{file} can be read by others than its owner": "{file} 可被所有者以外的用户读取",
    "no PIN was sent: {reason}": "未发送 PIN：{reason}",
    "the card did not take the PIN": "卡未接受该 PIN",
    "the card did not take the PIN; tries left: {tries}": "卡未接受该 PIN，剩余次数：{tries}",
    "a PIN has 4 to 8 digits": "PIN 应为 4 至 8 位数字",
    "a new PIN is needed to change it, and for nothing else": "只有修改 PIN 时才需要新 PIN",
    "a PIN is sent once": "同一 PIN 只发送一次",
    "PIN1 is blocked; the PUK is for the card's owner to enter": "PIN1 已锁死；PUK 须由卡的管理员输入",
    "the card asks for its PIN already": "卡已启用 PIN",
    "the card asks for no PIN": "卡不要求输入 PIN",
    "this is another card than the one that was named": "这张卡不是所指定的那张",
    "the tries left are not known": "剩余次数未知",
    "too few tries are left": "剩余次数太少",
    "the card does not wait for this": "卡当前状态不允许此操作",
    "the card does not tell": "卡未说明",
    "asked only where PIN1 is blocked": "仅在 PIN1 锁死时查询",
    "asked for": "已启用",
    "not asked for": "未启用",
    "{state}; tries left: {tries}": "{state}；剩余次数：{tries}",
}
