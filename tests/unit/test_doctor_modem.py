"""Checks of configuration, ports, ModemManager, udev rules and readers."""

from pathlib import Path

import pytest

from agent.doctor.checks import configuration as config_checks
from agent.doctor.checks import modem_ports, modemmanager, port_rights, readers, rules, usb_power
from agent.doctor.document import configuration
from agent.doctor.examine import Check, examine
from agent.doctor.finding import FAIL, NOT_APPLICABLE, OK, UNKNOWN, WARN
from agent.doctor.surroundings import Configured
from modem.errors import CoexistError
from modem.transport.coexist import NO_ANSWER, Managed
from modem.transport.discovery import Port
from modem.transport.sysfs import SerialPort
from sim.errors import ReaderUnavailable
from sim.transport.pcsc import NO_PYSCARD, NO_SERVICE, NOT_ALLOWED, ReaderState
from tests.device_trees import EC25, EM7455, Machine
from tests.unit.doctor_helpers import PI, House, said, systemd

RULES = Path(__file__).parents[2] / "packaging" / "udev" / "77-simward-roles.rules"
USB = "/sys/bus/usb/devices/1-1/power"


@pytest.fixture
def house(tmp_path) -> House:
    return House(tmp_path)


def look(function, surroundings):
    return examine(surroundings, (Check("x", "system", "load", function, 60.0),))[0].finding


def with_port(path, **more):
    return {"modem": [{"port": str(path), **more}]}


# Configuration


def judged(text, tmp_path, monkeypatch):
    for name in ("SIMWARD_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    file = tmp_path / "simward.toml"
    if text is not None:
        file.write_text(text)
    given = configuration(str(file) if text is not None else None)
    return look(config_checks.config, House(tmp_path / "m").seen(configured=given))


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        ('[[modem]]\nport = "/dev/ttyUSB2"\n', OK, "valid"),
        ("[broker]\nurl = 1\n", FAIL, "simward.toml:2: broker.url is not a text"),
        ("[broker\n", FAIL, "no valid TOML"),
        ("[device]\n", WARN, "no modem is configured"),
        (None, WARN, "there is no configuration"),
    ],
    ids=["valid", "wrong type", "no TOML", "no modem", "none"],
)
def test_the_configuration_is_valid_or_the_line_is_named(text, state, words, tmp_path, monkeypatch):
    if text is None and Path("/etc/simward/simward.toml").exists():
        pytest.skip("this machine has a configuration")
    finding = judged(text, tmp_path, monkeypatch)
    assert finding.state == state
    assert words in finding.said.in_words()


def test_a_key_that_does_nothing_yet_is_named(tmp_path, monkeypatch):
    text = '[[modem]]\nport = "/dev/ttyUSB2"\napn = "iot.example"\n'
    finding = judged(text, tmp_path, monkeypatch)
    assert finding.state in {OK, WARN}
    assert ("modem.apn" in finding.said.in_words()) == (finding.state == WARN)


def test_without_a_valid_configuration_what_needs_it_is_unknown(house):
    from agent.errors import ConfigError

    broken = Configured(given=True, file="x", settings=None, error=ConfigError("no command"))
    finding = look(modem_ports.configured_ports, house.seen(configured=broken))
    assert said(finding) == (UNKNOWN, "the configuration is not valid")


@pytest.mark.parametrize(("mode", "state"), [(0o600, OK), (0o640, OK), (0o644, FAIL)])
@pytest.mark.parametrize("key", ["key", "password_file"])
def test_a_secret_is_readable_by_owner_and_group_alone(house, key, mode, state):
    file = house.write("secret", "x")
    file.chmod(mode)
    assert look(config_checks.secrets, house.seen({"broker": {key: str(file)}})).state == state


def test_a_secret_that_is_not_there_is_named(house):
    finding = look(config_checks.secrets, house.seen({"broker": {"key": "/nonexistent/k"}}))
    assert said(finding) == (FAIL, "broker.key: there is no file /nonexistent/k")


