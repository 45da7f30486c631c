"""Checks of power, clock, disk, journal, network and system, each state from a tree of files."""

import os
from datetime import timedelta
from types import SimpleNamespace

import pytest

from agent.doctor.checks import clock, disk, journal, network, power, system
from agent.doctor.examine import Check, examine
from agent.doctor.finding import FAIL, NOT_APPLICABLE, OK, UNKNOWN, WARN
from tests.device_trees import EC25
from tests.unit.doctor_helpers import NOW, House, said, touched

MODEL = "/proc/device-tree/model"
BITS = "/sys/devices/platform/soc/soc:firmware/get_throttled"


@pytest.fixture
def house(tmp_path) -> House:
    return House(tmp_path)


def look(function, surroundings):
    """A check as it is run: what cannot be read becomes `unknown`."""
    return examine(surroundings, (Check("x", "system", "load", function, 60.0),))[0].finding


# Power


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        ("0", (OK, "no low voltage since boot")),
        ("50005", (FAIL, "the voltage is too low at this moment")),
        ("50000", (WARN, "the voltage was too low since boot")),
        ("80000", (WARN, "the board was too hot and slowed down")),
    ],
)
@pytest.mark.parametrize("told_by", ["sysfs", "vcgencmd"])
def test_the_pis_bits_tell_of_low_voltage_now_and_before(house, bits, expected, told_by):
    house.write(MODEL, "Raspberry Pi 4 Model B Rev 1.4\0")
    programs = {}
    if told_by == "sysfs":
        house.write(BITS, f"{bits}\n")
    else:
        programs["vcgencmd get_throttled"] = f"throttled=0x{bits}"
    assert said(look(power.brownout, house.seen(programs=programs))) == expected


@pytest.mark.parametrize(("alarm", "state"), [("0", OK), ("1", FAIL)])
def test_without_the_firmwares_word_the_kernels_alarm_counts(house, alarm, state):
    house.write(MODEL, "Raspberry Pi 3 Model B\0")
    house.write("/sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    house.write("/sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    house.write("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", f"{alarm}\n")
    finding = look(power.brownout, house.seen())
    assert finding.state == state
    assert finding.seen[0].source.endswith("hwmon1/in0_lcrit_alarm")


def test_the_file_that_newer_kernels_warn_about_is_read_last(house):
    house.write(MODEL, "Raspberry Pi 4 Model B\0")
    house.make(BITS)  # reading it would fail
    programs = {"vcgencmd get_throttled": "throttled=0x0"}
    assert look(power.brownout, house.seen(programs=programs)).state == OK
    assert look(power.brownout, house.seen()).state == UNKNOWN


def test_an_answer_that_is_no_number_is_no_answer(house):
    house.write(MODEL, "Raspberry Pi 4 Model B\0")
    house.write(BITS, "nonsense")
    programs = {"vcgencmd get_throttled": "throttled=?"}
    assert look(power.brownout, house.seen(programs=programs)).state == UNKNOWN


def test_a_pi_that_tells_nothing_is_unknown_and_another_board_not_asked(house):
    assert look(power.brownout, house.seen()).state == NOT_APPLICABLE
    house.write(MODEL, "Raspberry Pi 4 Model B\0")
    assert look(power.brownout, house.seen()).state == UNKNOWN
    house.write(MODEL, "FriendlyElec NanoPi R2S\0")
    assert look(power.brownout, house.seen()).state == NOT_APPLICABLE


def test_trouble_in_the_kernels_log_is_counted_by_kind(house):
    records = [
        "6,1,100,-;usb 1-1.2: new high-speed USB device",
        "4,2,200,-;hwmon hwmon1: Undervoltage detected!",
        "4,3,300,-;hwmon hwmon1: Undervoltage detected!",
        "3,4,400,-;EXT4-fs (mmcblk0p2): Remounting filesystem read-only",
    ]
    house.write("/dev/kmsg", "\n".join(records))
    finding = look(power.kernel_log, house.seen())
    words = "the kernel wrote of: low voltage (2), file systems made read-only (1)"
    assert said(finding) == (WARN, words)
    assert [seen.value for seen in finding.seen] == [
        "hwmon hwmon1: Undervoltage detected!",
        "EXT4-fs (mmcblk0p2): Remounting filesystem read-only",
    ]


def test_a_quiet_kernel_log_is_fine_and_none_at_all_unknown(house):
    assert look(power.kernel_log, house.seen()).state == UNKNOWN
    house.write("/dev/kmsg", "6,1,100,-;all quiet")
    assert look(power.kernel_log, house.seen()).state == OK


# Clock

SYNCHRONIZED = "/run/systemd/timesync/synchronized"


def test_a_clock_that_is_right_and_one_that_nobody_keeps(house):
    later = NOW + timedelta(days=3650)  # after whenever this source tree was written
    assert look(clock.clock, house.seen(now=lambda: later)).state == OK
    finding = look(clock.clock, house.seen(now=lambda: later, synchronized=False))
    assert finding.state == WARN


@pytest.mark.parametrize("moment", [NOW.replace(year=1970), NOW.replace(year=2150)])
def test_a_clock_before_the_installation_or_beyond_reason_is_wrong(house, moment):
    finding = look(clock.clock, house.seen(now=lambda: moment))
    assert finding.state == FAIL
    assert str(moment.year) in finding.said.in_words()


def test_a_clock_before_the_stores_last_writing_is_wrong(house):
    touched(house.state / "simward.db", NOW + timedelta(days=4000))
    assert look(clock.clock, house.seen(now=lambda: NOW + timedelta(days=3999))).state == FAIL


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(minutes=17), (OK, "set right 17 min ago")),
        (timedelta(days=3), (WARN, "the clock was last set right 3 d ago")),
    ],
)
def test_the_age_of_the_last_synchronisation_counts(house, age, expected):
    touched(house.folder / SYNCHRONIZED.lstrip("/"), NOW - age)
    assert said(look(clock.clock_age, house.seen())) == expected


