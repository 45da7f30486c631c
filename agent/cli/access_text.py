"""Who may do what with a file, in a person's words."""

import re
from typing import Any

from agent.i18n import mark, t

_CONDITIONS = {
    "always": mark("always"),
    "never": mark("never"),
    "universal_pin": mark("universal PIN"),
    "user_auth": mark("user authentication"),
    "external_auth": mark("external authentication"),
    "secure_messaging": mark("secure messaging"),
}
_PIN_OF_APPLICATION = re.compile(r"pin([12])_app([2-8])")
_IN_ENVIRONMENT = re.compile(r"(\w+)_se(\d+)")
_KEY = re.compile(r"key_([0-9A-F]{2})")


def condition_text(condition: Any) -> str:
    """`PIN1`, `ADM1 or PIN2`, `always`: what a condition of an access rule asks for."""
    if isinstance(condition, dict):
        (how, parts), *_ = condition.items()
        joined = (t(" or ") if how == "any" else t(" and ")).join(map(condition_text, parts))
        return joined or t("never")
    word = str(condition)
    if word in _CONDITIONS:
        return t(_CONDITIONS[word])
    if match := _PIN_OF_APPLICATION.fullmatch(word):
        return f"PIN{match[1]} (#{match[2]})"
    if match := _IN_ENVIRONMENT.fullmatch(word):
        return t("{what}, environment {number}", what=condition_text(match[1]), number=match[2])
    if match := _KEY.fullmatch(word):
        return t("key {number}", number=match[1])
    return word.upper().replace("_", " ")
