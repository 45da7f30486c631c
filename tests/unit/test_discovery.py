from pathlib import Path

import pytest

from modem.transport.discovery import (
    ANOTHER_MODEM,
    BY_ANSWER,
    BY_PLACE,
    BY_ROLE,
    BY_SERIAL,
    ELSEWHERE,
    FIRST_IS_HELD,
    NOT_THERE,
    SAME_FILE,
    SEVERAL,
    choose,
    find_again,
    identity_of,
    modems,
    ports,
)
from tests.device_trees import (
    A7670,
    AIR724,
    ARDUINO,
    BG96,
    E3372,
    EC25,
    EC200,
    EM7455,
    FM350,
    FTDI,
    L850,
    MODEMS,
    SIM7600,
    UBLOX_GPS,
    Machine,
)


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def never_asked(port) -> bool:
    raise AssertionError(f"{port.path} was asked")


def roles(machine: Machine) -> dict[str, str | None]:
    return {port.seen.name: port.role for port in ports(machine.roots)}


def chosen(machine: Machine, answers=never_asked) -> str | None:
    choice = choose(modems(ports(machine.roots)), answers)
    return choice.ports[0].seen.name if choice else None


# What is there


@pytest.mark.parametrize("name", MODEMS)
def test_each_modem_is_known_with_its_ports_and_a_profile(machine, name) -> None:
    modem = MODEMS[name]
    machine.plug(modem)
    found = ports(machine.roots)
    assert [port.seen.name for port in found] == [i.tty for i in modem.interfaces if i.tty]
    assert all(port.of_modem for port in found)
    (group,) = modems(found)
    assert group.name == "usb-1-1"
    assert group.device is not None
    assert group.device.hardware_id == modem.usb_id
    assert group.device.serial == modem.serial
    assert group.profile == modem.profile


@pytest.mark.parametrize("name", [name for name, modem in MODEMS.items() if modem.at])
def test_the_port_for_commands_is_chosen_by_id_and_interface_without_asking(machine, name) -> None:
    machine.plug(MODEMS[name])
    choice = choose(modems(ports(machine.roots)), never_asked)
    assert choice is not None
    assert choice.ports[0].seen.name == MODEMS[name].at
    assert choice.why == BY_ROLE
    assert choice.ports[0].role_source


@pytest.mark.parametrize("name", [name for name, modem in MODEMS.items() if not modem.at])
def test_ports_of_a_modem_that_nobody_documents_are_asked_in_order(machine, name) -> None:
    machine.plug(MODEMS[name])
    asked = []

    def answers(port) -> bool:
        asked.append(port.seen.name)
        return port.seen.name == "ttyUSB1"

    choice = choose(modems(ports(machine.roots)), answers)
    assert choice is not None
    assert [port.seen.name for port in choice.ports] == ["ttyUSB1"]
    assert choice.why == BY_ANSWER
    assert asked == ["ttyUSB0", "ttyUSB1", "ttyUSB2"]


def test_all_that_the_kernel_says_of_a_port_is_told(machine) -> None:
    machine.plug(EM7455)
    port = next(p for p in ports(machine.roots) if p.seen.name == "ttyUSB2")
    assert port.path == f"{machine.roots.dev}/ttyUSB2"
    assert port.seen.driver == "qcserial"
    assert port.seen.interface == "03"
    assert port.seen.by_id is not None
    assert port.seen.by_id.endswith("_LF00000000000001-if03-port0")
    assert port.seen.by_path == (
        f"{machine.roots.dev}/serial/by-path/pci-0000:00:14.0-usb-0:1:1.3-port0"
    )
    assert port.seen.device is not None
    assert port.seen.device.syspath == "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1"


def test_other_devices_are_listed_and_are_no_modems(machine) -> None:
    for device in (ARDUINO, FTDI, UBLOX_GPS):
        machine.plug(device)
    machine.uart("ttyS0", number="4:64")
    found = ports(machine.roots)
    assert [port.seen.name for port in found] == ["ttyACM7", "ttyACM8", "ttyS0", "ttyUSB9"]
    assert not any(port.of_modem or port.role for port in found)
    assert modems(found) == []
    assert chosen(machine) is None