TRACKING = "A29FC87B,192.0.2.1,4,{time},-0.000001,0.0,0.0,-1.2,0.0,0.01,0.03,0.001,1024.5,Normal"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOW.timestamp() - 600.5, (OK, "set right 10 min ago")),
        (NOW.timestamp() - 3 * 86_400, (WARN, "the clock was last set right 3 d ago")),
        (0.0, (UNKNOWN, "neither systemd-timesyncd nor chrony tells when the clock was set")),
    ],
)
def test_chrony_tells_the_age_too(house, moment, expected):
    house.machine.process(500, "chronyd", {})
    programs = {"chronyc -c tracking": TRACKING.format(time=moment)}
    assert said(look(clock.clock_age, house.seen(programs=programs))) == expected


def test_without_word_of_whoever_keeps_the_clock_the_age_is_unknown(house):
    assert look(clock.clock_age, house.seen()).state == UNKNOWN
    house.machine.process(500, "chronyd", {})
    programs = {"chronyc -c tracking": "506 Cannot talk to daemon"}
    assert look(clock.clock_age, house.seen(programs=programs)).state == UNKNOWN
    assert look(clock.clock_age, house.seen(synchronized=False)).state == UNKNOWN


@pytest.mark.parametrize(("off_s", "state"), [(3, OK), (7200, WARN)])
def test_the_real_time_clock_is_compared_with_a_clock_that_is_right(house, off_s, state):
    since = int(NOW.timestamp()) - off_s
    house.write("/sys/class/rtc/rtc0/since_epoch", f"{since}\n")
    assert look(clock.rtc, house.seen()).state == state
    assert look(clock.rtc, house.seen(synchronized=False)).state == OK


def test_no_real_time_clock_is_said(house):
    assert look(clock.rtc, house.seen()).state == WARN
    house.make("/sys/class/rtc/rtc0")
    assert look(clock.rtc, house.seen()).state == UNKNOWN


def test_the_time_zone_is_named_and_one_that_leads_nowhere_is_said(house):
    assert said(look(clock.time_zone, house.seen())) == (OK, "UTC")
    zone = house.write("/usr/share/zoneinfo/Asia/Shanghai", "TZif2")
    link = house.make("/etc") / "localtime"
    link.symlink_to(zone)
    assert said(look(clock.time_zone, house.seen())) == (OK, "Asia/Shanghai")
    zone.unlink()
    assert look(clock.time_zone, house.seen()).state == WARN


