"""`simward ports`, and the port that is taken where none is named, on simulated machines."""

import contextlib
import json
import os
import pty
import subprocess
import threading
import tty
from dataclasses import replace

import pytest

from agent.cli.port_choice import discover
from agent.cli.ports import describe, survey
from agent.cli.ports_text import render
from agent.cli.table import width
from agent.errors import ModemUnreachable
from agent.i18n import set_language
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_pty
from modem.transport.discovery import ports
from sim.errors import ReaderUnavailable
from sim.transport.pcsc import NO_SERVICE, ReaderState
from tests.device_trees import (
    A7670,
    ARDUINO,
    BG96,
    EC25,
    EC200,
    FM350,
    FTDI,
    L850,
    SIM7600,
    Machine,
)
from tests.system.programs import simward_command

BAUD = 115200


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    return Machine(tmp_path)


@contextlib.contextmanager
def simulated(model="quectel_ec25"):
    with serve_pty(SimulatedModem.load(model, "usim_test")) as port:
        yield port


@contextlib.contextmanager
def answering(says: bytes):
    """A terminal whose other end says `says` to the first bytes that come."""
    master, client = pty.openpty()
    tty.setraw(client)

    def serve():
        with contextlib.suppress(OSError):  # the terminal is gone
            os.read(master, 100)
            os.write(master, says)
            while os.read(master, 100):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield os.ttyname(client)
    finally:
        os.close(client)
        thread.join(10)
        os.close(master)


def no_readers() -> tuple[ReaderState, ...]:
    raise ReaderUnavailable(NO_SERVICE)


def by_name(document) -> dict[str, dict]:
    return {port["port"].rpartition("/")[2]: port for port in document["ports"]}


