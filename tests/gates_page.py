"""The tables of docs/gates.md, made from the code.

`python -m tests.gates_page` writes them anew.
"""

# ruff: noqa: E501 - one row a line is easier to review

import re
from pathlib import Path

from agent.unbind.gates import GATES
from agent.unbind.platform import Platform, Text
from agent.unbind.platform_files import all_platforms
from agent.unbind.questions import QUESTIONS
from agent.unbind.stop_reasons import STOP_REASONS

DOCUMENT = Path(__file__).parents[1] / "docs/gates.md"
BEGIN, END = "<!-- made from the code -->\n", "<!-- end -->\n"
PARTS = ("Passes", "Fails", "Needs")


def parts_of(text: str) -> dict[str, str]:
    """The question, and what passes, fails and is needed, of a rule's docstring."""
    whole = " ".join(text.split())
    found = re.split(rf" ({'|'.join(PARTS)}): ", whole)
    return {"": found[0], **dict(zip(found[1::2], found[2::2], strict=True))}


def gates() -> str:
    lines = []
    for phase in dict.fromkeys(gate.phase for gate in GATES):
        lines.append(f"\n### `{phase}`\n\n| gate | asks | passes | fails | needs | rows |\n")
        lines.append("|---|---|---|---|---|---|\n")
        for gate in GATES:
            if gate.phase == phase:
                parts = parts_of(gate.rule.__doc__ or "")
                cells = [f"`{gate.id}`", parts[""], *(parts[name] for name in PARTS)]
                lines.append(f"| {' | '.join(cells)} | {' '.join(gate.rows)} |\n")
    return "".join(lines)


def questions() -> str:
    lines = ["\n| question | type | asked | why | if not sure |\n|---|---|---|---|---|\n"]
    for each in QUESTIONS.values():
        kind = " ".join(f"`{value}`" for value in each.choices) or f"`{each.kind}`"
        texts = (f"{text.zh}<br>{text.en}" for text in (each.text, each.why, each.unsure))
        lines.append(f"| `{each.id}` | {kind} | {' | '.join(texts)} |\n")
    return "".join(lines)


def platforms() -> str:
    lines = ["\n| stop reason | called | weight |\n|---|---|---|\n"]
    for word, reason in STOP_REASONS.items():
        lines.append(f"| `{word}` | {reason.name} | `{reason.weight}` |\n")
    return "".join([*lines, *map(_platform, all_platforms())])


def _platform(platform: Platform) -> str:
    """One platform: what is known, from where, and until when."""
    binding, cancel = platform.binding, platform.cancel
    codes = " · ".join(f"`{code}` {word}" for code, word in platform.states.codes.items())
    rows = [
        ("states", codes or "as the account facts say", platform.states),
        ("binding", f"{_both(binding.way)}; told of {binding.asks}: {' '.join(binding.sides)}", binding),
        ("limit", _both(binding.limit), binding),
        ("cancel", f"{_both(cancel.way)}; from {' '.join(cancel.states)}", cancel),
        ("menu", _both(cancel.menu), cancel),
        ("hotline", cancel.hotline or "", cancel),
        ("waiting", _waiting(platform), cancel),
        ("cycle", "" if platform.cycle is None else f"day {platform.cycle.first_day}, {platform.cycle.zone}", platform.cycle),
        ("stop reasons", _stop_codes(platform), platform.stop_reasons),
    ]  # fmt: skip
    lines = [f"\n#### `{platform.name}` · {_both(platform.title)}\n\n", "| | rule | from | old after |\n", "|---|---|---|---|\n"]  # fmt: skip
    for name, text, section in rows:
        if text and section is not None:
            origin = section.origin
            lines.append(f"| {name} | {text} | {origin.source} ({origin.recorded}) | {origin.old_after} |\n")  # fmt: skip
    return "".join(lines)


def _stop_codes(platform: Platform) -> str:
    rules = platform.stop_reasons
    if rules is None:
        return ""
    codes = [f"`{code}` {word}" for code, word in rules.codes.items()]
    return " · ".join(codes + [f"place {at}: {word}" for at, word in rules.places.items()])


def _waiting(platform: Platform) -> str:
    binding, cancel, auto = platform.binding, platform.cancel, platform.auto_cancel
    told = [
        (binding.per_month, "unbindings a card and month"),
        (binding.working_days, "working days to unbind by hand"),
        (binding.same_card_minutes, "minutes before the same card may be changed again"),
        (binding.batch, "cards in one batch of unbinding"),
        (cancel.batch, "cards in one batch of cancelling"),
        (cancel.working_days, "working days to cancel"),
        (cancel.refund_days, "days for a refund"),
        (auto.warn_days, "days without a plan: warning"),
        (auto.days, "days without a plan: cancelled by the carrier"),
    ]
    return " · ".join(f"{number} {words}" for number, words in told if number is not None)


def _both(text: Text | None) -> str:
    return "" if text is None else f"{text.zh} · {text.en}"


def document(text: str) -> str:
    """The document with its tables as they have to be."""
    first, *others = text.split(BEGIN)
    filled = [first]
    for made, part in zip((gates(), questions(), platforms()), others, strict=True):
        filled.append(BEGIN + made + "\n" + END + part.partition(END)[2])
    return "".join(filled)


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