# Disk


def room(free_bytes, total=10**9, files=1000, free_files=900):
    return lambda _path: SimpleNamespace(
        f_bavail=free_bytes, f_frsize=1, f_blocks=total, f_files=files, f_favail=free_files
    )


@pytest.mark.parametrize(
    ("free_bytes", "state"),
    [(0, FAIL), (3 << 20, FAIL), (60 << 20, FAIL), (100 << 20, WARN), (500 << 20, OK)],
)
def test_room_is_judged_by_what_the_outbox_leaves_free(house, free_bytes, state):
    assert look(disk.space, house.seen(statvfs=room(free_bytes))).state == state


@pytest.mark.parametrize(
    ("files", "free_files", "state"),
    [(0, 0, NOT_APPLICABLE), (1000, 20, FAIL), (100_000, 2000, WARN), (1000, 900, OK)],
)
def test_inodes_run_out_too(house, files, free_files, state):
    surroundings = house.seen(statvfs=room(10**9, files=files, free_files=free_files))
    assert look(disk.inodes, surroundings).state == state


def test_a_file_system_that_does_not_answer_is_unknown(house):
    def broken(_path):
        raise OSError(5, "Input/output error")

    finding = look(disk.space, house.seen(statvfs=broken))
    assert finding.state == UNKNOWN
    assert "Input/output error" in finding.said.in_words()


def mounted(house, kind="ext4", options="rw,relatime", super_options="rw", number="179:2"):
    point = str(house.state).replace(" ", "\\040")
    house.state.mkdir(exist_ok=True, mode=0o750)
    house.write(
        "/proc/self/mountinfo",
        "22 1 179:9 / / rw - ext4 /dev/root rw\n"
        f"30 22 {number} / {point} {options} shared:1 - {kind} /dev/mmcblk0p2 {super_options}\n",
    )


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        ({}, (OK, "ext4, writable")),
        ({"options": "ro,relatime"}, FAIL),
        ({"super_options": "ro,errors=remount-ro"}, FAIL),
        ({"kind": "tmpfs"}, WARN),
        ({"kind": "overlay"}, WARN),
        ({"super_options": "rw,sync"}, WARN),
    ],
    ids=["fine", "read-only", "made read-only", "tmpfs", "overlay", "sync"],
)
def test_what_is_written_must_stay(house, mount, expected):
    mounted(house, **mount)
    finding = look(disk.mount, house.seen())
    assert (said(finding) if isinstance(expected, tuple) else finding.state) == expected


def test_the_last_of_several_mounts_on_one_place_is_the_one_that_counts(house):
    mounted(house)
    info = house.folder / "proc/self/mountinfo"
    info.write_text(info.read_text() + f"31 30 0:9 / {house.state} rw - tmpfs tmpfs rw\n")
    assert look(disk.mount, house.seen()).state == WARN


def test_without_the_kernels_list_the_file_system_is_unknown(house):
    assert look(disk.mount, house.seen()).state == UNKNOWN


@pytest.mark.parametrize(
    ("life", "spare", "expected"),
    [
        ("0x01 0x01", "0x01", (OK, "0 to 10 % of its life used")),
        ("0x02 0x05", "0x01", (OK, "40 to 50 % of its life used")),
        ("0x09 0x03", "0x01", (WARN, "the storage is nearly worn out")),
        ("0x01 0x01", "0x02", (WARN, "the storage is nearly worn out")),
        ("0x0b 0x01", "0x01", (FAIL, "the storage is worn out")),
        ("0x01 0x01", "0x03", (FAIL, "the storage is worn out")),
        ("0x00 0x00", "0x00", (UNKNOWN, "the storage does not tell its wear")),
        (None, None, (UNKNOWN, "an SD card does not tell its wear")),
    ],
)
def test_emmc_tells_its_wear_and_sd_cards_do_not(house, life, spare, expected):
    mounted(house)
    partition = house.make("/sys/devices/platform/mmc/block/mmcblk0/mmcblk0p2")
    (partition / "partition").write_text("2\n")
    (house.make("/sys/dev/block") / "179:2").symlink_to(partition)
    device = house.make("/sys/block/mmcblk0/device")
    (device / "type").write_text("MMC\n" if life else "SD\n")
    if life:
        (device / "life_time").write_text(f"{life}\n")
        (device / "pre_eol_info").write_text(f"{spare}\n")
    assert said(look(disk.wear, house.seen())) == expected


