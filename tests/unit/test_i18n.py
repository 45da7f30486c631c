import ast
import re
import string
from pathlib import Path

import pytest

from agent.cli.card_words import IN_WORDS, LABELS, WORDS
from agent.i18n import choose_language, reason_text, set_language, t
from agent.i18n.zh import TEXTS
from agent.i18n.zh_demo import DEMO_TEXTS
from agent.i18n.zh_paper import PAPER_TEXTS
from agent.i18n.zh_unbind import UNBIND_TEXTS
from agent.i18n.zh_unbinding import UNBINDING_TEXTS
from agent.i18n.zh_verification import VERIFICATION_TEXTS
from sim.files.directories import DIRECTORIES
from sim.files.registry import ALL_FILES, KEY_FILES, UNDECODED
from sim.files.service_names import SERVICE_NAMES

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent", "modem", "sim", "cloud_bridge")

# Functions and errors whose first argument (for some: the one at the given place) is a text that
# people get to see.
TEXT_ARGUMENT = {
    "t": 0,
    "mark": 0,
    "absent": 0,
    "Absent": 0,
    "PortUnavailable": 1,
    "CoexistError": 0,
    "FileDecodeError": 2,
    "IdentifierError": 1,
    "UsageError": 0,
    "ConfigError": 0,
    "ListError": 0,
    "ModemUnreachable": 0,
    "ReaderUnreachable": 0,
    "RefusedError": 0,
    "StoreError": 0,
    "DaemonError": 0,
    "DemoError": 0,
    "error_answer": 0,
    "OutboxError": 0,
    "UplinkError": 0,
    "reason": 0,
    "say": 0,
    "fail": 1,
    "FixtureError": 2,
    "PinRefused": 0,
    "PinFormatError": 0,
}

# The closed set of reasons that the lower packages promise; some are put together at run time.
REASONS = (
    "not supported by this modem",
    "not asked",
    "not registered",
    "the modem gave none",
    "no card",
    "card not ready",
    "not on the card",
    "unreadable answer",
)


def texts_in(path: Path) -> list[tuple[str, int]]:
    """Every literal text for people in a source file, with its line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = TEXT_ARGUMENT.get(name)
        if name != "FixtureError" and "simulator" in path.parts:
            continue  # what a simulated modem says is no text of ours
        if place is None or len(node.args) <= place:
            continue
        argument = node.args[place]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            found.append((argument.value, node.lineno))
    return found


# Modules whose constants (texts, and tables of texts) are reasons that people get to see.
REASON_MODULES = (
    "modem/engine.py",
    "modem/interview.py",
    "modem/commands/base.py",
    "modem/commands/registration.py",
    "modem/parts/card.py",
    "modem/parts/identity.py",
    "modem/parts/network.py",
    "modem/parts/packet.py",
    "modem/parts/registration.py",
    "modem/snapshot.py",
    "modem/transport/coexist.py",
    "modem/transport/discovery.py",
    "modem/transport/exclusive.py",
    "modem/transport/probe.py",
    "modem/transport/serial_port.py",
    "agent/reader.py",
    "agent/usage/answer.py",
    "agent/usage/document.py",
    "agent/batch/collecting.py",
    "agent/cli/ports.py",
    "sim/inspector.py",
    "sim/pin.py",
    "sim/status_words.py",
    "sim/transport/pcsc.py",
    "cloud_bridge/link.py",
    "cloud_bridge/uplink.py",
)


def constants_in(path: Path) -> list[tuple[str, int]]:
    """Texts that a module's upper-case names stand for, alone or as values of a table."""
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
        texts = [value.value for value in values if isinstance(value, ast.Constant)]
        found += [(text, node.lineno) for text in texts if isinstance(text, str) and " " in text]
    return found


def all_texts() -> dict[str, str]:
    found = dict.fromkeys(REASONS, "reasons")
    for module in REASON_MODULES:
        for text, line in constants_in(ROOT / module):
            found.setdefault(text, f"{module}:{line}")
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for text, line in texts_in(path):
                found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    return found


def card_texts() -> dict[str, str]:
    """What files, directories and services of a card are called."""
    files = [*ALL_FILES, *UNDECODED, *KEY_FILES]
    found = {file.title: file.name for file in files}
    found |= {directory.title: directory.path for directory in DIRECTORIES}
    for file, names in SERVICE_NAMES.items():
        found |= dict.fromkeys(names.values(), file)
    return found


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.fixture
def chinese():
    set_language("zh")
    yield
    set_language("en")


def is_wordless(text: str) -> bool:
    """Nothing to translate: the modem's own words, names, or fields alone."""
    bare = "".join(part for part, *_ in string.Formatter().parse(text))
    return not any(char.islower() for char in bare)


