"""The table of docs/verification.md, made from the code.

`python -m tests.verification_page` writes it anew.
"""

from pathlib import Path

from agent.i18n.zh import TEXTS
from agent.verification.exclusions import EXCLUSIONS
from agent.verification.words import EXCLUSION_NAMES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "verification.md"
BEGIN, END = "<!-- made from the code -->\n", "<!-- end -->\n"


def table() -> str:
    """A row for each exclusion."""
    lines = [
        "| id | what else it could be | 可能的其他原因 | held, where |\n",
        "|---|---|---|---|\n",
    ]
    for each in EXCLUSIONS:
        name = EXCLUSION_NAMES[each.id]
        held = " ".join((each.rule.__doc__ or "").split())
        lines.append(f"| `{each.id}` | {name} | {TEXTS[name]} | {held} |\n")
    return "".join(lines)


def written(page: str) -> str:
    """The page with the table as the code has it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
