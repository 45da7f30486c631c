"""The table of states in docs/unbind.md, made from the code.

`python -m tests.unbind_page` writes it anew.
"""

from pathlib import Path

from agent.cli.unbind_text import STATES as WORDS
from agent.unbind.machine import ABORT, BOTH, HERE, LOSE, LOST, ROAD, STATES

DOCUMENT = Path(__file__).parents[1] / "docs/unbind.md"
BEGIN, END = "<!-- states, made from the code -->\n", "<!-- end -->\n"
ASIDE = (ABORT, LOSE)
OF = {HERE: "", BOTH: "", LOST: " (lost device)"}


def table() -> str:
    lines = ["| state | meaning | act → next state | `--abort` |\n", "|---|---|---|---|\n"]
    for state in STATES:
        moves = [m for m in ROAD if m.state == state]
        ways = [f"`{m.act}` → `{m.to}`{OF[m.of]}" for m in moves if m.act not in ASIDE]
        back = "yes" if any(m.act == ABORT for m in moves) else ""
        lines.append(f"| `{state}` | {WORDS[state]} | {'<br>'.join(ways)} | {back} |\n")
    return "".join(lines)


def document(text: str) -> str:
    """The page with the table as the code has it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
