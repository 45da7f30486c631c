"""The table and the samples of docs/diagnosis.md, made from the code.

`python -m tests.diagnosis_page` writes them anew.
"""

from pathlib import Path

from agent.cli.diagnose_text import render
from agent.diagnosis.checks import EXCLUSIONS
from agent.diagnosis.rules import LAYERS, RULES
from agent.i18n import language, set_language
from tests.diagnosis_world import played

DOCUMENT = Path(__file__).parents[1] / "docs/diagnosis.md"
BEGIN, END = "<!-- made from the code -->\n", "<!-- end -->\n"
SAMPLES = ("L3-1", "L1-6-order", "L5-1")
_ZH_LAYERS = {
    "modem": "模块", "sim": "卡", "radio": "无线", "registration": "注册", "bearer": "承载",
    "ip": "IP 通路", "service": "业务",
}  # fmt: skip


def table() -> str:
    """One line a row, under a heading for each layer."""
    lines = []
    for prefix, layer in LAYERS.items():
        lines.append(f"\n### {prefix} {layer} · {_ZH_LAYERS[layer]}\n\n")
        lines.append("| row | `cause` | holds when | confidence | platform | stop | advice |\n")
        lines.append("|---|---|---|---|---|---|---|\n")
        for rule in RULES:
            if rule.row.startswith(prefix):
                holds = " ".join((rule.holds.__doc__ or "").split())
                cells = (
                    rule.row, f"`{rule.cause}`", holds, rule.confidence,
                    "yes" if rule.backend else "", "yes" if rule.stop else "",
                    f"{rule.advice.zh}<br>{rule.advice.en}",
                )  # fmt: skip
                lines.append("| " + " | ".join(cells) + " |\n")
    lines.append(
        "\n### `excluded`, `not_excluded`\n\n| id | what could look alike | 可能混淆的情况 |\n"
    )
    lines.append("|---|---|---|\n")
    lines += [f"| `{name}` | {en} | {zh} |\n" for name, (_, zh, en) in EXCLUSIONS.items()]
    return "".join(lines)


def samples() -> str:
    """What a terminal shows in some scenarios, in both languages."""
    before, blocks = language(), []
    for name in SAMPLES:
        document = played(name)
        for lang in ("en", "zh"):
            set_language(lang)
            blocks.append(f"```\n{render(document)}\n```\n")
    set_language(before)
    return "\n" + "\n".join(blocks)


def document(text: str) -> str:
    """The document with table and samples as they have to be."""
    parts = text.split(BEGIN)
    filled = [parts[0]]
    for made, part in zip((samples(), table()), parts[1:], strict=True):
        filled.append(BEGIN + made + "\n" + END + part.partition(END)[2])
    return "".join(filled)


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