def test_what_was_written_since_boot_is_evidence(house):
    mounted(house)
    folder = house.make("/sys/devices/platform/mmc/block/mmcblk0")
    (house.make("/sys/dev/block") / "179:2").symlink_to(folder)
    house.write("/sys/block/mmcblk0/stat", "1 2 3 4 5 6 2097152 8 9 10 11\n")
    (seen,) = [each for each in look(disk.wear, house.seen()).seen if "stat" in each.source]
    assert seen.value == "1.0 GiB written since boot, 86.4 GiB a day"


def test_disks_that_tell_nothing_are_not_judged(house):
    mounted(house, number="254:0")
    assert look(disk.wear, house.seen()).state == NOT_APPLICABLE
    (house.make("/sys/dev/block") / "254:0").symlink_to(house.make("/sys/devices/virtio/block/vda"))
    assert look(disk.wear, house.seen()).state == NOT_APPLICABLE


@pytest.mark.parametrize(
    ("mode", "state"), [(0o750, OK), (0o700, OK), (0o755, WARN), (0o777, FAIL)]
)
def test_the_state_directory_is_nobody_elses(house, mode, state):
    house.state.mkdir()
    house.state.chmod(mode)
    assert look(disk.state_dir, house.seen()).state == state


def test_a_state_directory_that_is_not_there_or_a_file(house):
    assert look(disk.state_dir, house.seen()).state == NOT_APPLICABLE
    assert look(disk.state_dir, house.seen({})).state == WARN
    house.state.touch()
    assert look(disk.state_dir, house.seen({})).state == FAIL


# Journal


@pytest.mark.parametrize(
    ("files", "on_disk", "state"),
    [
        ({}, False, OK),
        ({}, True, WARN),
        ({"/etc/systemd/journald.conf": "[Journal]\n#Storage=auto\nStorage=volatile"}, True, OK),
        ({"/etc/systemd/journald.conf": "[Journal]\nSystemMaxUse=100M"}, True, OK),
        ({"/etc/systemd/journald.conf.d/50-x.conf": "[Journal]\nSystemMaxUse=50M"}, True, OK),
        (
            {
                "/etc/systemd/journald.conf": "[Journal]\nSystemMaxUse=100M",
                "/run/systemd/journald.conf.d/a.conf": "[Journal]\nSystemMaxUse=",
            },
            True,
            WARN,
        ),
        ({"/etc/systemd/journald.conf": "[Journal]\nStorage=persistent"}, False, WARN),
    ],
    ids=["memory", "disk", "volatile", "bound", "drop-in", "bound taken back", "persistent"],
)
def test_a_journal_on_disk_needs_a_bound(house, files, on_disk, state):
    house.make("/run/systemd/journal")
    for path, text in files.items():
        house.write(path, text)
    if on_disk:
        house.make("/var/log/journal")
    assert look(journal.journal, house.seen()).state == state


def test_without_journald_there_is_nothing_to_bound(house):
    assert look(journal.journal, house.seen()).state == NOT_APPLICABLE


# Network

BROKER = {"broker": {"url": "mqtt://broker.example"}}


def test_name_servers_are_listed_and_none_is_a_fault(house):
    assert look(network.name_servers, house.seen(BROKER)).state == FAIL
    assert look(network.name_servers, house.seen()).state == WARN
    house.write("/etc/resolv.conf", "# by hand\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n")
    words = "name servers: 192.0.2.1, 2001:db8::1"
    assert said(look(network.name_servers, house.seen())) == (OK, words)


HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"


