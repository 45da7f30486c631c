"""The numbers with which networks and modems say no, and their names.

The name spaces share their numbers (EMM #26 is not ESM #26): a cause is always a domain and a
number. Domains: `mm gmm emm 5gmm` (registration), `sm esm 5gsm` (sessions), `vendor` (a modem's
own). The tables are imported when the first refusal is met: a healthy modem needs none of them.
"""

import re
from collections.abc import Callable

REGISTRATION_DOMAINS = ("emm", "5gmm", "gmm", "mm")
SESSION_DOMAINS = ("esm", "5gsm", "sm")
NAS_DOMAINS = (*REGISTRATION_DOMAINS, *SESSION_DOMAINS)
_SYNONYMS = {
    ("emm", "epsandnonepsservicesnotallowed"): 8,  # Altair's +CEER
    ("gmm", "gprsandnongprsservicesnotallowed"): 8,
}

# Not compiled here: where nothing is refused nobody needs them.
_NOT_ALPHANUMERIC = r"[^a-z0-9]"
_CME_FINAL = r"(?i)\+CME ERROR\s*[:：]\s*(.*)"
_CMS_FINAL = r"(?i)\+CMS ERROR\s*[:：]\s*(.*)"


def reject_name(domain: str, cause: int) -> str | None:
    """The cause's name in `domain`; None for a number without one."""
    from modem.causes.nas import NAMES

    return NAMES.get(domain, {}).get(cause)


def reject_cause_of_words(domain: str, text: str) -> int | None:
    """The number that `text` names in `domain`, whatever its case; None for other words."""
    from modem.causes.nas import NAMES

    plain = _plain(text)
    for cause, name in NAMES.get(domain, {}).items():
        if _plain(name) == plain:
            return cause
    return _SYNONYMS.get((domain, plain))


def reject_of_words(text: str) -> tuple[str, int] | None:
    """Domain and number of a cause that only one domain calls so; None where several do, or none.

    `EPS services not allowed` can be EMM #7 alone; `Congestion` is a cause in four of them.
    """
    found = [(d, c) for d in NAS_DOMAINS if (c := reject_cause_of_words(d, text)) is not None]
    return found[0] if len(found) == 1 else None


def cme_name(code: int) -> str | None:
    """What `+CME ERROR: <code>` means; None for a number without a name."""
    from modem.causes.errors import CME

    return CME.get(code)


def cms_name(code: int) -> str | None:
    """What `+CMS ERROR: <code>` means; None for a number without a name."""
    from modem.causes.errors import CMS

    return CMS.get(code)


def cause_of_cme(code: int) -> tuple[str, int] | None:
    """The network's cause behind `+CME ERROR: <code>`: (`registration` or `session`, number).

    None for a number that is the modem's own. Which network it was the number does not say.
    """
    from modem.causes.errors import CAUSE_OF_CME

    return CAUSE_OF_CME.get(code)


def cme_code_of_words(text: str) -> int | None:
    """The number of a verbose `+CME ERROR`, whatever its case and dashes; None for other words."""
    from modem.causes.errors import CAUSE_OF_CME, CME, CME_SYNONYMS

    plain = _plain(text)
    for code, name in CME.items():
        if _plain(name) == plain:
            return code
    if (known := CME_SYNONYMS.get(plain)) is not None:
        return known
    for code, (layer, cause) in CAUSE_OF_CME.items():
        domains = REGISTRATION_DOMAINS if layer == "registration" else SESSION_DOMAINS
        if any(reject_cause_of_words(domain, text) == cause for domain in domains):
            return code
    return None


def cms_code_of_words(text: str) -> int | None:
    """The number of a verbose `+CMS ERROR`; None for other words."""
    from modem.causes.errors import CMS

    plain = _plain(text)
    return next((code for code, name in CMS.items() if _plain(name) == plain), None)


def cme_code(final: str) -> int | None:
    """The number of a final result `+CME ERROR: ...`, numeric or verbose; None for any other."""
    return _code(_CME_FINAL, final, cme_code_of_words)


def cms_code(final: str) -> int | None:
    """The number of a final result `+CMS ERROR: ...`, numeric or verbose; None for any other."""
    return _code(_CMS_FINAL, final, cms_code_of_words)


def _code(pattern: str, final: str, of_words: Callable[[str], int | None]) -> int | None:
    match = re.match(pattern, final)
    if not match:
        return None
    text = match.group(1).strip()
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else of_words(text)


def _plain(text: str) -> str:
    """What two ways to write a text have in common, American and British spelling included."""
    return re.sub(_NOT_ALPHANUMERIC, "", text.lower()).replace("isation", "ization")