@pytest.mark.parametrize(("mode", "state"), [(0o644, OK), (0o666, FAIL)])
def test_others_may_read_the_configuration_and_not_change_it(house, mode, state):
    file = house.write("simward.toml", "")
    file.chmod(mode)
    given = Configured(True, str(file), house.seen().settings, None)
    assert look(config_checks.secrets, house.seen(configured=given)).state == state


# Ports


def test_a_modem_that_is_found_would_be_taken(house):
    assert look(modem_ports.configured_ports, house.seen()).state == WARN
    house.machine.plug(EC25)
    finding = look(modem_ports.configured_ports, house.seen())
    port = house.folder / "dev/ttyUSB2"
    words = f"{port} would be taken: the modem's AT port by USB id and interface"
    assert said(finding) == (OK, words)


@pytest.mark.parametrize(
    ("port", "state", "words", "do"),
    [
        ("dev/serial/by-id/usb-Quectel_EC25-EUX-if02-port0", OK, "are there", None),
        ("dev/ttyUSB1", FAIL, "is not for AT commands (gps)", "if02-port0"),
        ("dev/ttyUSB7", FAIL, "is not there", "if02-port0"),
    ],
)
def test_the_configured_port_is_compared_with_what_is_there(house, port, state, words, do):
    house.machine.plug(EC25)
    config = with_port(house.folder / port)
    finding = look(modem_ports.configured_ports, house.seen(config))
    assert finding.state == state
    assert words in finding.said.in_words()
    assert (finding.do is None) == (do is None)
    if do is not None:
        assert do in finding.do.in_words()


def test_a_name_that_changes_is_worth_a_warning():
    port = "/dev/ttyUSB2"
    seen = SerialPort(port, "ttyUSB2", "/dev/serial/by-id/x", *[None] * 5, False, None, {})
    known = Port(seen, "at", "table", True, None, (), 0)
    finding = modem_ports._configured(port, known, None)
    assert said(finding) == (WARN, "the name /dev/ttyUSB2 changes with a replug")
    assert finding.do.in_words() == "configure /dev/serial/by-id/x"


def test_a_modem_on_another_machine_is_not_looked_for_here(house):
    surroundings = house.seen(with_port("socket://192.0.2.1:5000"))
    for check in (modem_ports.configured_ports, modem_ports.holders, port_rights.rights):
        assert look(check, surroundings).state == NOT_APPLICABLE


def test_a_port_without_known_hardware_is_unknown(house):
    surroundings = house.seen(with_port(house.write("dev/pts/3", "")))
    assert look(modem_ports.configured_ports, surroundings).state == UNKNOWN


def hold(house, program, pid=812):
    house.machine.process(pid, program, {"3": str(house.folder / "dev/ttyUSB2")})


@pytest.mark.parametrize(
    ("program", "state", "do"),
    [
        ("minicom", FAIL, "stop minicom, or give it another port"),
        ("ModemManager", FAIL, "keep ModemManager away from the port: docs/modemmanager.md"),
        ("simward", OK, None),
    ],
)
def test_who_has_the_port_is_named_and_simward_itself_may(house, program, state, do):
    house.machine.plug(EC25)
    hold(house, program)
    finding = look(modem_ports.holders, house.seen(with_port(house.folder / "dev/ttyUSB2")))
    assert finding.state == state
    assert (finding.do.in_words() if finding.do else None) == do
    assert finding.seen[0].value == f"{program} (pid 812): open"


def test_a_free_port_is_said_to_be_free(house):
    house.machine.plug(EC25)
    assert said(look(modem_ports.holders, house.seen())) == (OK, "nobody has the port")


@pytest.mark.parametrize(
    ("members", "allowed", "state", "do"),
    [
        ("", True, OK, None),
        ("", False, FAIL, "run usermod -aG {gid} pi, then log in again"),
        ("pi", False, FAIL, "log out and in again: the group {gid} counts from the next login"),
    ],
)
def test_rights_to_the_port_name_the_group_that_is_missing(house, members, allowed, state, do):
    house.machine.plug(EC25)
    gid = (house.folder / "dev/ttyUSB2").stat().st_gid
    house.write("/etc/group", f"ports:x:{gid}:{members}\n")
    surroundings = house.seen(user=PI, access=lambda _path, _mode: allowed)
    finding = look(port_rights.rights, surroundings)
    assert finding.state == state
    expected = None if do is None else do.format(gid="ports")
    assert (finding.do.in_words() if finding.do else None) == expected


