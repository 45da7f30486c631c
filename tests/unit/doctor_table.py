"""The table of docs/doctor.md, made from the code; run it to write it anew."""

import inspect
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"
BEGIN, END = "<!-- checks -->", "<!-- /checks -->"


def table():
    from agent.doctor.table import CHECKS
    from agent.i18n.zh import TEXTS
    from tests.pages_in_chinese import QUESTIONS

    lines = ["| id | title | 名称 | what is asked | 检查内容 |", "|---|---|---|---|---|"]
    for check in CHECKS:
        question = " ".join(inspect.getdoc(check.look).split("\n\n")[0].split())
        title = TEXTS.get(check.title, check.title)
        lines.append(
            f"| `{check.id}` | {check.title} | {title} | {question} | {QUESTIONS[check.id]} |"
        )
    return lines


def written(page):
    """The page with its table as the code has it now."""
    head, rest = page.split(BEGIN)
    return "\n".join([head + BEGIN, *table(), END + rest.split(END)[1]])


if __name__ == "__main__":
    sys.path.insert(0, str(PAGE.parents[1]))
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
