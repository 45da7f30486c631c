"""How checks are run and told: deadlines, what cannot be read, the document, the text."""

import json
import threading
from pathlib import Path

import pytest

from agent.cli.doctor_text import render
from agent.cli.table import width
from agent.doctor.document import document, exit_code
from agent.doctor.examine import Check, Result, examine
from agent.doctor.finding import (
    FAIL,
    NOT_APPLICABLE,
    OK,
    UNKNOWN,
    WARN,
    Seen,
    Unreadable,
    failure,
    fine,
    not_applicable,
    unknown,
    warning,
    worst,
)
from agent.doctor.surroundings import Surroundings, run_program
from agent.doctor.table import CHECKS, GROUPS
from agent.i18n import language, set_language
from agent.i18n.said import say
from tests.unit.doctor_helpers import House, said


@pytest.fixture
def house(tmp_path) -> House:
    return House(tmp_path)


def check(name, look, deadline_s=60.0):
    return Check(name, "system", "load", look, deadline_s)


def test_a_check_that_never_returns_is_unknown_and_the_others_go_on(house):
    freed = threading.Event()

    def stuck(_s):
        freed.wait()
        return fine(say("running"))

    checks = (check("stuck", stuck, 0.05), check("quick", lambda _s: fine(say("running"))))
    try:
        results = examine(house.seen(), checks)
    finally:
        freed.set()
    assert [said(each.finding) for each in results] == [
        (UNKNOWN, "no answer in 0.05 s"),
        (OK, "running"),
    ]


def test_a_check_that_breaks_is_unknown_and_says_by_what(house):
    def broken(_s):
        raise KeyError("x")

    (result,) = examine(house.seen(), (check("broken", broken),))
    assert said(result.finding) == (UNKNOWN, "a fault of simward's own: KeyError: 'x'")


def test_what_cannot_be_read_is_unknown_and_says_as_whom_it_was_tried(house):
    house.make("/proc/meminfo")  # a folder cannot be read by anybody, root included
    memory = next(each for each in CHECKS if each.id == "memory")
    (result,) = examine(house.seen(), (memory,))
    path = house.folder / "proc/meminfo"
    words = f"{path} cannot be read as root: Is a directory"
    assert said(result.finding) == (UNKNOWN, words)


def test_a_folder_that_cannot_be_listed_is_unknown_too(house):
    (house.make("/sys/class") / "rtc").symlink_to("rtc")  # a link to itself leads nowhere
    rtc = next(each for each in CHECKS if each.id == "rtc")
    (result,) = examine(house.seen(), (rtc,))
    assert result.finding.state == UNKNOWN
    assert "symbolic links" in result.finding.said.in_words()


def test_what_several_checks_need_is_found_out_once(house):
    asked = []

    def look(s: Surroundings):
        s.once("fact", lambda: asked.append(1))
        return fine(say("running"))

    examine(house.seen(), [check(str(number), look) for number in range(8)])
    assert asked == [1]


def test_an_error_of_a_shared_fact_reaches_everybody_who_asks(house):
    s = house.seen()

    def broken():
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            s.once("fact", broken)


def test_a_program_that_is_not_there_is_none():
    assert run_program("simward-no-such-program") is None


def test_programs_answer_in_english_whatever_the_locale():
    ran = run_program("sh", "-c", "echo $LC_ALL; exit 3")
    assert ran is not None
    assert (ran.code, ran.out) == (3, "C")


def test_a_program_that_does_not_end_is_unknown():
    with pytest.raises(Unreadable) as caught:
        run_program("tail", "-f", "/dev/null", patience_s=0.05)
    assert caught.value.said.in_words() == "tail does not answer"


def test_the_worst_finding_counts_and_all_evidence_stays():
    seen = [Seen(name, "1") for name in "abc"]
    found = worst(
        (
            fine(say("running"), seen[0]),
            failure(say("the unit has failed"), say("start the daemon"), seen[1]),
            warning(say("only {size} free", size="1 MiB"), say("start the daemon"), seen[2]),
        )
    )
    assert said(found) == (FAIL, "the unit has failed")
    assert found.seen == tuple(seen)


RESULTS = [
    Result(check("a", None), fine(say("running"), Seen("/proc/a", "1\x1b[2J"))),
    Result(check("b", None), failure(say("the unit has failed"), say("start the daemon"))),
    Result(check("c", None), unknown(say("no answer in {seconds} s", seconds=5))),
    Result(check("d", None), not_applicable(say("journald does not run"))),
    Result(check("e", None), warning(say("only {size} free", size="1 MiB"), say("cool it"))),
]


def test_the_text_has_the_worst_first_with_what_to_do():
    set_language("en")
    assert render(RESULTS, evidence=False).splitlines() == [
        "To be put right (1)",
        "  load  the unit has failed",
        "        do: start the daemon",
        "",
        "To be looked at (1)",
        "  load  only 1 MiB free",
        "        do: cool it",
        "",
        "Not known (1)",
        "  load  no answer in 5 s",
        "",
        "In order (1)",
        "  load  running",
        "",
        "Nothing to check (1)",
        "  load",
    ]


def test_evidence_moves_no_cursor():
    text = render(RESULTS, evidence=True)
    assert "/proc/a: 1\N{REPLACEMENT CHARACTER}[2J" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("limit", [80, 60, 40])
def test_no_line_is_wider_than_the_screen(lang, limit, house):
    set_language(lang)
    try:
        text = render(examine(house.seen(), CHECKS), evidence=False, limit=limit)
    finally:
        set_language("en")
    wide = [line for line in text.splitlines() if width(line) > limit]
    # A file's name, or a time, is never broken: people copy it.
    assert [line for line in wide if len(line.split()) > 1 or not line.isascii()] == []


def test_the_document_says_everything_in_both_languages(house):
    found = document(house.seen(), RESULTS)
    assert (found["schema"], found["state"]) == ("simward/doctor/1", FAIL)
    assert found["counts"] == {FAIL: 1, WARN: 1, UNKNOWN: 1, OK: 1, NOT_APPLICABLE: 1}
    assert found["checks"][1] == {
        "id": "b",
        "group": "system",
        "title": {"zh": "负载", "en": "load"},
        "state": FAIL,
        "found": {"zh": "服务启动失败", "en": "the unit has failed"},
        "evidence": [],
        "do": {"zh": "启动守护进程", "en": "start the daemon"},
    }
    assert found["checks"][0]["do"] is None
    assert language() == "en"
    json.dumps(found)


def test_only_what_must_be_put_right_is_a_no():
    assert exit_code(RESULTS) == 1
    assert exit_code([each for each in RESULTS if each.finding.state != FAIL]) == 0


def test_every_check_has_its_own_id_and_a_known_group():
    ids = [each.id for each in CHECKS]
    assert len(set(ids)) == len(ids)
    assert {each.group for each in CHECKS} == set(GROUPS)


def test_an_empty_machine_fails_nothing_by_accident(house):
    """No tree at all: every check says something, and none breaks."""
    results = examine(house.seen(), CHECKS)
    broken = [r.check.id for r in results if "fault of simward" in r.finding.said.in_words()]
    assert broken == []
    for result in results:
        assert (result.finding.do is not None) or result.finding.state not in {WARN, FAIL}


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in sorted(folder.rglob("*"))
    }


def test_no_check_changes_anything(house):
    from agent.store import Store

    house.state.mkdir(mode=0o750)
    Store(house.state, boot=1).close()
    before = contents(house.folder)
    examine(house.seen({"reader": {"name": "X"}}), CHECKS)
    assert contents(house.folder) == before
    assert [each.name for each in house.state.iterdir()] == ["simward.db"]
