"""The tables and the samples of docs/diagnosis.md and docs/diagnosis.zh.md, made from the code.

`python -m tests.diagnosis_page` writes them anew.
"""

from pathlib import Path

from agent.cli.diagnose_text import CAUSES, render
from agent.diagnosis.checks import EXCLUSIONS
from agent.diagnosis.rules import LAYERS, RULES, Rule
from agent.i18n import language, set_language
from agent.i18n.zh import TEXTS
from tests.diagnosis_world import played
from tests.pages_in_chinese import HOLDS

DOCUMENT = Path(__file__).parents[1] / "docs/diagnosis.md"
IN_CHINESE = DOCUMENT.with_name("diagnosis.zh.md")
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
        lines.append(
            "| row | `cause` | holds when · 判定条件 | confidence | platform | stop | advice |\n"
        )
        lines.append("|---|---|---|---|---|---|---|\n")
        for rule in RULES:
            if rule.row.startswith(prefix):
                holds = _holds(rule)
                cells = (
                    rule.row, f"`{rule.cause}`", f"{HOLDS[holds]}<br>{holds}", rule.confidence,
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


def _holds(rule: Rule) -> str:
    return " ".join((rule.holds.__doc__ or "").split())


def table_in_chinese() -> str:
    """One line a row, for who reads no English."""
    lines = [
        "\n| 判定行 | 原因 | `cause` | 判定条件 | 把握 | 处理建议 |\n|---|---|---|---|---|---|\n"
    ]
    words = {"high": "高", "medium": "中", "low": "低"}
    for rule in RULES:
        also = ["请平台确认"] * rule.backend + ["停止重试"] * rule.stop
        cells = (
            rule.row, TEXTS[CAUSES[rule.cause]], f"`{rule.cause}`", HOLDS[_holds(rule)],
            "；".join([words[rule.confidence], *also]), rule.advice.zh,
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |\n")
    return "".join(lines)


def samples(*languages: str) -> str:
    """What a terminal shows in some scenarios."""
    before, blocks = language(), []
    for name in SAMPLES:
        document = played(name)
        for lang in languages:
            set_language(lang)
            blocks.append(f"```\n{render(document)}\n```\n")
    set_language(before)
    return "\n" + "\n".join(blocks)


def document(text: str) -> str:
    """docs/diagnosis.md with table and samples as they have to be."""
    return _filled(text, samples("en", "zh"), table())


def document_in_chinese(text: str) -> str:
    """docs/diagnosis.zh.md with samples and table as they have to be."""
    return _filled(text, samples("zh"), table_in_chinese())


def _filled(text: str, *made: str) -> str:
    parts = text.split(BEGIN)
    filled = [parts[0]]
    for each, part in zip(made, parts[1:], strict=True):
        filled.append(BEGIN + each + "\n" + END + part.partition(END)[2])
    return "".join(filled)


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
    IN_CHINESE.write_text(document_in_chinese(IN_CHINESE.read_text("utf-8")), "utf-8")
