import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modem.errors import AtProtocolError
from modem.urcs import parse_urc
from tests.unit.command_vectors import VECTORS

FIELD = st.one_of(
    st.sampled_from(["", '""', "0", "1", "99", "255", "-1", "FFFF", '"IP"', '"LTE"', "-", " "]),
    st.text(alphabet='0123456789ABCDEFabcdef,"-.:() ', max_size=24),
    st.text(max_size=8),
)
BODY = st.lists(FIELD, max_size=16).map(",".join)
SEPARATOR = st.sampled_from([": ", ":", "=", " : ", "：", "", ","])
COMMANDS = list({type(command): command for command, _, _ in VECTORS}.values())
NAMES = st.sampled_from(
    ["+CREG", "+CGREG", "+CEREG", "+C5GREG", "+CGEV", "^REJINFO", "^DSFLOWRPT", "#QSS", "%CESQ"]
)


def mutated(lines):
    """Lines of the vector, cut, doubled and filled with other fields."""
    line = st.sampled_from(lines or ["+X: 1"])
    cut = st.tuples(line, st.integers(0, 60)).map(lambda pair: pair[0][: pair[1]])
    return st.tuples(st.one_of(line, cut), BODY).map("".join)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__qualname__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_lines_are_a_value_or_a_protocol_error(command, data):
    own = [line for c, lines, _ in VECTORS if type(c) is type(command) for line in lines]
    prefix = st.sampled_from(getattr(command, "prefixes", ()) or ("",))
    line = st.one_of(BODY, mutated(own), st.tuples(prefix, SEPARATOR, BODY).map("".join))
    lines = tuple(text for text in data.draw(st.lists(line, max_size=4)) if command.owns(text))
    with contextlib.suppress(AtProtocolError):
        command.parse(lines)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), st.tuples(NAMES, SEPARATOR, BODY).map("".join)))
def test_any_unsolicited_line_is_an_event_or_none(line):
    parse_urc(line)
