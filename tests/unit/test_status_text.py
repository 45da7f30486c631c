"""`simward status` as people read it: the cause, what it is like, what is unknown and why."""

import pytest

from agent.cli.status_text import render
from agent.i18n import set_language
from agent.snapshot import to_json
from modem.snapshot import UsageCounters
from sim.identifiers import Iccid
from sim.reading import absent
from tests.unit.snapshot_helpers import (
    DENIED,
    HOME,
    MODEM,
    REFUSAL,
    REMEMBERED,
    domain,
    gateway,
    read,
    registered,
    with_card,
)

LIKE_CANCELLED = {
    "en": "consistent with cancelled; confirm on the platform",
    "zh": "\u4e0e\u5df2\u9500\u6237\u76f8\u7b26,\u8bf7\u5e73\u53f0\u786e\u8ba4",
}


@pytest.fixture(params=["en", "zh"])
def lang(request):
    set_language(request.param)
    yield request.param
    set_language("en")


def text_of(modem):
    return render(to_json(gateway(modem)))


def test_a_cause_that_is_like_cancelled_is_called_so_and_no_more(lang):
    text = text_of(registered(eps=DENIED))
    assert LIKE_CANCELLED[lang] in text
    rest = text.replace(LIKE_CANCELLED[lang], "")
    assert "cancelled" not in rest
    assert "\u9500\u6237" not in rest


@pytest.mark.parametrize(
    "facts",
    [domain(3, "denied", 15, "No suitable cells in tracking area"), domain(1, "home")],
    ids=["another cause", "at home"],
)
def test_no_other_state_of_registration_is_called_like_cancelled(lang, facts):
    assert LIKE_CANCELLED[lang] not in text_of(registered(eps=facts))


def test_the_cause_stands_with_its_number_and_name(lang):
    text = text_of(registered(eps=DENIED))
    assert {
        "en": "denied, reject cause 8 EPS services and non-EPS services not allowed",
        "zh": "\u88ab\u62d2\u7edd\uff0c\u62d2\u7edd\u539f\u56e0 8 \u4e0d\u5141\u8bb8 EPS",
    }[lang] in text


def test_a_refusal_says_whose_cause_of_whom_for_what_and_when(lang):
    text = text_of(MODEM._replace(rejects=(REFUSAL, REMEMBERED)))
    first, second = {
        "en": (
            "15 No suitable cells in tracking area, PLMN 00101, lte, attach, heard 2026-11-22T01",
            "256 Authentication failure, as the modem remembers it",
        ),
        "zh": (
            "15 \u8ddf\u8e2a\u533a\u5185\u6ca1\u6709\u5408\u9002\u7684\u5c0f\u533a",
            "256 \u9274\u6743\u5931\u8d25",
        ),
    }[lang]
    assert first in text
    assert second in text


def test_a_cause_that_the_registration_shows_is_not_said_twice():
    shown = REFUSAL._replace(cause=8, source="AT+CEREG?")
    text = text_of(registered(eps=DENIED)._replace(rejects=(shown,)))
    assert "Refused by the network" not in text


def test_a_heard_cause_that_is_like_cancelled_is_called_so_too(lang):
    searching = registered(eps=domain(2, "searching"))
    assert LIKE_CANCELLED[lang] in text_of(searching._replace(rejects=(REFUSAL._replace(cause=8),)))
    own = REFUSAL._replace(domain="esm", cause=8)
    assert LIKE_CANCELLED[lang] not in text_of(searching._replace(rejects=(own,)))


def test_what_is_unknown_says_why(lang):
    text = text_of(with_card(imsi=absent("card not ready")))
    assert {
        "en": "IMSI                     unknown (card not ready)",
        "zh": "\u672a\u77e5\uff08\u5361\u672a\u5c31\u7eea\uff09",
    }[lang] in text


def test_a_maker_and_a_model_that_nobody_told_are_one_unknown():
    identity = MODEM.identity._replace(manufacturer=absent("ERROR"), model=absent("ERROR"))
    line = text_of(MODEM._replace(identity=identity)).splitlines()[1]
    assert line.split("  ")[-1] == "unknown (ERROR)"


def test_what_a_network_calls_itself_moves_no_cursor():
    operator = MODEM.operator._replace(name=read("Net\x1b[2J\x07"))
    text = text_of(MODEM._replace(operator=operator))
    assert "\x1b" not in text
    assert "Net\ufffd[2J\ufffd" in text


def test_many_bytes_are_said_in_megabytes_too():
    usage = read(UsageCounters(123_456_789, 5678))
    assert "123456789 B (123.5 MB)" in text_of(MODEM._replace(usage=usage))


RECOVERY = {
    "state": "holding_back",
    "steps": {"fence": 3, "reopen": 2, "reinit": 1, "reset": 1, "power": 0},
    "last_24_h": {"reset": 1, "power": 0},
    "refused": {"eps": 8},
    "interval_s": 3600.0,
    "trouble": {
        "kind": "silent",
        "reason": "the modem does not answer",
        "lasted_s": 400,
        "tries": 9,
        "held": "no power hook is configured",
    },
    "last_step": {"step": "reset", "reason": "the modem does not answer", "trouble": "silent"},
}


def test_what_was_done_about_the_modem_is_said_in_words(lang):
    text = render(to_json(gateway()) | {"recovery": RECOVERY})
    told = {
        "en": ("the network refuses for good", "EPS 8", "no power hook is configured",
               "3600 s", "restarts by AT command (the modem does not answer)"),
        "zh": ("网络永久拒绝", "EPS 8", "没有配置断电重启命令", "3600 s",
               "AT 命令重启（模块不应答）"),
    }  # fmt: skip
    assert [words for words in told[lang] if words not in text] == []


OTHER = Iccid("89001010000000000026")


def test_two_numbers_of_one_card_are_both_shown_at_the_top(lang):
    document = to_json(gateway(with_card(modem_iccid=read(OTHER, "AT+QCCID"))))
    first, second = render(document, full=True).splitlines()[:2]
    assert first == {"en": "Sources that disagree", "zh": "来源不一致"}[lang]
    assert "89001010000000000018" in second
    assert OTHER.value in second
    assert OTHER.value not in render(document)  # masked, as everywhere


def test_a_refusal_beside_a_registration_is_shown_at_the_top(lang):
    text = text_of(registered(cs=domain(3, "denied", 2), eps=HOME))
    label = {"en": "registration", "zh": "注册"}[lang]
    assert text.splitlines()[1].strip().startswith(label)
    assert "EPS" in text.splitlines()[1]


@pytest.mark.parametrize(
    "modem",
    [MODEM, registered(eps=DENIED), registered(cs=domain(0, "not_registered"), eps=HOME)],
    ids=["all agrees", "refused everywhere", "one domain alone"],
)
def test_what_agrees_has_no_such_heading(lang, modem):
    heading = {"en": "Sources that disagree", "zh": "来源不一致"}[lang]
    assert heading not in text_of(modem)
