"""The Chinese texts of the unbinding itself: journal, road, words to the technician."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

UNBINDING_TEXTS: dict[str, str] = {
    # The journal of a case
    "{file}: not allowed: run this as root, or as the user of the daemon": "{file}：没有权限，请用 root 或守护进程的用户运行",
    "{file}: entry {number} does not hold: {reason}; nothing was changed": "{file}：第 {number} 条记录不成立：{reason}；未作任何改动",
    "no entry of a journal": "不是日志记录",
    "another command works on {file}": "另一个命令正在使用 {file}",
    "it does not begin with the opening of a case": "开头不是立案记录",
    "an entry of a kind that this version does not know": "本版本不认识的记录类型",
    "an act that cannot be done in this state": "在该状态下不可能发生的步骤",
    "an act that ends without having begun": "没有开始就结束的步骤",
}
