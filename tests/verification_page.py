"""The table and the samples of docs/verification.md, made from the code.

`python -m tests.verification_page` writes it anew.
"""

from pathlib import Path

from agent.cli.verify_text import render
from agent.i18n import LANGUAGES, set_language
from agent.i18n.zh import TEXTS
from agent.verification.exclusions import EXCLUSIONS
from agent.verification.words import EXCLUSION_NAMES
from tests.verification_world import Verification, tables_of

PAGE = Path(__file__).resolve().parents[1] / "docs" / "verification.md"
SAMPLES = "<!-- played from tests/verification -->\n"
SHOWN = ("confirmed", "inconclusive-data-cut")
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


def samples() -> str:
    """What people see, in both languages."""
    parts = []
    for name in SHOWN:
        document = Verification(tables_of(name), name).document()
        for lang in LANGUAGES[::-1]:
            set_language(lang)
            try:
                parts.append(f"```\n{render(document)}\n```\n")
            finally:
                set_language("en")
    return "\n".join(parts)


def written(page: str) -> str:
    """The page with what is made from the code."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    page = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    before, _, rest = page.partition(SAMPLES)
    _, _, after = rest.partition(END)
    return f"{before}{SAMPLES}\n{samples()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
