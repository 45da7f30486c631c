from datetime import UTC, datetime, timedelta

import pytest

from modem.rejects import RejectLog, cause_in, rejects_of, rejects_of_registration
from modem.snapshot import Registration, Reject
from modem.urcs import RejectReported, parse_urc
from sim.identifiers import Plmn
from sim.reading import Absent, Reading, absent
from tests.unit.snapshot_helpers import DENIED, HOME, domain

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
SILENT = Absent("the refusal does not say")
LTE_ATTACH = '^REJINFO:00101,1,15,2,4,15,"1A2B","FF","01A2B3C4"'


def heard(*lines: str) -> RejectLog:
    """A log that heard these lines, a second after each other."""
    log = RejectLog()
    for seconds, line in enumerate(lines):
        log.hear(line, AT + timedelta(seconds=seconds))
    return log


def causes(log: RejectLog) -> list[tuple[object, int]]:
    return [(reject.domain, reject.cause) for reject in log.current()]


def test_a_refusal_is_kept_with_all_that_the_line_says():
    assert heard(LTE_ATTACH).current() == (
        Reject(
            domain="emm",
            cause=15,
            name="No suitable cells in tracking area",
            plmn=Plmn("001", "01"),
            rat="lte",
            kind="attach",
            source="^REJINFO",
            at=AT,
        ),
    )


def test_what_a_line_does_not_say_is_absent():
    (reject,) = heard("+CEREG: 3,,,,0,8").current()
    assert (reject.domain, reject.cause, reject.source) == ("emm", 8, "+CEREG")
    assert (reject.plmn, reject.rat, reject.kind) == (SILENT, SILENT, SILENT)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("^REJINFO:00101,0,2,0,0,2,1A2B", ("mm", "IMSI unknown in HLR")),
        ("^REJINFO:00101,1,7,1,5,7,1A2B", ("gmm", "GPRS services not allowed")),
        ("^REJINFO:00101,2,8,2,4,8,1A2B", ("emm", "EPS services and non-EPS services not allowed")),
        ("^REJINFO:00101,1,27,5,4,27,1A2B3C", ("5gmm", "N1 mode not allowed")),
        ("^REJINFO:00101,1,256,2,1,0", ("vendor", "Authentication failure")),
        ("^REJINFO:00101,1,11,6,4,11", (SILENT, Absent("a number without a name"))),
        ("+CREG: 3,,,,0,3", ("mm", "Illegal MS")),
        ("+CGREG: 3,,,,,0,7", ("gmm", "GPRS services not allowed")),
        ("+CEREG: 3,,,,1,256", ("vendor", Absent("a number without a name"))),
        ("+CNEC_EMM: 11", ("emm", "PLMN not allowed")),
        ("+CNEC_ESM: 33,1", ("esm", "Requested service option not subscribed")),
    ],
)
def test_a_cause_is_named_in_its_own_domain(line, expected):
    (reject,) = heard(line).current()
    assert (reject.domain, reject.name) == expected


def test_an_esm_cause_behind_an_emm_failure_is_a_refusal_of_its_own():
    log = heard('^REJINFO:00101,1,19,2,4,19,"1A2B","FF","01A2B3C4",27')
    assert causes(log) == [("emm", 19), ("esm", 27)]


def test_the_same_refusal_again_moves_to_the_end_with_its_new_time():
    log = heard(LTE_ATTACH, "+CNEC_ESM: 26,2", LTE_ATTACH)
    assert causes(log) == [("esm", 26), ("emm", 15)]
    assert log.current()[-1].at == AT + timedelta(seconds=2)


def test_the_oldest_go_where_they_are_many():
    log = heard(*(f"+CNEC_ESM: {cause},1" for cause in range(26, 56)))
    assert [cause for _, cause in causes(log)] == list(range(40, 56))


