"""Sentences of evidence, which are English, on a page that is not."""

import pytest

from agent.cli.certificate_text import shown
from agent.i18n import set_language
from agent.i18n.filled import filled_text


@pytest.fixture
def chinese():
    set_language("zh")
    yield
    set_language("en")


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("the platform cancels from this state: in use", "平台允许从此状态注销：在用"),
        ("this machine's way out is eth0, wlan0", "本机经 eth0，wlan0 上网"),
        ("nobody knows this sentence", "nobody knows this sentence"),
    ],
)
def test_a_reason_with_its_fields_is_said_in_chinese(english, expected) -> None:
    assert filled_text(english) == expected


def test_a_reason_stays_as_it_is_in_english() -> None:
    text = "the platform cancels from this state: in use"
    assert filled_text(text) == text


@pytest.mark.parametrize("text", ["quota_bytes: 30000000", '"quota_bytes": 30000000'])
def test_a_number_of_bytes_is_not_starred_as_somebodys_number(text) -> None:
    assert shown(text, full=False) == text
    assert "*" in shown("13800138000", full=False)