def test_places_without_a_chip_and_consoles_are_no_ports(machine) -> None:
    machine.uart("ttyS0", number="4:64", console="Y")
    machine.uart("ttyS1", number="4:65", uart_type="0")
    machine.console("tty1")
    (port,) = ports(machine.roots)
    assert port.seen.name == "ttyS0"
    assert [holder.program for holder in port.holders] == ["kernel"]


def test_a_machine_without_sysfs_has_no_ports(tmp_path) -> None:
    machine = Machine(tmp_path)
    assert ports(machine.roots._replace(sys=f"{tmp_path}/nowhere")) == []


def test_a_modem_behind_hubs_is_found_at_its_place(machine) -> None:
    machine.plug(EC25.at_place("1-1.4.2", 0))
    (group,) = modems(ports(machine.roots))
    assert group.name == "usb-1-1.4.2"
    assert chosen(machine) == "ttyUSB2"


# Who says what a port is for


def test_the_owner_of_the_machine_has_the_last_word(machine) -> None:
    machine.udev_rules = {
        "ttyUSB2": {"ID_SIMWARD_ROLE": "other"},
        "ttyUSB3": {"ID_SIMWARD_ROLE": "at"},
    }
    machine.plug(EC25)
    assert chosen(machine) == "ttyUSB3"


def test_the_owner_may_declare_a_modem_behind_a_uart(machine) -> None:
    machine.udev_rules = {"ttyS1": {"ID_SIMWARD_ROLE": "at"}}
    machine.uart("ttyS0", number="4:64")
    machine.uart("ttyS1", number="4:65")
    (group,) = modems(ports(machine.roots))
    assert (group.name, group.device, group.profile) == ("ttyS1", None, None)
    assert chosen(machine) == "ttyS1"


def test_a_word_that_is_no_role_is_none_of_the_owners(machine) -> None:
    machine.udev_rules = {"ttyS1": {"ID_SIMWARD_ROLE": "x"}}
    machine.uart("ttyS1", number="4:65")
    assert roles(machine) == {"ttyS1": None}


def test_udev_rules_help_where_the_table_ends(machine) -> None:
    machine.udev_rules = {
        "ttyUSB0": {"ID_MM_PORT_TYPE_QCDM": "1"},
        "ttyUSB1": {"ID_MM_PORT_TYPE_AT_PRIMARY": "1"},
    }
    machine.plug(EC200)
    assert roles(machine) == {"ttyUSB0": "diag", "ttyUSB1": "at", "ttyUSB2": None}
    assert chosen(machine) == "ttyUSB1"


def test_a_port_that_modemmanager_shall_ignore_is_not_the_less_ours(machine) -> None:
    machine.udev_rules = {"ttyUSB3": {"ID_MM_PORT_IGNORE": "1"}}
    machine.plug(EC25)
    assert roles(machine)["ttyUSB3"] == "at2"


def test_the_kernel_says_which_wwan_port_takes_commands(machine) -> None:
    machine.wwan({"wwan0at0": "AT", "wwan0mbim0": "MBIM", "wwan0qcdm0": "QCDM"})
    assert roles(machine) == {"wwan0at0": "at", "wwan0mbim0": "other", "wwan0qcdm0": "diag"}
    (group,) = modems(ports(machine.roots))
    assert group.name == "pci-0000:01:00.0"
    assert chosen(machine) == "wwan0at0"


def test_an_arduino_beside_a_modem_is_never_asked(machine) -> None:
    machine.plug(EC200)
    machine.plug(ARDUINO)
    machine.plug(FTDI)
    asked = []
    choose(modems(ports(machine.roots)), lambda port: asked.append(port.seen.name) is not None)
    assert asked == ["ttyUSB0", "ttyUSB1", "ttyUSB2"]


# Several modems, busy ports