@pytest.mark.parametrize(
    ("refusal", "end"),
    [
        (LTE_ATTACH, "+CEREG: 1"),
        (LTE_ATTACH, '+CEREG: 5,"1A2B","01A2B3C4",7'),
        ("^REJINFO:00101,0,13,0,0,13", "+CREG: 1"),
        ("^REJINFO:00101,2,7,1,4,7", "+CGREG: 1"),
        ("^REJINFO:00101,1,27,5,4,27", "+C5GREG: 1"),
        ("^REJINFO:00101,1,11,6,4,11", "+CGREG: 1"),
        ("^REJINFO:00101,1,256,2,1,0", "+CEREG: 1"),
        ("+CEREG: 3,,,,0,8", "+CEREG: 1"),
        ("+CNEC_EMM: 11", "+CEREG: 1"),
        ("+CNEC_ESM: 27", "+CGEV: ME PDN ACT 1"),
        ("+CNEC_ESM: 27,2", "+CGEV: NW PDN ACT 2"),
        ("+CNEC_ESM: 27,1", "+CEREG: 1"),
        (LTE_ATTACH, "RDY"),
        (LTE_ATTACH, "+QSIMSTAT: 1,0"),
        (LTE_ATTACH, "+CPIN: READY"),
        (LTE_ATTACH, "POWERED DOWN"),
    ],
)
def test_a_refusal_that_is_over_is_gone(refusal, end):
    assert causes(heard(refusal, end)) == []


@pytest.mark.parametrize(
    ("refusal", "other"),
    [
        (LTE_ATTACH, "+CREG: 1"),
        (LTE_ATTACH, "+CEREG: 2"),
        ("^REJINFO:00101,0,18,2,4,18", "+CEREG: 1"),
        ("+CNEC_ESM: 27,2", "+CGEV: ME PDN ACT 1"),
        ("+CNEC_ESM: 27,2", "+CGEV: NW PDN DEACT 2"),
        (LTE_ATTACH, "+CSQ: 20,99"),
        (LTE_ATTACH, "+QIND: SMS DONE"),
    ],
)
def test_a_refusal_outlasts_what_does_not_concern_it(refusal, other):
    assert len(causes(heard(refusal, other))) == 1


def test_a_context_refused_while_registered_outlasts_the_registration():
    log = heard("+CEREG: 1", "+CNEC_ESM: 33,2")
    log.registered(frozenset({"eps"}))
    assert causes(log) == [("esm", 33)]
    log.active([1])
    assert causes(log) == [("esm", 33)]
    log.active([1, 2])
    assert causes(log) == []


def test_a_registration_that_is_read_ends_the_refusals_of_its_domain():
    log = heard(LTE_ATTACH, "+CREG: 3,,,,0,2")
    log.registered(frozenset({"eps"}))
    assert causes(log) == [("mm", 2)]


def test_lines_without_a_meaning_are_not_kept():
    assert heard("^REJINFO:", "+CEREG: 2", "+CNEC_ESM: x", "+CREG:").current() == ()


def test_the_causes_in_the_answers_themselves_are_refusals_too():
    answers = Registration(
        cs=Reading(domain(3, "denied", 2, "IMSI unknown in HLR"), "AT+CREG?", AT),
        ps=Reading(HOME, "AT+CGREG?", AT),
        eps=Reading(DENIED, "AT+CEREG?", AT),
        nr5g=absent("not supported by this modem"),
    )
    found = [(it.domain, it.cause, it.source) for it in rejects_of_registration(answers)]
    assert found == [("mm", 2, "AT+CREG?"), ("emm", 8, "AT+CEREG?")]


def remembered() -> tuple[Reject, ...]:
    event = parse_urc(LTE_ATTACH)
    assert isinstance(event, RejectReported)
    return tuple(rejects_of(event, "AT^REJINFO?", None))


def test_what_the_modem_remembers_has_no_time():
    (reject,) = remembered()
    assert reject.at == Absent("the modem remembers it, but not since when")


@pytest.mark.parametrize(
    ("rejects", "denied", "cause"),
    [
        pytest.param(heard(LTE_ATTACH).current(), False, 15, id="heard, still searching"),
        pytest.param(remembered(), False, None, id="remembered, still searching"),
        pytest.param(remembered(), True, 15, id="remembered, denied"),
        pytest.param((), True, None, id="none"),
        pytest.param(heard("+CNEC_EMM: 11", LTE_ATTACH).current(), False, 15, id="the latest"),
        pytest.param(heard("+CREG: 3,,,,0,3").current(), True, None, id="of another domain"),
    ],
)
def test_a_domains_cause_is_the_latest_that_speaks_of_it(rejects, denied, cause):
    assert cause_in(rejects, "eps", denied=denied) == cause
