"""Nothing but the one builder of each can make a command that costs tries or changes a card."""

import ast
import functools
import tomllib
from pathlib import Path

import pytest

import modem.commands.pin as pin_commands
from modem.at.channel import Channel
from modem.at.command import Command
from modem.at.orders import check_ordered
from modem.card_access import CrsmTransport, CsimTransport, LogicalChannelTransport
from modem.commands.base import SettingCommand
from modem.errors import AtUsageError
from sim import instructions, pin
from sim.apdu import CommandApdu
from sim.errors import ApduProtocolError
from sim.instructions import PIN_INSTRUCTIONS, READING, WRITING, OrderedApdu, check_may_be_sent
from sim.transport.memory import MemoryTransport
from sim.transport.trace import RecordingTransport
from tests.unit.service_helpers import ScriptedModem

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for package in ("agent", "modem", "sim", "cloud_bridge")
    for path in (ROOT / package).rglob("*.py")
    if "simulator" not in path.parts
)
NEVER = {
    0x88: "AUTHENTICATE", 0x89: "AUTHENTICATE", 0xE8: "TERMINATE DF", 0xE6: "TERMINATE EF",
    0xFE: "TERMINATE CARD USAGE", 0x04: "DEACTIVATE", 0x44: "ACTIVATE", 0xE4: "DELETE",
    0xE0: "CREATE", 0xD4: "RESIZE", 0x32: "INCREASE", 0x0E: "ERASE BINARY", 0x0C: "ERASE RECORD",
    0xDA: "PUT DATA", 0xCB: "GET DATA", 0xDB: "SET DATA", 0x10: "TERMINAL PROFILE",
    0xC2: "ENVELOPE", 0x12: "FETCH", 0x14: "TERMINAL RESPONSE", 0xD8: "PUT KEY",
    0xF0: "SET STATUS", 0x82: "EXTERNAL AUTHENTICATE",
}  # fmt: skip
OTHERS = frozenset(range(256)) - READING


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@functools.cache
def trees():
    return [(name_of(path), ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]


def imports_of(tree):
    """(module, name) of every `from module import name`."""
    return {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


# A card's own commands


def test_what_is_not_in_the_code_has_no_builder():
    built = PIN_INSTRUCTIONS | WRITING
    assert built.isdisjoint(NEVER)
    assert READING.isdisjoint(NEVER)
    assert set().union(*instructions._BUILDERS.values()) == built


@pytest.mark.parametrize("ins", sorted(OTHERS))
def test_nothing_but_reading_can_be_written_down_or_sent(ins):
    command = bytes((0x00, ins, 0x00, 0x01, 0x08)) + b"1234\xff\xff\xff\xff"
    with pytest.raises(ApduProtocolError):
        CommandApdu(0x00, ins, 0x00, 0x01, command[5:])
    modem = ScriptedModem({'AT+CCHO="A0000000871002"': ["1"]})
    reached = []
    transports = (
        MemoryTransport(lambda each: reached.append(each) or b"\x90\x00"),
        CsimTransport(modem),
        CrsmTransport(modem),
        LogicalChannelTransport(modem),
    )
    for transport in transports:
        for sent in (command, command[:5], command[:4]):
            with pytest.raises(ApduProtocolError):
                RecordingTransport(transport, lambda _: None).transmit(sent)
    assert reached == []
    assert [text for text in modem.sent if "CCHO" not in text] == []


def test_every_transport_has_the_guard_at_its_door():
    """Each module with a `transmit` guards it, passes the order on as it is, or only plays."""
    passes_on = {"sim.transport.trace", "sim.transport.base"}
    for module, tree in trees():
        methods = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name == "transmit"
        ]
        if not methods or module in passes_on:
            continue
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        # The ways through a modem are guarded where the AT command is made.
        guards = {"check_may_be_sent", "TransmitApdu", "TransmitOnChannel"}
        assert called & guards, module


def test_a_readers_library_is_known_to_one_module():
    knows = {
        module
        for module, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("smartcard"))
        or (
            isinstance(node, ast.Import) and any(a.name.startswith("smartcard") for a in node.names)
        )
    }
    assert knows == {"sim.transport.pcsc"}


def test_another_module_can_have_no_builder():
    with pytest.raises(TypeError, match="may build no such command"):
        type("Mine", (OrderedApdu,), {"__module__": "agent.card"})
    with pytest.raises(ApduProtocolError):
        OrderedApdu(0x00, 0x20, 0x00, 0x01, b"1234\xff\xff\xff\xff")
    with pytest.raises(ApduProtocolError):
        pin._PinApdu(0x00, 0x88, 0x00, 0x81)


