import pytest

from agent.usage.counters import Counters, Traits
from agent.usage.sources import Offer, Surroundings, choose
from tests.device_trees import BG96, EC25, Machine

A = Offer(Counters(1, 2), Traits(), None)


@pytest.mark.parametrize(
    ("decided", "wanted", "offers", "source"),
    [
        pytest.param(None, "auto", {"modem", "interface"}, "modem", id="the first there is"),
        pytest.param(None, "auto", {"interface", "modemmanager"}, "interface", id="no modem's own"),
        pytest.param(None, "auto", set(), None, id="nothing counts"),
        pytest.param("interface", "auto", {"modem", "interface"}, "interface", id="it stays"),
        pytest.param("interface", "auto", {"modem"}, None, id="no other takes its place"),
        pytest.param("modem", "interface", {"modem", "interface"}, "interface", id="configured"),
        pytest.param("modem", "interface", {"modem"}, None, id="configured and not there"),
    ],
)
def test_one_source_counts(decided, wanted, offers, source):
    assert choose(decided, wanted, dict.fromkeys(offers, A)) == source


BOOT = "0b0e7a7e-0000-4000-8000-000000000001"


@pytest.fixture
def machine(tmp_path):
    made = Machine(tmp_path)
    boot_id = tmp_path / "proc/sys/kernel/random/boot_id"
    boot_id.parent.mkdir(parents=True)
    boot_id.write_text(BOOT + "\n", encoding="ascii")
    made.plug(EC25)
    return made


def count(folder, tx, rx):
    (folder / "statistics/tx_bytes").write_text(f"{tx}\n", encoding="ascii")
    (folder / "statistics/rx_bytes").write_text(f"{rx}\n", encoding="ascii")


def around(machine, kernel="x86_64", **more):
    port = f"{machine.roots.dev}/ttyUSB2"
    return Surroundings(port, roots=machine.roots, machine=kernel, **more)


def test_the_interface_is_the_one_of_the_same_device(machine):
    count(machine.network(EC25, "wwan0", index=7), 10, 20)
    other = BG96.at_place("1-2", 4)
    machine.plug(other)
    count(machine.network(other, "wwan1", index=8), 1000, 2000)
    offer = around(machine).look().offers["interface"]
    assert offer == Offer(Counters(10, 20), Traits("volatile", None, steady=True), f"{BOOT}:7")


def test_an_interface_that_is_renamed_goes_on_counting(machine):
    folder = machine.network(EC25, "wwan0", index=7)
    count(folder, 10, 20)
    found, named = around(machine), around(machine, interface="wwan0")
    before = [found.look().offers["interface"], named.look().offers["interface"]]
    link = machine.folder / "sys/class/net"
    (link / "wwan0").unlink()
    (link / "lte").symlink_to(folder)
    assert [found.look().offers["interface"], named.look().offers["interface"]] == before


def test_a_new_interface_of_the_old_name_is_another_counter(machine):
    folder = machine.network(EC25, "wwan0", index=7)
    look = around(machine).look
    before = look().offers["interface"].epoch
    (folder / "ifindex").write_text("9\n", encoding="ascii")
    assert look().offers["interface"].epoch != before


def test_a_kernel_of_32_bits_has_counters_of_32(machine):
    machine.network(EC25, "wwan0", index=7)
    assert around(machine, kernel="armv7l").look().offers["interface"].traits.bits == 32
    assert around(machine, kernel="aarch64").look().offers["interface"].traits.bits is None


def test_of_two_interfaces_of_a_modem_none_is_taken_unless_it_is_named(machine):
    machine.network(EC25, "wwan0", index=7)
    count(machine.network(EC25, "wwan1", index=8, interface="05"), 5, 6)
    assert "interface" not in around(machine).look().offers
    assert around(machine, interface="wwan1").look().offers["interface"].counters == (5, 6)


def test_a_network_that_is_no_part_of_the_modem_is_taken_where_it_is_named(machine):
    count(machine.network(BG96.at_place("1-2", 4), "ppp0", index=3), 1, 2)
    assert "interface" not in around(machine).look().offers
    assert around(machine, interface="ppp0").look().offers["interface"].counters == (1, 2)


def test_a_modem_that_was_plugged_in_again_has_another_life(machine):
    number = machine.folder / "sys/bus/usb/devices/1-1/devnum"
    number.write_text("7\n", encoding="ascii")
    look = around(machine).look
    first = look().epoch
    assert first is not None
    assert look().epoch == first
    number.write_text("8\n", encoding="ascii")
    assert look().epoch not in {None, first}


def test_a_port_that_no_hardware_is_known_of_tells_nothing(machine):
    nowhere = Surroundings("socket://127.0.0.1:7000", roots=machine.roots).look()
    assert (nowhere.epoch, dict(nowhere.offers)) == (None, {})
