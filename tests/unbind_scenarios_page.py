"""The table of docs/unbind_scenarios.md, made from the scenarios.

`python -m tests.unbind_scenarios_page` writes it anew.
"""

from pathlib import Path

from tests.unbind_scenario import load, names

PAGE = Path(__file__).parents[1] / "docs/unbind_scenarios.md"
BEGIN, END = "<!-- made from the files -->\n", "<!-- end -->\n"


def table() -> str:
    """A row for each scenario."""
    lines = [
        "| file | 情形 · what happens | rows | state | verdict |\n",
        "|---|---|---|---|---|\n",
    ]
    for name in names():
        scenario = load(name)
        text = f"{scenario.title.zh}<br>{scenario.title.en}"
        end = f"`{scenario.end.state}` | `{scenario.end.verdict}`"
        mark = " (long)" if scenario.long else ""
        lines.append(f"| `{name}`{mark} | {text} | {' '.join(scenario.rows)} | {end} |\n")
    return "".join(lines)


def written(page: str) -> str:
    """The page with the table as the files have it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
