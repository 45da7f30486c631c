"""Sentences that a document holds in English with their fields filled in, said in another language.

Signed evidence keeps one text, the English one. Here it is taken apart again by the catalogue's own
keys, so that a page in Chinese is Chinese throughout; what is no known sentence stays as it is.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from agent.i18n import language, reason_text, t

_FIELD = re.compile(r"\{(\w+)\}")


def filled_text(text: str) -> str:
    """`text`, a sentence of the gates in English, in the language spoken."""
    exact = reason_text(text)
    if language() == "en" or exact != text:
        return exact
    from agent.i18n.zh_unbind import UNBIND_TEXTS

    found = _taken_apart(text, UNBIND_TEXTS)
    if found is None:
        return text
    key, fields = found
    return t(key, **{name: _listed(value) for name, value in fields.items()})


def _listed(value: str) -> str:
    return t(", ").join(filled_text(each) for each in value.split(", "))


def _taken_apart(text: str, keys: Iterable[str]) -> tuple[str, Mapping[str, str]] | None:
    """The key with most words of its own that gives `text`, and its fields."""
    matches = ((key, _shape(key).fullmatch(text)) for key in keys if "{" in key)
    fitting = [(key, match.groupdict()) for key, match in matches if match is not None]
    return max(fitting, key=lambda each: len(_FIELD.sub("", each[0])), default=None)


@cache
def _shape(key: str) -> re.Pattern[str]:
    literal = (re.escape(part) for part in _FIELD.split(key)[::2])
    names = _FIELD.findall(key)
    groups = [f"(?P<{name}>.+)" for name in names] + [""]
    return re.compile(
        "".join(f"{text}{group}" for text, group in zip(literal, groups, strict=True))
    )
