"""docs/release.md has the steps as the code has them. `python -m tests.unit.test_release_page`
writes its table anew."""

from pathlib import Path

from agent.i18n.zh import TEXTS
from agent.release.table import STEPS
from agent.release.table import chosen as steps_of

PAGE = Path(__file__).parents[2] / "docs/release.md"
BEGIN, END = "<!-- steps -->\n", "<!-- /steps -->\n"


def table() -> str:
    lines = [
        "| step | at | what · 内容 | undone · 撤销 | cuts the uplink · 断网 |",
        "|---|---|---|---|---|",
    ]
    for step in STEPS:
        cells = [f"{text} · {TEXTS[text]}" for text in (step.title, step.undone)]
        cuts = "yes · 是" if step.cuts_uplink else "no · 否"
        lines.append(f"| `{step.id}` | {step.where} | {' | '.join(cells)} | {cuts} |")
    return "\n".join(lines) + "\n"


def written(page: str) -> str:
    head, rest = page.split(BEGIN)
    return head + BEGIN + table() + END + rest.split(END)[1]


def test_the_table_is_that_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert written(page) == page


def test_the_example_configuration_names_every_step_in_its_order() -> None:
    names = [step.id for step in STEPS]
    listed = ", ".join(f'"{name}"' for name in names)
    assert f"steps = [{listed}]".replace(" ", "") in "".join(PAGE.read_text("utf-8").split())
    assert steps_of([]) == steps_of(names) == STEPS


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
