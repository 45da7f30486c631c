import pytest

from modem.simulator.dialogue import Answer, Dialogue, DialoguePlayer, interject
from modem.simulator.dialogue_text import dialogue_text, lines_of
from modem.simulator.fixture import FixtureError

HEAD = "model: M\nprovenance: synthetic\nsource: own\n"


def played(text: str, *commands: bytes, **options) -> bytes:
    player = DialoguePlayer(Dialogue.parse(HEAD + text, "x.dialogue"), **options)
    for command in commands:
        player.receive(command, 0.0)
    return player.poll(0.0)


def test_lines_are_played_with_their_blank_lines_as_written() -> None:
    assert played("> AT+CSQ\n< +CSQ: 20,99\n<\n< OK\n", b"AT+CSQ\r") == (
        b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
    )


def test_echo_is_what_the_client_typed() -> None:
    out = played("> AT+CSQ\n< OK\n", b"at", b"+csq\r\n", echo=True)
    assert out == b"at+csq\r\r\nOK\r\n"


def test_raw_bytes_are_played_exactly() -> None:
    text = "> AT+CBC\n<raw AT+CBC\\r\\r\\n+CBC: 0,100\\r\\n\\r\\nOK\\r\\n\n"
    recorded = b"AT+CBC\r\r\n+CBC: 0,100\r\n\r\nOK\r\n"
    assert played(text, b"AT+CBC\r", echo=True) == recorded
    assert played(text, b"AT+CBC\r", echo=False) == b"\r\n+CBC: 0,100\r\n\r\nOK\r\n"


def test_a_command_written_twice_is_answered_in_that_order_and_then_by_the_last() -> None:
    text = "> AT+CPIN?\n< ERROR\n> AT+CPIN?\n< OK\n"
    assert played(text, b"AT+CPIN?\r" * 3) == b"\r\nERROR\r\n\r\nOK\r\n\r\nOK\r\n"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("", b"\r\nERROR\r\n", id="ERROR unless said otherwise"),
        pytest.param("unknown: COMMAND NOT SUPPORT\n", b"\r\nCOMMAND NOT SUPPORT\r\n", id="final"),
        pytest.param("unknown: never\n", b"", id="silence"),
    ],
)
def test_a_command_that_is_not_in_the_dialogue_is_answered_as_the_header_says(
    header, expected
) -> None:
    assert played(header + "> AT+CGMI\n< OK\n", b"AT+QCCID\r") == expected


def test_commands_compare_without_case_outside_quotes_only() -> None:
    text = '> AT+CLCK="SC",2\n< OK\n'
    assert played(text, b'at+clck="SC",2\r') == b"\r\nOK\r\n"
    assert played(text, b'AT+CLCK="sc",2\r') == b"\r\nERROR\r\n"


def test_a_silent_command_gives_nothing_and_the_next_is_answered() -> None:
    text = "> AT+CCID\n<never\n> AT+CSQ\n< OK\n"
    assert played(text, b"AT+CCID\rAT+CSQ\r") == b"\r\nOK\r\n"


def test_a_slow_command_holds_up_the_next_one() -> None:
    text = "> AT+COPS=?\n<wait 2.5\n< OK\n> AT+CGMI\n< Maker\n"
    player = DialoguePlayer(Dialogue.parse(HEAD + text, "x"))
    player.receive(b"AT+COPS=?\r", 10.0)
    player.receive(b"AT+CGMI\r", 11.0)
    assert player.poll(12.4) == b""
    assert player.next_event_at() == 12.5
    assert player.poll(12.5) == b"\r\nOK\r\n\r\nMaker\r\n"


def test_boot_lines_come_by_themselves_and_again_after_a_reboot() -> None:
    player = DialoguePlayer(Dialogue.parse(HEAD + "! RDY\n> AT+CSQ\n< OK\n", "x"))
    assert player.poll(0.0) == b"\r\nRDY\r\n"
    player.reboot(5.0)
    assert player.poll(5.0) == b"\r\nRDY\r\n"


def test_ate_switches_the_echo() -> None:
    assert played("> AT+CSQ\n< OK\n", b"ATE0\rAT+CSQ\r", echo=True) == (
        b"ATE0\r\r\nOK\r\n\r\nOK\r\n"
    )


def test_what_was_asked_is_logged_with_its_time() -> None:
    player = DialoguePlayer.from_exchanges({"AT+CSQ": ["OK"]}, echo=False)
    player.receive(b"AT+CSQ\rAT+", 1.0)
    player.receive(b"CGMI\r", 2.0)
    assert player.log == [(1.0, "AT+CSQ"), (2.0, "AT+CGMI")]


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        pytest.param(0, b"\r\n^U\r\nA\r\n\r\nOK\r\n", id="first line"),
        pytest.param(1, b"\r\nA\r\n\r\n^U\r\nOK\r\n", id="second line"),
        pytest.param(9, b"\r\nA\r\n\r\nOK\r\n^U\r\n", id="beyond the last line"),
        pytest.param("before", b"\r\n^U\r\nA\r\n\r\nOK\r\n", id="before"),
        pytest.param("between", b"\r\nA\r\n\r\n^U\r\nOK\r\n", id="between"),
        pytest.param("after", b"\r\nA\r\n\r\nOK\r\n^U\r\n", id="after"),
        pytest.param(
            "everywhere", b"\r\n^U\r\nA\r\n\r\n^U\r\nOK\r\n^U\r\n", id="at every boundary"
        ),
    ],
)
def test_a_line_is_interjected_at_the_boundary_asked_for(position, expected) -> None:
    assert interject(b"\r\nA\r\n\r\nOK\r\n", b"^U\r\n", position) == expected


