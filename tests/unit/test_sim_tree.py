"""What a technician sees of a whole card: in words, in 80 columns, without anybody's secrets."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from agent.cli.sim_tree import render_tree
from agent.cli.table import width
from agent.i18n import set_language
from sim.simulator import SimulatedCard
from sim.survey import survey
from sim.transport.memory import MemoryTransport

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"


@pytest.fixture(autouse=True)
def _english():
    yield
    set_language("en")


def document(name, **more):
    table = tomllib.loads((CARDS / f"{name}.toml").read_text("utf-8"))
    card = SimulatedCard.load({**table, **more})
    snapshot = survey(MemoryTransport(card.transmit))
    return json.loads(json.dumps(snapshot.to_json()))


def rendered(name, lang="en", *, full=False, **more):
    set_language(lang)
    return render_tree(document(name, **more), full=full)


def test_a_file_has_its_name_its_form_its_rights_and_its_content():
    text = rendered("usim_test")
    assert (
        "  EF.IMSI (6F07)  subscription number\n"
        "    transparent, 9 bytes, read PIN1, update ADM1\n"
        "    IMSI  00101********89\n"
    ) in text
    assert "MF/DF.TELECOM  telephony, shared by all applications" in text


PRIVATE = ("Anna", "99900000011", "王小明", "Gate 7", "Blocked", "Desk", "99900000081")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_phone_book_calls_and_messages_are_counted_not_shown(lang):
    text = rendered("personal", lang)
    full = rendered("personal", lang, full=True)
    texts = [m["text"] for m in document("personal")["messages"] if m["text"]]
    assert [word for word in PRIVATE if word in text] == []
    assert [word for word in texts if word in text] == []
    assert [word for word in PRIVATE if word not in full] == []
    assert [word for word in texts if word not in full] == []


def test_counts_say_how_much_there_is():
    text = rendered("personal")
    assert "records  4 of 8 used; --full shows them" in text
    assert "MF/ADF.USIM/DF.PHONEBOOK  4 of 8 used" in text
    assert re.search(r"messages +5\n", text)


def test_files_that_ask_for_a_right_stand_together_under_it():
    text = rendered("personal", pin1={"enabled": True})
    asked = [line for line in text.splitlines() if line.startswith("  asks for PIN1")]
    assert any("EF.IMSI" in line for line in asked)
    assert not any("EF.AD " in line for line in asked)
    assert "需要 PIN1" in rendered("personal", "zh", pin1={"enabled": True})


def test_keys_are_named_and_not_shown():
    keys = [{"path": "ADF.USIM/6F08", "hex": "07" + "5A" * 32}]
    text = rendered("usim_test", full=True, file=keys)
    assert re.search(r"holds keys: not read +EF.Keys", text)
    assert "5A5A" not in text


def test_equal_records_that_follow_each_other_are_shown_once():
    records = ["000000", "000000", "000005", "000000"]
    meter = [{"path": "ADF.USIM/6F39", "records": records, "structure": "cyclic"}]
    text = rendered("usim_test", file=meter)
    assert re.findall(r"record ([0-9-]+)\n +units +([0-9]+)", text) == [
        ("1-2", "0"),
        ("3", "5"),
        ("4", "0"),
    ]


def test_bytes_that_are_not_decoded_are_named_and_shown_in_full_only():
    icon = [{"path": "ADF.USIM/6FDE", "hex": "C0FFEE"}]
    text = rendered("usim_test", file=icon)
    assert re.search(r"not decoded +EF.SPNI", text)
    assert "C0FFEE" not in text
    assert "content  C0FFEE" in rendered("usim_test", full=True, file=icon)


def test_what_does_not_decode_says_where():
    text = rendered("damaged")
    assert "EF.IMSI: offset 8: no digit" in text


@pytest.fixture
def _terminal_of_80_columns(monkeypatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((80, 24)))


@pytest.mark.usefixtures("_terminal_of_80_columns")
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", ["personal", "usim_isim", "sim_2g", "damaged", "usim_test"])
def test_no_line_is_wider_than_80_columns(name, full, lang):
    lines = rendered(name, lang, full=full).splitlines()
    assert [line for line in lines if width(line) > 80] == []


@pytest.mark.parametrize("name", ["personal", "usim_isim", "sim_2g"])
def test_the_chinese_tree_has_no_english_words_of_ours(name):
    text = rendered(name, "zh", full=True)
    words = ["record", "transparent", "linear", "bytes", "always", "never", "not set", "empty"]
    words += ["services", "networks", "phone book", "messages", "used", "update", "read "]
    assert [word for word in words if re.search(rf"\b{word}\b", text)] == []
