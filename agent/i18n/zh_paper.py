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
}
