"""The numbers of the corpus against ours: every one has a name, and the name says the same."""

import json
import os
import re
from pathlib import Path

import pytest

from modem.causes import cme_name, cms_name, reject_name

CORPUS = Path(os.environ.get("SIMWARD_CORPUS", Path(__file__).parents[3] / "shared")) / "at"
CODES = CORPUS / "error_codes.json"

pytestmark = pytest.mark.skipif(not CODES.is_file(), reason=f"no corpus at {CORPUS}")

DOMAINS = ("mm", "gmm", "emm", "5gmm", "sm", "esm", "5gsm")
# Words that mean no more, and words that the corpus writes in another way.
SMALL = frozenset(
    {
        *("the", "a", "an", "in", "for", "to", "of", "by", "or", "and", "this", "from", "is"),
        *("with", "required", "specific", "attach", "activation", "requested", "request"),
        *("value", "state", "legacy", "network"),
    }
)
SAME = {
    "ps": "packet",
    "personalization": "",
    "personalisation": "",
    "chars": "characters",
    "corp": "corporate",
    "unauthorized": "not authorized",
    "unavailable": "not available",
    "nonexistent": "does not exist",
    "hss": "hlr",
    "authorised": "authorized",
    "timeout": "time out",
}


def words(text: str) -> set[str]:
    plain = re.sub(r"[^a-z0-9]+", " ", text.lower()).split()
    said = " ".join(SAME.get(word, word) for word in plain).split()
    return {word for word in said if word not in SMALL}


def codes(kind: str) -> list[tuple[int, str]]:
    if not CODES.is_file():
        return []
    return [(int(code), slug) for code, slug in json.loads(CODES.read_text())[kind].items()]


def shares_most(slug: str, name: str) -> bool:
    wanted, said = words(slug), words(name)
    common = len(wanted & said)
    return common > 0 and common * 2 >= min(len(wanted), len(said))


@pytest.mark.parametrize(("code", "slug"), codes("cme"))
def test_a_cme_number_means_what_the_corpus_says(code, slug):
    name = cme_name(code)
    assert name is not None
    assert shares_most(slug, name), (slug, name)


@pytest.mark.parametrize(("code", "slug"), codes("cms"))
def test_a_cms_number_means_what_the_corpus_says(code, slug):
    name = cms_name(code)
    assert name is not None
    assert shares_most(slug, name), (slug, name)


@pytest.mark.parametrize(("code", "slug"), codes("network_error"))
def test_a_cause_of_the_network_has_its_name_in_one_of_the_domains(code, slug):
    names = [name for domain in DOMAINS if (name := reject_name(domain, code)) is not None]
    if slug in {"none", "unknown"}:
        assert names == []  # words for no cause
        return
    assert any(shares_most(slug, name) for name in names), (slug, names)
