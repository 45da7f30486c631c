import pytest

from modem.causes import (
    cause_of_cme,
    cme_code,
    cme_code_of_words,
    cme_name,
    cms_code_of_words,
    cms_name,
    reject_cause_of_words,
    reject_name,
    reject_of_words,
)
from modem.causes.errors import CAUSE_OF_CME, CME
from modem.causes.nas import NAMES


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
        ("5gsm", 46, "Out of LADN service area"),
        ("sm", 46, "PDP context without TFT already activated"),
        ("5gsm", 34, None),
        ("vendor", 65540, "Authentication failed in the USIM"),
        ("vendor", 65544, None),
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
        ("Illegal MS", 103),
        ("illegal UE", 103),
        ("GPRS services not allowed", 107),
        ("EPS services and non-EPS services not allowed", 108),
        ("Network failure", 117),
        ("Missing or unknown DNN", 127),
        ("requested service option not subscribed", 133),
        ("last PDN disconnection not allowed", 171),
        ("operator determined barring", 177),
        ("PDU session type IPv4 only allowed", 192),
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
        (103, "illegal MS or UE"),
        (124, "MBMS bearer capabilities insufficient for the service"),
        (133, "requested service option not subscribed"),
        (138, "call cannot be identified"),
        (177, "operator determined barring"),
        (999, None),
    ],
)
def test_a_cme_number_has_a_name(code, name):
    assert cme_name(code) == name


def test_a_cms_number_has_a_name():
    assert (cms_name(310), cms_name(28), cms_name(1)) == (
        "SIM not inserted",
        "unidentified subscriber",
        None,
    )


def test_words_of_a_cms_error_find_their_number():
    assert (cms_code_of_words("SIM Busy"), cms_code_of_words("bananas")) == (314, None)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (108, ("registration", 8)),
        (115, ("registration", 15)),
        (133, ("session", 33)),
        (149, None),
        (177, ("session", 8)),
        (210, ("registration", 27)),
        (10, None),
        (5847, None),
    ],
)
def test_a_cme_number_may_stand_for_a_cause_of_the_network(code, cause):
    assert cause_of_cme(code) == cause


def test_every_cause_behind_a_cme_number_has_a_name_in_a_domain_of_its_layer():
    domains = {
        "registration": ("emm", "5gmm", "gmm", "mm"),
        "session": ("esm", "5gsm", "sm"),
    }
    unnamed = {
        code
        for code, (layer, cause) in CAUSE_OF_CME.items()
        if code not in CME or all(reject_name(d, cause) is None for d in domains[layer])
    }
    assert unnamed == set()


@pytest.mark.parametrize("domain", [domain for domain in NAMES if domain != "vendor"])
def test_a_name_finds_its_number_again(domain):
    for cause, name in NAMES[domain].items():
        assert reject_cause_of_words(domain, name.upper()) == cause


@pytest.mark.parametrize(
    ("words", "reject"),
    [
        ("EPS services not allowed", ("emm", 7)),
        ("EPS_AND_NON_EPS_SERVICES_NOT_ALLOWED", ("emm", 8)),
        ("IMSI unknown in HSS", ("emm", 2)),
        ("NSAPI already used", ("sm", 35)),
        ("Requested service option not subscribed", None),  # of MM, SM, ESM and 5GSM
        ("Congestion", None),
        ("no error", None),
    ],
)
def test_words_alone_name_a_cause_only_where_one_domain_has_them(words, reject):
    assert reject_of_words(words) == reject