def test_exchanges_given_as_lines_make_a_player() -> None:
    player = DialoguePlayer.from_exchanges(
        {"AT+CSQ": ["+CSQ: 1,99", "", "OK"], "AT": ["ERROR"]},
        echo=True,
        raw={"AT+CSQ": "AT+CSQ\r\r\n+CSQ: 1,99\r\nOK\r\n"},
        interject=("^RSSI:14", "before"),
    )
    player.receive(b"AT+CSQ\r", 0.0)
    assert player.poll(0.0) == b"AT+CSQ\r\r\n\r\n^RSSI:14\r\n+CSQ: 1,99\r\nOK\r\n"
    player.receive(b"AT\r", 0.0)
    assert b"ERROR" in player.poll(0.0)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        pytest.param("model: M\nprovenance: synthetic\n> AT\n< OK", "source", "missing", id="head"),
        pytest.param(HEAD, "", "no command in it", id="empty"),
        pytest.param(HEAD + "speed: 9\n> AT\n", 4, "unknown key", id="header"),
        pytest.param(HEAD + "echo: loud\n> AT\n", 4, "echo must be on or off", id="echo"),
        pytest.param(HEAD + "< OK\n", 4, "an answer without a command", id="stray answer"),
        pytest.param(HEAD + "> +CSQ\n", 4, "a command begins with AT", id="no AT"),
        pytest.param(
            HEAD + "> AT\n<soon OK\n",
            5,
            "after < comes a space, raw, wait or never",
            id="directive",
        ),
        pytest.param(HEAD + "> AT\n<raw \\x4\n", 5, "wrong escape", id="escape"),
        pytest.param(HEAD + "> AT\n<wait long\n", 5, "must be a number of seconds", id="wait"),
        pytest.param(
            HEAD + "> AT\nOK\n", 5, "neither a header nor a line of a dialogue", id="stray line"
        ),
        pytest.param(
            HEAD.replace("synthetic", "dreamt") + "> AT\n< OK\n",
            "provenance",
            "must be recorded, manual or synthetic",
            id="provenance",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(text, place, reason) -> None:
    with pytest.raises(FixtureError) as caught:
        Dialogue.parse(text, "x.dialogue")
    assert (caught.value.file, caught.value.place, caught.value.reason) == (
        "x.dialogue",
        place,
        reason,
    )


def test_the_headers_are_kept() -> None:
    dialogue = Dialogue.parse(HEAD + "note: n\nline-end: cr\n> AT+CSQ\n< OK\n", "x")
    assert (dialogue.model, dialogue.source, dialogue.note) == ("M", "own", "n")
    assert dialogue.line_end == b"\r"
    assert dialogue.exchanges == {"AT+CSQ": (Answer(lines=("OK",)),)}


def test_without_its_waits_a_dialogue_is_answered_at_once() -> None:
    dialogue = Dialogue.parse(HEAD + "> AT+CSQ\n<wait 2.5\n< OK\n", "x")
    player = DialoguePlayer(dialogue.at_once())
    player.receive(b"AT+CSQ\r", 1.0)
    assert player.poll(1.0) == b"\r\nOK\r\n"


def test_what_lines_cannot_hold_is_written_byte_for_byte() -> None:
    answers = (
        Answer(raw=b"AT\r\xff\x00\\\t odd\r\n"),
        Answer(lines=(" a line with blanks ", "", "OK"), wait_s=1.25),
        Answer(never=True),
    )
    dialogue = Dialogue({"AT": answers}, "M", "synthetic", "own", unknown=None, line_end=b"\r")
    assert Dialogue.parse(dialogue_text(dialogue), "x") == dialogue


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"\r\n+CSQ: 1,2\r\n\r\nOK\r\n", ("+CSQ: 1,2", "", "OK")),
        (b"\r\n", ()),
        (b"+CSQ: 1,2\r\nOK\r\n", None),
        (b"\r\n+CSQ: 1,2\r\nOK", None),
        (b"\r\n\xe4\xbd\xa0\r\n", None),
        (b"\r\n+CSQ: 1,2\r\r\n", None),
        (b"", None),
    ],
)
def test_an_answer_becomes_lines_where_they_give_the_same_bytes(body, lines) -> None:
    assert lines_of(body) == lines


@pytest.mark.parametrize("cut", range(1, 7))
def test_an_echo_that_was_recorded_is_played_once_however_the_command_comes(cut) -> None:
    dialogue = Dialogue.parse(HEAD + "echo: on\n> AT+CSQ\n<raw AT+CSQ\\r\\nOK\\r\\n\n", "x")
    player = DialoguePlayer(dialogue)
    command = b"AT+CSQ\r"
    player.receive(command[:cut], 0.0)
    player.receive(command[cut:], 0.0)
    assert player.poll(0.0) == b"AT+CSQ\r\nOK\r\n"
