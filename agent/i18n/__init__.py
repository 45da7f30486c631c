"""Texts for people in two languages: the English text is the key, `zh.py` holds the Chinese.

The Chinese catalogue is imported only where Chinese is wanted: English costs nothing at start.
"""

from collections.abc import Callable, Mapping

LANGUAGES = ("zh", "en")

# Reasons that carry a number or a word of the modem: (shape, key of the catalogue).
_PATTERNS = (
    (r"timeout (?P<seconds>[0-9.e+]+) s", "timeout {seconds} s"),
    (r"modem answered (?P<answer>.+)", "modem answered {answer}"),
    (
        r"only (?P<size>\d+) bytes, at least (?P<length>\d+) belong here",
        "only {size} bytes, at least {length} belong here",
    ),
    (
        r"the reader did not answer within (?P<seconds>[0-9.e+]+) s",
        "the reader did not answer within {seconds} s",
    ),
    (r"taken by (?P<holders>.+)", "taken by {holders}"),
    (r"an entry has (?P<size>\d+) bytes", "an entry has {size} bytes"),
)

_catalogue: Mapping[str, str] = {}
_language = "en"


def set_language(lang: str) -> None:
    """Speak `lang` (`zh` or `en`) from now on, in this process."""
    global _catalogue, _language  # noqa: PLW0603 - one process speaks one language
    if lang == "zh":
        from agent.i18n.zh import TEXTS

        _catalogue = TEXTS
    else:
        _catalogue = {}
    _language = lang


def language() -> str:
    """The language spoken: `zh` or `en`."""
    return _language


def choose_language(option: str | None, env: Mapping[str, str]) -> str:
    """`--lang`, else SIMWARD_LANG, else the locale (zh* is Chinese), else English."""
    if option in LANGUAGES:
        return option
    wanted = env.get("SIMWARD_LANG", "").lower()
    if wanted in LANGUAGES:
        return wanted
    # The first of these that is set decides, as in setlocale(3).
    locale = next((env[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if env.get(key)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def t(text: str, /, **values: object) -> str:
    """`text` in the language spoken, its `{fields}` filled in."""
    translated = _catalogue.get(text, text)
    return translated.format(**values) if values else translated


def in_both(say: Callable[[], str]) -> dict[str, str]:
    """What `say` says in each language, by its name, as documents hold it."""
    spoken, texts = _language, {}
    try:
        for lang in LANGUAGES:
            set_language(lang)
            texts[lang] = say()
    finally:
        set_language(spoken)
    return texts


def mark(text: str, /) -> str:
    """`text` itself: marks an English text that stands in a table and is translated later."""
    return text


def reason_text(reason: str) -> str:
    """Why something is absent, for people; the modem's own words stay as they are."""
    if reason in _catalogue:
        return _catalogue[reason]
    import re  # `simward --version` gets by without it

    for shape, key in _PATTERNS:
        match = re.fullmatch(shape, reason)
        if match:
            return t(key, **match.groupdict())
    return reason
