"""The Chinese texts of gates, platforms and deadlines, by their English keys."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

UNBIND_TEXTS: dict[str, str] = {
    # What a platform says
    "the platform gives no state": "平台没有给出卡状态",
    "the facts give a code, but name no platform": "账户信息给出了状态码，但没有说明是哪个平台",
    "a code of a platform that is not listed here": "状态码来自未列出的平台",
    "the platform's code is on no list": "平台的状态码不在已知列表中",
    "the platform's code and the state beside it contradict each other": "平台的状态码与给出的状态互相矛盾",
}
