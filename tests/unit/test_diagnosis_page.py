"""docs/diagnosis.md and docs/diagnosis.zh.md are what the code says."""

import re

import pytest

from agent.cli.table import width
from tests.diagnosis_page import DOCUMENT, IN_CHINESE, document, document_in_chinese

AGAIN = "write it anew: python -m tests.diagnosis_page"


def test_the_page_shows_the_table_and_the_output_of_the_code() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert document(text) == text, AGAIN


def test_the_chinese_page_shows_them_too() -> None:
    text = IN_CHINESE.read_text("utf-8")
    assert document_in_chinese(text) == text, AGAIN


@pytest.mark.parametrize("page", [DOCUMENT, IN_CHINESE])
def test_no_screen_on_the_pages_is_wider_than_eighty_columns(page) -> None:
    screens = re.findall(r"```\n(.*?)\n```", page.read_text("utf-8"), re.DOTALL)
    shown = [line for screen in screens for line in screen.splitlines() if "[--" not in line]
    assert len(shown) > 30
    assert max(map(width, shown)) <= 80