def test_root_may_use_every_port(house):
    house.machine.plug(EC25)
    assert look(port_rights.rights, house.seen()).state == OK
    programs = systemd(house, User="root")
    assert look(port_rights.rights, house.seen(programs=programs)).state == OK


@pytest.mark.parametrize(
    ("mode", "members", "expected"),
    [
        (0o660, "other,simward", (OK, "simward may use the port")),
        (0o666, "", (OK, "simward may use the port")),
        (0o660, "other", (FAIL, "simward may not use {port}")),
        (0o600, "simward", (FAIL, "simward may not use {port}")),
    ],
)
def test_root_is_told_of_the_rights_of_the_daemons_user(house, mode, members, expected):
    house.machine.plug(EC25)
    port = house.folder / "dev/ttyUSB2"
    port.chmod(mode)
    house.write("/etc/passwd", "simward:x:990:990::/var/lib/simward:/usr/sbin/nologin\n")
    house.write("/etc/group", f"ports:x:{port.stat().st_gid}:{members}\n")
    surroundings = house.seen(programs=systemd(house, User="simward"))
    state, words = expected
    finding = look(port_rights.rights, surroundings)
    assert said(finding) == (state, words.format(port=port))
    if state == FAIL:
        assert finding.do.in_words() == "run usermod -aG ports simward, then restart the daemon"


def test_a_daemons_user_that_does_not_exist_is_said(house):
    house.machine.plug(EC25)
    surroundings = house.seen(programs=systemd(house, User="simward"))
    assert said(look(port_rights.rights, surroundings)) == (UNKNOWN, "there is no user simward")


@pytest.mark.parametrize(
    ("control", "delay", "state"),
    [("on", "2000", OK), ("auto", "2000", WARN), ("auto", "-1000", OK), ("auto", None, WARN)],
)
def test_a_modem_that_linux_may_suspend_is_said(house, control, delay, state):
    house.machine.plug(EC25)
    house.write(f"{USB}/control", f"{control}\n")
    if delay is not None:
        house.write(f"{USB}/autosuspend_delay_ms", f"{delay}\n")
    assert look(usb_power.usb_power, house.seen()).state == state


def test_suspend_is_unknown_or_nothing_to_check(house):
    assert look(usb_power.usb_power, house.seen()).state == NOT_APPLICABLE
    house.machine.plug(EC25)
    assert look(usb_power.usb_power, house.seen()).state == UNKNOWN


# ModemManager

MANAGED = [Managed("/sys/devices/x", ("ttyUSB2", "ttyUSB3", "cdc-wdm0"))]


def apart(house, managed, **config):
    def ask(_patience_s):
        if isinstance(managed, Exception):
            raise managed
        return managed

    given = with_port(house.folder / "dev/ttyUSB2", **config)
    surroundings = house.seen(given)
    return look(lambda s: modemmanager.modemmanager(s, ask), surroundings)


@pytest.mark.parametrize(
    ("managed", "config", "state"),
    [
        (None, {}, OK),
        ([], {}, OK),
        (MANAGED, {}, FAIL),
        (MANAGED, {"modemmanager": "ignore"}, WARN),
        (MANAGED, {"modemmanager": "inhibit"}, OK),
        (CoexistError(NO_ANSWER), {}, UNKNOWN),
    ],
    ids=["not running", "not managing", "managing", "ignored", "inhibited", "silent"],
)
def test_modemmanager_is_away_or_kept_away_or_a_danger(house, managed, config, state):
    house.machine.plug(EC25)
    assert apart(house, managed, **config).state == state