def test_of_several_modems_the_lowest_place_is_taken_whatever_the_ports_are_called(machine) -> None:
    machine.plug(BG96.at_place("1-10", 0))
    machine.plug(SIM7600.at_place("1-2", 4))
    machine.plug(L850.at_place("1-3", 0))
    names = [modem.name for modem in modems(ports(machine.roots))]
    assert names == ["usb-1-2", "usb-1-3", "usb-1-10"]
    assert chosen(machine) == "ttyUSB6"


def test_two_of_one_kind_are_two_modems(machine) -> None:
    machine.plug(EC25.at_place("1-1.2", 4))
    machine.plug(EC25.at_place("1-1.3", 0))
    first, second = modems(ports(machine.roots))
    assert [port.seen.name for port in first.ports] == ["ttyUSB4", "ttyUSB5", "ttyUSB6", "ttyUSB7"]
    assert [port.seen.name for port in second.ports] == ["ttyUSB0", "ttyUSB1", "ttyUSB2", "ttyUSB3"]
    assert chosen(machine) == "ttyUSB6"


def test_a_modem_without_a_port_for_commands_is_passed_over_and_said(machine) -> None:
    machine.plug(FM350.at_place("1-1", 0))
    machine.plug(EC25.at_place("1-2", 3))
    choice = choose(modems(ports(machine.roots)), lambda _port: False)
    assert choice is not None
    assert choice.modem.name == "usb-1-2"
    assert [modem.name for modem in choice.passed_over] == ["usb-1-1"]


def held(machine: Machine, *ttys: str) -> None:
    files = {str(3 + n): f"{machine.roots.dev}/{tty}" for n, tty in enumerate(ttys)}
    machine.process(812, "ModemManager", files)


def test_the_second_port_is_taken_where_the_first_is_held(machine) -> None:
    machine.plug(EC25)
    held(machine, "ttyUSB2")
    choice = choose(modems(ports(machine.roots)))
    assert choice is not None
    assert [port.seen.name for port in choice.ports] == ["ttyUSB3", "ttyUSB2"]
    assert choice.why == FIRST_IS_HELD


def test_a_held_modem_is_never_exchanged_for_another_one(machine) -> None:
    machine.plug(EC25.at_place("1-1", 0))
    machine.plug(BG96.at_place("1-2", 4))
    held(machine, "ttyUSB2", "ttyUSB3")
    choice = choose(modems(ports(machine.roots)))
    assert choice is not None
    assert choice.modem.name == "usb-1-1"
    assert choice.ports[0].seen.name == "ttyUSB2"
    assert [holder.in_words() for holder in choice.ports[0].holders] == ["ModemManager (pid 812)"]


def test_a_held_port_of_unknown_role_is_not_asked(machine) -> None:
    machine.plug(EC200)
    held(machine, "ttyUSB0", "ttyUSB1", "ttyUSB2")
    assert chosen(machine) is None


# Away and back again


def again(machine: Machine, wanted) -> tuple[str | None, str]:
    found = find_again(wanted, machine.roots)
    return (Path(found.path).name if found.path else None), found.reason


def identity(machine: Machine, tty: str):
    wanted = identity_of(f"{machine.roots.dev}/{tty}", machine.roots)
    assert wanted is not None
    return wanted


def test_a_modem_without_a_serial_number_is_found_under_another_name_in_its_place(machine) -> None:
    machine.plug(EC25)
    wanted = identity(machine, "ttyUSB2")
    machine.unplug(EC25)
    assert again(machine, wanted) == (None, NOT_THERE)
    machine.plug(EC25.at_place("1-1", 5))
    assert again(machine, wanted) == ("ttyUSB7", BY_PLACE)


def test_a_serial_number_finds_the_modem_in_another_place(machine) -> None:
    machine.plug(EM7455)
    wanted = identity(machine, "ttyUSB2")
    machine.unplug(EM7455)
    machine.plug(EM7455.at_place("1-1.4", 10))
    assert again(machine, wanted) == ("ttyUSB12", BY_SERIAL)