def nulls(value, path=""):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from nulls(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from nulls(each, f"{path}.{at}")
    elif value is None:
        yield path


# The list


def test_the_document_says_all_of_a_modem_and_its_ports(machine):
    machine.process(812, "ModemManager", {"9": f"{machine.roots.dev}/ttyUSB2"})
    machine.plug(EC25.at_place("1-1.2", 0))
    machine.plug(ARDUINO)
    document = survey(machine.roots, readers=no_readers)
    assert document["schema"] == "simward/ports/1"
    (modem,) = document["modems"]
    dev = machine.roots.dev
    assert modem == {
        "modem": "usb-1-1.2",
        "usb_id": "2c7c:0125",
        "manufacturer": "Quectel",
        "product": "EC25-EUX",
        "serial": None,
        "profile": "quectel_ec2x",
        "port": f"{dev}/ttyUSB3",
        "role": "at2",
        "held_by": [],
        "ready_s": None,
        "modemmanager": False,
        "ports": [f"{dev}/ttyUSB{n}" for n in range(4)],
    }
    held = by_name(document)["ttyUSB2"]
    assert held["held_by"] == [{"program": "ModemManager", "pid": 812, "how": "open"}]
    assert held["openable"] is False
    assert held["by_path"] == f"{dev}/serial/by-path/pci-0000:00:14.0-usb-0:1.2:1.2-port0"
    assert (held["usb_id"], held["interface"], held["driver"]) == ("2c7c:0125", "02", "option")
    assert held["role"] == "at"
    assert "77-mm-quectel-port-types.rules" in held["role_source"]
    assert by_name(document)["ttyACM7"]["modem"] is None
    assert document["chosen"] == {
        "port": f"{dev}/ttyUSB3",
        "modem": "usb-1-1.2",
        "why": "the modem's first AT port is held by another program",
    }
    assert document["readers"] == []


@pytest.mark.parametrize(
    "devices",
    [[], [ARDUINO, FTDI], [FM350], [EC25.at_place("1-2", 0), L850], [EC200]],
    ids=["nothing", "no modem", "not documented", "two", "by driver"],
)
def test_each_null_has_its_reason(machine, devices):
    for device in devices:
        machine.plug(device)
    machine.uart("ttyS0", number="4:64", console="Y")
    machine.wwan({"wwan0at0": "AT"})
    document = survey(machine.roots, readers=no_readers)
    missing = {path for path in nulls(document) if not path.endswith(".pid")}
    assert missing == {path for path in document["absent"] if path in missing}
    json.dumps(document)


def test_holders_that_this_user_may_not_see_are_not_denied(machine):
    machine.process(812, "pppd", {"9": f"{machine.roots.dev}/ttyUSB3"})
    machine.plug(EC25)
    unseen = [port._replace(unseen=3) for port in ports(machine.roots)]
    document = describe(unseen, {}, no_readers)
    found = by_name(document)
    assert found["ttyUSB2"]["held_by"] is None
    assert found["ttyUSB3"]["held_by"] == [{"program": "pppd", "pid": 812, "how": "open"}]
    why = "only root can see other users' programs"
    assert document["absent"]["ports.2.held_by"] == why
    assert document["absent"]["modems.0.held_by"] == why


def test_a_device_that_needs_time_says_so(machine):
    machine.plug(replace(L850, usb_id="1546:1146"))
    (modem,) = survey(machine.roots, readers=no_readers)["modems"]
    assert modem["ready_s"] == 20


def test_a_port_whose_device_file_is_missing_says_so(machine):
    machine.plug(EC25)
    (machine.folder / "dev/ttyUSB2").unlink()
    document = survey(machine.roots, readers=no_readers)
    port = by_name(document)["ttyUSB2"]
    assert port["openable"] is False
    assert document["absent"]["ports.2.openable"] == "no such port"


def test_without_probe_nothing_is_written_to_any_port(machine):
    device = SimulatedModem.load("quectel_ec25")
    with serve_pty(device) as line:
        machine.plug(EC200, {"ttyUSB1": line.path})
        document = survey(machine.roots, readers=no_readers)
    assert by_name(document)["ttyUSB1"]["answer"] is None
    assert document["chosen"] is None
    assert device.log == []


def test_probe_asks_what_is_free_and_may_be_asked(machine):
    with (
        simulated() as line,
        answering(b"\x7e\x13\x00\x7e") as diag,
        answering(b"$GPRMC,,V,,,,,,,,,,N*53\r\n") as gps,
    ):
        machine.plug(EC200, {"ttyUSB0": diag, "ttyUSB1": line.path, "ttyUSB2": gps})
        machine.plug(A7670.at_place("1-2", 5))  # files, no terminals
        document = survey(machine.roots, baudrate=BAUD, readers=no_readers)
    found = by_name(document)
    assert found["ttyUSB0"]["answer"] == "binary"
    assert found["ttyUSB1"]["answer"] == "answers AT"
    assert (found["ttyUSB1"]["role"], found["ttyUSB1"]["role_source"]) == ("at", "asked")
    assert found["ttyUSB2"]["answer"] == "NMEA"
    assert found["ttyUSB5"]["openable"] is True  # it is for something else: not opened
    assert document["absent"]["ports.3.answer"] == "not asked"
    assert found["ttyUSB6"]["openable"] is False
    assert document["absent"]["ports.4.answer"] == "not a serial port"
    assert document["chosen"]["port"].endswith("ttyUSB1")
    assert document["chosen"]["why"] == "the port answers AT"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("modem", [EC25, SIM7600, L850, FM350], ids=lambda modem: modem.product)
def test_the_text_fits_a_terminal_in_both_languages(machine, lang, modem):
    machine.process(812, "ModemManager", {"9": f"{machine.roots.dev}/{modem.at or 'ttyUSB1'}"})
    machine.plug(modem)
    machine.plug(ARDUINO)
    document = json.dumps(survey(machine.roots, readers=no_readers)).replace(
        machine.roots.dev, "/dev"
    )
    set_language(lang)
    try:
        text = render(json.loads(document), limit=80)
    finally:
        set_language("en")
    for words in ("ModemManager", "812", modem.usb_id, "/dev/ttyACM7"):
        assert words in text
    # A name for copying is not broken.
    assert [x for x in text.splitlines() if width(x) > 80 and "/dev/serial/by-id" not in x] == []
    assert any("\u4e00" <= char <= "\u9fff" for char in text) == (lang == "zh")


# Taking one


def test_the_only_modem_is_taken_without_a_word(machine, capsys):
    machine.plug(EC25)
    choice = discover(BAUD, roots=machine.roots)
    assert [port.seen.name for port in choice.ports] == ["ttyUSB2", "ttyUSB3"]
    assert capsys.readouterr() == ("", "")


def test_of_several_modems_it_says_which_and_why(machine, capsys):
    machine.plug(EC25.at_place("1-2", 0))
    machine.plug(BG96.at_place("1-10", 4))
    choice = discover(BAUD, roots=machine.roots)
    assert choice.ports[0].seen.name == "ttyUSB2"
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    for words in ("ttyUSB2", "usb-1-2 (2c7c:0125", "other modems: usb-1-10 (2c7c:0296"):
        assert words in err


def test_a_port_found_by_asking_is_said(machine, capsys):
    with simulated() as line, answering(b"login: ") as other:
        machine.plug(EC200, {"ttyUSB0": other, "ttyUSB1": line.path})
        choice = discover(BAUD, roots=machine.roots)
    assert choice.ports[0].seen.name == "ttyUSB1"
    assert "the port answers AT" in capsys.readouterr().err


def test_what_modemmanager_holds_can_be_had_where_it_shall_be_taken(machine):
    machine.process(812, "ModemManager", {"9": f"{machine.roots.dev}/ttyUSB2"})
    machine.plug(EC25)
    assert discover(BAUD, roots=machine.roots).ports[0].seen.name == "ttyUSB3"
    taking = discover(BAUD, inhibits=True, roots=machine.roots)
    assert taking.ports[0].seen.name == "ttyUSB2"


@pytest.mark.parametrize(
    ("devices", "words"),
    [
        ([], ["no serial port", "/sys/class/tty", "/sys/class/wwan", "--port"]),
        ([ARDUINO, FTDI], ["ttyACM7, ", "ttyUSB9", "no modem's port", "--port"]),
        ([FM350], ["usb-1-1 (0e8d:7127", "ttyUSB0 (not a serial port)", "--port"]),
    ],
    ids=["nothing", "no modem", "no port answers"],
)
def test_no_modem_is_one_line_that_names_what_was_looked_at(machine, devices, words):
    for device in devices:
        machine.plug(device)
    with pytest.raises(ModemUnreachable) as caught:
        discover(BAUD, roots=machine.roots)
    assert caught.value.exit_code == 3
    assert [word for word in words if word not in str(caught.value)] == []


def test_readers_are_listed_with_their_cards(machine):
    two = (ReaderState("ACME 00", "present", b"\x3b\x00"), ReaderState("ACME 01", "absent", None))
    document = survey(machine.roots, readers=lambda: two)
    assert document["readers"] == [
        {"name": "ACME 00", "card": "present", "atr": "3B00"},
        {"name": "ACME 01", "card": "absent", "atr": None},
    ]
    assert document["absent"]["readers.1.atr"] == "no card"
    text = render(document).splitlines()
    assert text[-2:] == ["  ACME 00  card present, 3B00", "  ACME 01  no card"]
    nothing = survey(machine.roots, readers=no_readers)
    assert (nothing["readers"], nothing["absent"]["readers"]) == ([], NO_SERVICE)
    assert render(nothing).endswith(NO_SERVICE)
    assert render(survey(machine.roots, readers=tuple)).endswith("no card reader is connected")


def test_ports_of_this_machine_are_one_document_and_exit_0():
    # In a process of its own: libpcsclite chooses its service once in the life of a process.
    ran = [
        subprocess.run(simward_command(*arguments), capture_output=True, text=True, check=True)
        for arguments in (("ports", "--json"), ("ports",))
    ]
    assert json.loads(ran[0].stdout)["schema"] == "simward/ports/1"
    assert "Card readers" in ran[1].stdout
