"""docs/events.md: the catalogue of events, made from the code.

`python -m tests.events_page` writes it anew; a test sees that it is what the code says.
"""

from pathlib import Path

from agent.i18n.zh import TEXTS
from cloud_bridge.events import CATALOGUE, RESERVED, EventSpec

PAGE = Path(__file__).resolve().parents[1] / "docs" / "events.md"
BEGIN, END = "<!-- made from the catalogue -->\n", "<!-- to here -->\n"


def tables() -> str:
    """A section for each code."""
    return "\n".join(_section(code, spec) for code, spec in CATALOGUE.items())


def _section(code: str, spec: EventSpec) -> str:
    later = "Not raised in this version. 本版本尚不产生。\n\n" if code in RESERVED else ""
    rows = [
        f"| `{name}` | {arg.text} | {'always' if arg.required else ''} |"
        for name, arg in spec.args.items()
    ]
    table = "\n".join(["| args | | |", "|---|---|---|", *rows, ""]) if rows else ""
    return (
        f"### `{code}` {TEXTS[spec.name]} · {spec.name}\n\n{later}"
        f"When: {spec.when}. {TEXTS[spec.when]}。  \n"
        f"How often: {spec.bound}. {TEXTS[spec.bound]}。\n\n{table}"
    )


def written(page: str) -> str:
    """The page with the sections as the code has them."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