def routes(house, **metrics):
    lines = [
        f"{name}\t00000000\t0102A8C0\t0003\t0\t0\t{metric}\t00000000\t0\t0\t0\n"
        for name, metric in metrics.items()
    ]
    house.write("/proc/net/route", HEAD + "".join(lines))


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({}, (FAIL, "there is no default route: nothing can be reached")),
        ({"eth0": 100, "wwan0": 700}, (OK, "over eth0, not over the SIM")),
        (
            {"eth0": 700, "wwan0": 100},
            (WARN, "traffic goes over the SIM (wwan0) though there is another way"),
        ),
        (
            {"ppp0": 0},
            (WARN, "the SIM is the only way out (ppp0): releasing the card cuts it"),
        ),
    ],
)
def test_the_default_route_should_not_go_over_the_sim(house, metrics, expected):
    routes(house, **metrics)
    assert said(look(network.default_route, house.seen(BROKER))) == expected


def test_without_a_broker_no_network_is_no_fault(house):
    assert look(network.default_route, house.seen()).state == WARN


def test_each_family_goes_its_own_way(house):
    routes(house, eth0=2000)
    zero = "0" * 32
    way = f"{zero} 00 {zero} 00 {zero} {{metric:08x}} 00000001 00000000 00000003 {{name}}\n"
    house.write("/proc/net/ipv6_route", way.format(metric=1024, name="eth0"))
    words = "over eth0, not over the SIM"
    assert said(look(network.default_route, house.seen())) == (OK, words)
    lines = [way.format(metric=256, name="wwan0"), way.format(metric=1024, name="eth0")]
    house.write("/proc/net/ipv6_route", "".join(lines))
    words = "traffic goes over the SIM (wwan0) though there is another way"
    assert said(look(network.default_route, house.seen())) == (WARN, words)


def test_an_ipv6_route_counts_and_one_that_refuses_does_not(house):
    zero = "0" * 32
    house.write(
        "/proc/net/ipv6_route",
        f"{zero} 00 {zero} 00 fe80{zero[4:]} 00000400 00000001 00000000 00000003 eth0\n"
        f"{zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200 lo\n",
    )
    assert network.default_routes(house.seen()) == [network.Route("IPv6", "eth0", 1024)]


def test_an_interface_of_the_modems_own_device_is_cellular_whatever_its_name(house):
    house.machine.plug(EC25)
    device = house.folder / "sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.4"
    assert device.is_dir()
    (house.make("/sys/class/net/enx001122") / "device").symlink_to(device)
    routes(house, enx001122=100)
    assert look(network.default_route, house.seen()).state == WARN
    assert network.is_cellular(house.seen(), "enx001122")
    assert not network.is_cellular(house.seen(), "eth0")


def test_an_interface_of_the_wwan_subsystem_is_cellular(house):
    house.write("/sys/class/net/mhi0/uevent", "DEVTYPE=wwan\nINTERFACE=mhi0\n")
    assert network.is_cellular(house.seen(), "mhi0")


def test_a_configured_interface_that_is_not_there_is_a_fault(house):
    routes(house, eth0=100)
    surroundings = house.seen({"broker": {"interface": "wwan0"}})
    assert look(network.default_route, surroundings).state == FAIL


# System


@pytest.mark.parametrize(("free_kb", "state"), [(900_000, OK), (40_000, WARN), (20_000, WARN)])
def test_memory_that_runs_out_is_said(house, free_kb, state):
    house.write("/proc/meminfo", f"MemTotal: 1000000 kB\nMemAvailable: {free_kb} kB\n")
    assert look(system.memory, house.seen()).state == state


def test_a_machine_that_is_busy_for_long_is_said(house):
    assert look(system.memory, house.seen()).state == UNKNOWN
    assert look(system.load, house.seen()).state == UNKNOWN
    house.write("/proc/loadavg", "0.10 0.20 0.30 1/100 999\n")
    assert said(look(system.load, house.seen())) == (OK, "load 0.30")
    house.write("/proc/loadavg", f"9 9 {4 * (os.cpu_count() or 1)} 1/100 999\n")
    assert look(system.load, house.seen()).state == WARN


def test_versions_name_program_interpreter_and_system(house):
    house.write("/etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
    seen = {each.source: each.value for each in look(system.versions, house.seen()).seen}
    assert seen["/etc/os-release"] == "Debian GNU/Linux 12 (bookworm)"
    assert seen["paho-mqtt"][0].isdigit()
