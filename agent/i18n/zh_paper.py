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
    # QR codes
    "evidence as QR codes: on the terminal, as pictures, as texts": "把证据转为二维码：显示在终端、存为图片或文本",
    "write the codes as pictures into this directory": "把二维码存为图片，写入此目录",
    "the pictures' format (png)": "图片格式（png）",
    "in a file or pipe: for light text on a dark ground": "输出到文件或管道时：用于深底浅字",
    "a terminal of {columns} by {rows} is too small for QR codes (at least {least_columns} by {least_rows}); --out DIR writes them as pictures": "终端只有 {columns} 列 {rows} 行，放不下二维码（至少 {least_columns} 列 {least_rows} 行）；可用 --out DIR 存为图片",
    "Enter: done, b: back": "回车：完成，b：上一个",
    "Enter: next, b: back, q: end": "回车：下一个，b：上一个，q：结束",
    "QR code {number}/{total} of {document}": "二维码 {number}/{total}，文件 {document}",
    "{count} QR codes written to {dir}": "已将 {count} 个二维码写入 {dir}",
}
