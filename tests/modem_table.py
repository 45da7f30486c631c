"""The table of modem families in docs/modems.md, made from the profiles.

`python -m tests.modem_table` writes it anew; a test sees that it is what the profiles say.
"""

import tomllib
from pathlib import Path

from modem.vendors.profile import Profile, command_class
from modem.vendors.select import GENERIC, load_profile, profile_names

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "modems.md"
BEGIN, END = "<!-- made from the profiles -->\n", "<!-- to here -->\n"
_HEAD = (
    "family 系列", "models 型号", "ICCID", "usage 流量计数", "signal 信号", "slot 卡槽",
    "refusal 拒绝原因", "restart 重启", "from 基于",
)  # fmt: skip
_WORDS = {
    "volatile": "lost at power-off",
    "saved": "what was saved",
    "kept": "kept",
    "unknown": "not stated",
}


def families() -> dict[str, str]:
    """The pattern of models by profile, in the order in which they are tried."""
    found = {}
    index = tomllib.loads((ROOT / "modem/vendors/index.toml").read_text("utf-8"))
    for family in index["family"]:
        found.setdefault(family["profile"], family.get("model", "all others"))
    return found


def commands(profile: Profile, question: str) -> list[str]:
    """What a profile sends for `question`, in order, each once."""
    texts = [command_class(path)().text for path in profile.ladder(question)]
    return list(dict.fromkeys(texts))


def code(*texts: str) -> str:
    return ", ".join("`" + text.replace("|", r"\|") + "`" for text in texts) or "—"


def usage(profile: Profile) -> str:
    texts = commands(profile, "usage")
    if not texts:
        return "—"
    told = {command_class(path).__doc__ or "" for path in profile.ladder("usage")}
    unit = "kB" if any("kilobytes" in text for text in told) else "B"
    return f"{code(*texts)}: {unit}, {_WORDS[profile.usage.persistence]}"


def row(profile: Profile, models: str) -> str:
    signal = [*commands(profile, "signal"), *commands(profile, "signal_more")]
    cells = [
        profile.name,
        code(models) if models != "all others" else models,
        code(*commands(profile, "modem_iccid")),
        usage(profile),
        code(*dict.fromkeys(signal)),
        code(*commands(profile, "slot")),
        code("AT+CEER", *commands(profile, "reject"), *commands(profile, "rejects")),
        code(profile.restart) if profile.restart else "—",
        profile.base or "—",
    ]
    return "| " + " | ".join(cells) + " |\n"


def own_sources(profile: Profile) -> str:
    """What a profile adds to its base, each with where it is from."""
    base = load_profile(profile.base).sources if profile.base else {}
    lines = [
        f"- {key}: {source}\n"
        for key, source in sorted(profile.sources.items())
        if base.get(key) != source
    ]
    ruled_out = load_profile(profile.base).unsupported if profile.base else {}
    lines += [
        f"- no {question}: {source}\n"
        for question, source in sorted(profile.unsupported.items())
        if ruled_out.get(question) != source
    ]
    return f"\n**{profile.name}**\n\n{''.join(lines)}" if lines else ""


def table() -> str:
    """The table and the sources below it."""
    models = families()
    names = [*models, *(name for name in profile_names() if name not in models)]
    names.sort(key=lambda name: name == GENERIC)
    profiles = [load_profile(name) for name in names]
    lines = ["| " + " | ".join(_HEAD) + " |\n", "|---" * len(_HEAD) + "|\n"]
    lines += [row(profile, models.get(profile.name, "—")) for profile in profiles]
    return "".join(lines) + "\n### Sources / 出处\n" + "".join(map(own_sources, profiles))


def document(text: str) -> str:
    """The document with the table as it has to be."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + table() + "\n" + END + after


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