def test_another_modem_in_its_place_is_not_taken_for_it(machine) -> None:
    machine.plug(EM7455)
    wanted = identity(machine, "ttyUSB2")
    machine.unplug(EM7455)
    machine.plug(EM7455.at_place("1-1", 0, serial="LF00000000000002"))
    assert again(machine, wanted) == (None, ANOTHER_MODEM)
    machine.unplug(EM7455)
    machine.plug(EM7455.at_place("1-1", 0, serial=None))
    assert again(machine, wanted) == (None, ANOTHER_MODEM)


def test_a_modem_that_has_a_serial_number_is_not_one_that_had_none(machine) -> None:
    machine.plug(EC25)
    wanted = identity(machine, "ttyUSB2")
    machine.unplug(EC25)
    machine.plug(EC25.at_place("1-1", 0, serial="77"))
    assert again(machine, wanted) == (None, ANOTHER_MODEM)


def test_ports_that_change_names_are_not_confused(machine) -> None:
    one, two = EM7455.at_place("1-1", 0), EM7455.at_place("1-2", 3, serial="2")
    machine.plug(one)
    machine.plug(two)
    wanted = identity(machine, "ttyUSB2")
    machine.unplug(one)
    machine.unplug(two)
    machine.plug(EM7455.at_place("1-2", 0, serial="2"))
    machine.plug(EM7455.at_place("1-1", 3))
    assert again(machine, wanted) == ("ttyUSB5", BY_SERIAL)


def test_a_serial_number_that_every_device_has_tells_nothing(machine) -> None:
    for modem, tty in ((SIM7600, "ttyUSB2"), (A7670, "ttyUSB1")):
        machine.plug(modem)
        wanted = identity(machine, tty)
        machine.unplug(modem)
        machine.plug(elsewhere := modem.at_place("1-3", 0))
        assert again(machine, wanted) == (None, ELSEWHERE)
        machine.unplug(elsewhere)
        machine.plug(back := modem.at_place("1-1", 5))
        assert again(machine, wanted) == (identity(machine, back.at or "").name, BY_PLACE)
        machine.unplug(back)


def test_a_serial_number_that_two_devices_have_needs_the_place_as_well(machine) -> None:
    machine.plug(EM7455)
    wanted = identity(machine, "ttyUSB2")
    machine.plug(EM7455.at_place("1-2", 3))
    assert again(machine, wanted) == ("ttyUSB2", BY_SERIAL)
    machine.unplug(EM7455)
    machine.plug(EM7455.at_place("1-3", 10))
    assert again(machine, wanted) == (None, SEVERAL)


def test_another_composition_of_the_same_device_is_not_guessed_at(machine) -> None:
    machine.plug(EM7455)
    wanted = identity(machine, "ttyUSB2")
    machine.unplug(EM7455)
    machine.plug(AIR724.at_place("1-1", 0, serial=EM7455.serial))
    assert again(machine, wanted) == (None, NOT_THERE)


def test_a_port_is_known_by_any_link_that_leads_to_it(machine) -> None:
    machine.plug(E3372)
    (link,) = (machine.folder / "dev/serial/by-id").glob("*-if01-port0")
    by_link = identity_of(str(link), machine.roots)
    assert by_link == identity(machine, "ttyUSB1")
    own = machine.folder / "dev/modem"
    own.symlink_to("ttyUSB1")
    assert identity_of(str(own), machine.roots) == by_link


def test_a_wwan_port_is_found_again_by_place_and_kind(machine) -> None:
    machine.wwan({"wwan0at0": "AT", "wwan0at1": "AT"})
    wanted = identity(machine, "wwan0at1")
    assert again(machine, wanted) == ("wwan0at1", BY_PLACE)


def test_a_port_of_the_board_is_its_own_name(machine) -> None:
    machine.uart("ttyS1", number="4:65")
    wanted = identity(machine, "ttyS1")
    assert again(machine, wanted) == ("ttyS1", SAME_FILE)
    assert find_again(wanted._replace(path="/dev/ttyS9"), machine.roots).path is None


@pytest.mark.parametrize("path", ["socket://127.0.0.1:1", "/dev/pts/0", "/dev/nowhere", ""])
def test_what_no_hardware_is_behind_has_no_identity(machine, path) -> None:
    assert identity_of(path, machine.roots) is None