@pytest.mark.parametrize(
    ("where", "key", "way"),
    [("1-1", "ID_MM_DEVICE_IGNORE", "way 3"), ("ttyUSB2", "ID_MM_PORT_IGNORE", "way 2")],
)
def test_a_udev_rule_that_keeps_modemmanager_away_is_recognised(tmp_path, where, key, way):
    house = House(tmp_path)
    house.machine.udev_rules = {where: {key: "1"}}
    house.machine.plug(EC25)
    finding = apart(house, MANAGED)
    assert finding.state == OK
    assert way in finding.said.in_words()


def test_a_modemmanager_that_has_another_modem_is_no_danger(house):
    house.machine.plug(EM7455)
    assert apart(house, [Managed("/sys/devices/y", ("ttyUSB5",))]).state == OK


def test_where_no_port_is_known_modemmanager_is_merely_noted(house):
    finding = look(lambda s: modemmanager.modemmanager(s, lambda _s: MANAGED), house.seen())
    assert finding.state == OK


# udev rules


def test_rules_of_this_version_are_recognised_and_older_ones_counted(house):
    assert look(rules.udev_rules, house.seen()).state == NOT_APPLICABLE
    text = RULES.read_text("utf-8")
    path = "/etc/udev/rules.d/77-simward-roles.rules"
    house.write(path, text)
    assert look(rules.udev_rules, house.seen()).state == OK
    house.write(path, text.replace("2c7c:0125:02|", "").replace("2c7c:0125:03|", ""))
    words = "the rules are older than simward: 2 ports are missing"
    assert said(look(rules.udev_rules, house.seen())) == (WARN, words)


def test_a_name_that_only_the_rules_make_needs_the_rules(house):
    surroundings = house.seen(with_port("/dev/simward/usb-1-1-at"))
    assert look(rules.udev_rules, surroundings).state == FAIL


# Readers

SOCKET = "/run/pcscd/pcscd.comm"
LISTENING = f"0000: 00000002 00000000 00010000 0001 01 17000 {SOCKET}\n"
TABLE = "Num       RefCount Protocol Flags    Type St Inode Path\n"
READER = {"reader": {"name": "Gemalto"}}


@pytest.mark.parametrize(
    ("config", "listens", "runs", "state"),
    [
        (None, False, False, NOT_APPLICABLE),
        (READER, False, False, FAIL),
        (READER, True, False, OK),
        (None, True, True, OK),
    ],
)
def test_the_card_service_runs_or_is_woken_by_its_socket(house, config, listens, runs, state):
    house.write("/proc/net/unix", TABLE + (LISTENING if listens else ""))
    if runs:
        house.machine.process(700, "pcscd", {})
    assert look(readers.pcscd, house.seen(config)).state == state


def listed(house, config, answer):
    house.write("/proc/net/unix", TABLE + LISTENING)

    def list_them(_deadline_s):
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look(lambda s: readers.readers(s, list_them), house.seen(config))


def reader(card="present", name="Gemalto PC Twin Reader 00 00"):
    return ReaderState(name, card, None)


@pytest.mark.parametrize(
    ("config", "answer", "state"),
    [
        (None, (), NOT_APPLICABLE),
        (None, (reader(),), OK),
        (READER, (reader("absent"),), OK),
        (READER, (reader("held"),), WARN),
        (READER, (reader(name="ACS ACR38U 00 00"),), FAIL),
        (READER, (), FAIL),
        (READER, ReaderUnavailable(NO_PYSCARD), FAIL),
        (None, ReaderUnavailable(NO_PYSCARD), NOT_APPLICABLE),
        (READER, ReaderUnavailable(NOT_ALLOWED), FAIL),
        (READER, ReaderUnavailable(NO_SERVICE), UNKNOWN),
    ],
)
def test_the_configured_reader_is_there_and_free(house, config, answer, state):
    assert listed(house, config, answer).state == state


def test_without_a_service_no_reader_can_be_seen(house):
    assert look(readers.readers, house.seen()).state == NOT_APPLICABLE
    assert look(readers.readers, house.seen(READER)).state == UNKNOWN


def test_the_machines_trees_are_the_same_for_discovery_and_checks(house):
    assert isinstance(house.machine, Machine)
    assert house.seen().where("/proc") == Path(house.machine.roots.proc)
