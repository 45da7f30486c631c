"""The Chinese texts of diagnosis, work orders and account facts, by their English keys."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

DIAGNOSIS_TEXTS: dict[str, str] = {
    # Work orders and account facts
    "not JSON": "不是 JSON",
    "another document, or another version of it": "不是这种文件，或版本不同",
    "no time with its zone, like 2026-11-22T01:02:03Z": "不是带时区的时间（如 2026-11-22T01:02:03Z）",
    "not 14 to 16 digits": "不是 14 至 16 位数字",
    "not an ICCID (18 to 22 characters)": "不是 ICCID（18 至 22 位）",
    "15 digits: that is an IMEI, which names a device; an ICCID names a card": "15 位数字是 IMEI（设备号），不是 ICCID（卡号）",
    "no amount of money": "不是金额",
}