def test_a_copy_of_an_order_is_none():
    apdu = pin._apdu(0x20, 0x00)
    check_may_be_sent(apdu)
    for copied in (bytes(apdu), apdu[:], apdu + b""):
        if type(copied) is bytes:
            with pytest.raises(ApduProtocolError):
                check_may_be_sent(copied)


def test_no_other_module_takes_a_builder_or_its_parts():
    for module, tree in trees():
        taken = imports_of(tree)
        names = {name for source, name in taken if source == "sim.instructions"}
        owner = {"OrderedApdu", "VERIFY", "CHANGE_PIN", "DISABLE_PIN", "ENABLE_PIN", "UNBLOCK_PIN"}
        if module not in {
            *instructions._BUILDERS,
            "modem.card_access",
            "modem.commands.sim_access",
        }:
            assert not names & owner, module
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if module != "sim.pin":
            assert ("sim.pin", "_apdu") not in taken, module
            assert ("sim.pin", "_PinApdu") not in taken, module
            assert not attributes & {"_PinApdu"}, module


def test_the_digits_of_a_pin_are_taken_out_by_the_two_builders_alone():
    takers = {
        module
        for module, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "spelled"
    }
    assert takers == {"sim.pin", "modem.commands.pin"}


def test_no_code_unblocks():
    with pytest.raises(AssertionError):
        pin._apdu(0x2C, 0x00, b"12345678" + b"1234\xff\xff\xff\xff")
    assert 0x2C not in pin._INSTRUCTIONS.values()


# A modem's commands

SHOWS_A_PIN = [
    'AT+CPIN="1234"',
    "at+cpin=1234",
    'AT+CPIN="12345678","1234"',
    'AT+CPIN2="1234"',
    'AT+CLCK="SC",1,"1234"',
    'AT+CLCK="SC",0,"1234"',
    'AT+CLCK="PN",0,"12345678"',
    'AT+CPWD="SC","1234","4321"',
    'AT^CPIN="1234"',
    'AT*CPIN="1234"',
    'AT+CMEE=1;+CPIN="1234"',
    'AT+CPIN ="1234"',
]
DELETES = [
    "AT+CMGD=1",
    "AT+CMGD=1,4",
    "AT+CMGW=12",
    "AT+CPBW=1",
    'AT+CPBW=1,"1",129,"x"',
    "AT^SPBW=1",
    'AT^SPBD="MC"',
]
HARMLESS = [
    "AT+CPIN?",
    "AT+CPIN=?",
    'AT+CLCK="SC",2',
    "AT+CLCK=SC, 2",
    'AT+CPINR="SIM PIN"',
    "AT+CPINR",
    "AT+CMGD=?",
    "AT+CPBW=?",
    "AT+CMGR=1",
]


class _Anyone(SettingCommand):
    def __init__(self, text):
        self.text = text


@pytest.mark.parametrize("text", SHOWS_A_PIN + DELETES)
def test_a_line_that_costs_something_is_sent_for_its_own_module_alone(text):
    channel = Channel()
    with pytest.raises(AtUsageError) as caught:
        channel.send(_Anyone(text))
    assert "1234" not in str(caught.value)
    with pytest.raises(AtUsageError):
        Channel().abandon(text)
    assert not channel.busy


@pytest.mark.parametrize("text", HARMLESS)
def test_asking_is_free(text):
    assert Channel().send(_Anyone(text))
    check_ordered(text, "anybody")


def test_nothing_else_in_the_code_or_the_profiles_spells_such_a_line():
    own = {name_of(Path(pin_commands.__file__))}
    texts = [(module, text) for module, tree in trees() for text in _texts(tree)]
    for path in (ROOT / "modem" / "vendors").glob("*.toml"):
        texts += [(path.name, text) for text in _strings(tomllib.loads(path.read_text("utf-8")))]
    found = set()
    for module, text in texts:
        try:
            check_ordered(text if text.startswith("AT") else f"AT{text}", "")
        except AtUsageError:
            found.add(module)
    # Patterns of what is not to be recorded; words that evidence repeats, which nobody sends.
    sends_none = {"modem.recording.walk", "cloud_bridge.qr_dictionary"}
    assert found - sends_none <= own | {"modem.commands.changing"}
    assert own <= found


def test_no_command_class_outside_its_module_inherits_from_a_builder():
    def below(kind):
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    for each in below(Command):
        if any(base.__module__ == pin_commands.__name__ for base in each.__mro__[1:]):
            assert each.__module__ == pin_commands.__name__


def _texts(tree):
    """Every text of a module but its docstrings; `SC` stands for what is put in at run time."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(p.value if isinstance(p, ast.Constant) else "SC" for p in node.values)
        else:
            yield from _texts(node)


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