def test_every_text_for_people_has_a_chinese_entry():
    missing = {
        text: where
        for text, where in {**card_texts(), **all_texts()}.items()
        if text not in TEXTS and not is_wordless(text)
    }
    assert missing == {}


def test_every_field_and_word_of_a_card_file_is_said_in_words():
    fields, words = set(), set()
    for file in ALL_FILES:
        for vector in file.vectors:
            collect(vector.value, fields, words)
    assert fields - {"empty"} <= set(LABELS)
    assert {word for word in words if not re.fullmatch(r"ins_[0-9A-F]{2}", word)} <= set(WORDS)


def collect(value, fields, words):
    for name, member in value.items():
        fields.add(name)
        members = member if isinstance(member, list) else [member]
        words |= {each for each in members if isinstance(each, str) and name in IN_WORDS}
        if name != "condition":
            for each in members:
                if isinstance(each, dict):
                    collect(each, fields, words)


def test_every_chinese_text_has_the_fields_of_its_english_key():
    wrong = {key: text for key, text in TEXTS.items() if fields_of(key) != fields_of(text)}
    assert wrong == {}


def entries_of(path: Path) -> list[tuple[str, str]]:
    """Every text of a catalogue with its Chinese, as its file has them, twice where it is twice."""
    tables = [
        each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Dict)
    ]
    return [
        (key.value, value.value)
        for table in tables
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
    ]


def test_a_text_is_translated_once_and_alike_in_all_catalogues():
    """The catalogues become one: of two translations one would never be seen."""
    seen: dict[str, set[str]] = {}
    for path in sorted((ROOT / "agent/i18n").glob("zh*.py")):
        for key, text in entries_of(path):
            seen.setdefault(key, set()).add(text)
    assert set(seen) == set(TEXTS)
    assert {key: texts for key, texts in seen.items() if len(texts) > 1} == {}


@pytest.mark.parametrize(
    ("option", "env", "expected"),
    [
        pytest.param("zh", {"SIMWARD_LANG": "en"}, "zh", id="the option wins"),
        pytest.param(None, {"SIMWARD_LANG": "zh", "LANG": "en_GB.UTF-8"}, "zh", id="variable"),
        pytest.param(None, {"LANG": "zh_CN.UTF-8"}, "zh", id="Chinese locale"),
        pytest.param(None, {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en", id="LC_ALL over LANG"),
        pytest.param(
            None, {"LC_MESSAGES": "zh_TW", "LANG": "de"}, "zh", id="LC_MESSAGES over LANG"
        ),
        pytest.param(None, {"LANG": "de_DE"}, "en", id="another locale"),
        pytest.param(None, {}, "en", id="nothing set"),
        pytest.param(None, {"SIMWARD_LANG": "fr", "LANG": "zh_CN"}, "zh", id="unknown variable"),
    ],
)
def test_language_is_chosen_by_option_then_variable_then_locale(option, env, expected):
    assert choose_language(option, env) == expected


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("timeout 5 s", "5 秒内无应答"),
        ("timeout 0.5 s", "0.5 秒内无应答"),
        ("modem answered 99", "模块返回 99"),
        ("not supported by this modem", "该模块不支持"),
        ("+CME ERROR: 10", "+CME ERROR: 10"),
        ("COMMAND NOT SUPPORT", "COMMAND NOT SUPPORT"),
    ],
)
def test_reasons_are_said_in_chinese_and_the_modems_own_words_stay(reason, expected):
    assert reason_text(reason) == expected


def test_english_is_its_own_key():
    assert t("no card") == "no card"
    assert reason_text("timeout 5 s") == "timeout 5 s"


# The contract's own words, which stand as they are.
LIKE_CANCELLED = "与已销户相符,请平台确认"
OF_THE_ACT = {*DEMO_TEXTS, *UNBIND_TEXTS, *UNBINDING_TEXTS, *PAPER_TEXTS, *VERIFICATION_TEXTS}


def test_chinese_sentences_have_chinese_punctuation():
    narrow = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")
    texts = [text.replace(LIKE_CANCELLED, "") for text in TEXTS.values()]
    assert [text for text in texts if narrow.search(text)] == []


def test_no_text_says_that_a_card_is_cancelled():
    english = "consistent with cancelled; confirm on the platform"
    assert TEXTS[english] == LIKE_CANCELLED
    for key, text in TEXTS.items():
        assert "cancelled" not in key.replace(english, "")
        # These speak of the act; of a card that it is done with nobody speaks.
        banned = "已销户|已注销|永久失效" if key in OF_THE_ACT else "销户|注销|永久失效"
        assert not re.findall(banned, text.replace(LIKE_CANCELLED, ""))
