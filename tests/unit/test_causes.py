import pytest

from modem.causes import cme_code, cme_code_of_words, cme_name, cms_name, reject_name


@pytest.mark.parametrize(
    ("domain", "cause", "name"),
    [
        ("mm", 2, "IMSI unknown in HLR"),
        ("emm", 2, "IMSI unknown in HSS"),
        ("emm", 8, "EPS services and non-EPS services not allowed"),
        ("emm", 26, "Non-EPS authentication unacceptable"),
        ("esm", 26, "Insufficient resources"),
        ("sm", 8, "Operator determined barring"),
        ("5gmm", 27, "N1 mode not allowed"),
        ("5gmm", 25, None),
        ("emm", 250, None),
        ("cc", 16, None),
    ],
)
def test_a_cause_is_named_by_domain_and_number(domain, cause, name):
    assert reject_name(domain, cause) == name


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("SIM not inserted", 10),
        ("SIM PIN required", 11),
        ("sim failure", 13),
        ("Sim Busy", 14),
        ("operation not supported", 4),
        ("PH-SIM PIN required", 5),
        ("ph sim pin required", 5),
        ("unknown", 100),
        ("invalid command line", 100),
        ("not found", 22),
        ("bananas", None),
        ("", None),
    ],
)
def test_words_of_a_refusal_find_their_number(words, code):
    assert cme_code_of_words(words) == code


@pytest.mark.parametrize(
    ("final", "code"),
    [
        ("+CME ERROR: 10", 10),
        ("+CME ERROR:10", 10),
        ("+CME ERROR: 5847", 5847),
        ("+CME ERROR: SIM not inserted", 10),
        ("+CMS ERROR: 310", None),
        ("ERROR", None),
    ],
)
def test_a_final_result_has_a_number_or_none(final, code):
    assert cme_code(final) == code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (10, "SIM not inserted"),
        (103, "Illegal UE"),
        (133, "Requested service option not subscribed"),
        (177, "operator determined barring"),
        (999, None),
    ],
)
def test_a_cme_number_has_a_name(code, name):
    assert cme_name(code) == name


def test_a_cms_number_has_a_name():
    assert (cms_name(310), cms_name(1)) == ("SIM not inserted", None)
