"""The Chinese texts of evidence on paper and as QR codes, by their English keys."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

PAPER_TEXTS: dict[str, str] = {
    # Parts of evidence, as texts of QR codes
    "more parts than 999: take larger ones": "分段超过 999 个：请加大每段长度",
    "a part is damaged: scan it again": "有一段已损坏：请重新扫描",
    "a part of another document, or of the same one cut otherwise": "这一段属于另一份文件，或同一份文件的另一种分段",
    "two parts of one number that differ": "同一编号的两段内容不一致",
    "parts are missing": "分段不齐",
    "the parts fit together to another document than they say": "各段拼出的文件与其标明的不符",
    # The carrier's certificate of cancellation
    "the carrier's certificate is an empty file": "运营商的注销证明是空文件",
    "the certificate's number: 1 to 64 characters, as printed on it": "证明编号：照证明上所印填写，1 到 64 个字符",
    "the certificate's date: {date} is no day, written 2026-11-22": "证明日期：{date} 不是日期，应写作 2026-11-22",
    "longer than 32 MiB": "超过 32 MiB",
}
