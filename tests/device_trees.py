"""Trees like /sys, /dev and /run/udev with real devices' shapes in them, below a test's folder.

Compositions are those of ModemManager's port rules and of kernel logs; serial numbers are made up.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from modem.transport.sysfs import Roots

HOST = "devices/pci0000:00/0000:00:14.0/usb1"
VENDOR_SPECIFIC = "ff/00/00"


@dataclass(frozen=True)
class Interface:
    number: str
    driver: str
    tty: str | None = None
    kind: str = VENDOR_SPECIFIC


@dataclass(frozen=True)
class UsbModem:
    usb_id: str
    manufacturer: str
    product: str
    interfaces: tuple[Interface, ...]
    place: str = "1-1"
    serial: str | None = None
    profile: str = "generic_3gpp"
    at: str | None = None
    """The port that simward takes, None where nobody documents one."""

    def at_place(self, place: str, first_tty: int, **changes: str | None) -> "UsbModem":
        """The same model plugged in elsewhere, its ports numbered from `first_tty`."""
        lowest = min(_number(each.tty) for each in self.interfaces if each.tty)
        moved = tuple(
            replace(each, tty=_renumbered(each.tty, first_tty - lowest)) if each.tty else each
            for each in self.interfaces
        )
        at = _renumbered(self.at, first_tty - lowest) if self.at else None
        return replace(self, interfaces=moved, place=place, at=at, **changes)


def _number(tty: str) -> int:
    return int(tty.lstrip("tyUSBACM"))


def _renumbered(tty: str, by: int) -> str:
    return f"{tty[:6]}{_number(tty) + by}"


def option_ports(*numbers: str, first: int = 0) -> tuple[Interface, ...]:
    return tuple(Interface(n, "option", f"ttyUSB{first + i}") for i, n in enumerate(numbers))


QMI = "qmi_wwan"
EC25 = UsbModem(
    "2c7c:0125",
    "Quectel",
    "EC25-EUX",
    (*option_ports("00", "01", "02", "03"), Interface("04", QMI)),
    profile="quectel_ec2x",
    at="ttyUSB2",
)
BG96 = UsbModem(
    "2c7c:0296",
    "Qualcomm, Incorporated",
    "Qualcomm CDMA Technologies MSM",
    (*option_ports("00", "01", "02", "03"), Interface("04", QMI)),
    profile="quectel_bg9x",
    at="ttyUSB2",
)
SIM7600 = UsbModem(
    "1e0e:9001",
    "SimTech, Incorporated",
    "SimTech, Incorporated",
    (*option_ports("00", "01", "02", "03", "04"), Interface("05", QMI)),
    serial="0123456789ABCDEF",
    profile="simcom",
    at="ttyUSB2",
)
A7670 = UsbModem(
    "1e0e:9011",
    "SIMCOM INCORPORATED",
    "A76XX Series LTE Module",
    (Interface("00", "rndis_host", None, "e0/01/03"), *option_ports("02", "04", "05")),
    serial="200806006809080000",
    profile="simcom_a76xx",
    at="ttyUSB1",
)
LE910 = UsbModem(
    "1bc7:1201",
    "Android",
    "Android",
    (*option_ports("00", "03", "04", "05", "06"), Interface("02", QMI)),
    serial="0123456789ABCDEF",
    at="ttyUSB2",
    profile="telit_le9xx",
)
EM7455 = UsbModem(
    "1199:9079",
    "Sierra Wireless, Incorporated",
    "Sierra Wireless EM7455 Qualcomm Snapdragon X7 LTE-A",
    (
        Interface("00", "qcserial", "ttyUSB0"),
        Interface("02", "qcserial", "ttyUSB1"),
        Interface("03", "qcserial", "ttyUSB2"),
        Interface("0c", "cdc_mbim", None, "02/0e/00"),
    ),
    serial="LF00000000000001",
    at="ttyUSB2",
    profile="sierra_em7",
)
L850 = UsbModem(
    "2cb7:0007",
    "FIBOCOM",
    "L850-GL",
    (
        Interface("00", "cdc_mbim", None, "02/0e/00"),
        Interface("02", "cdc_acm", "ttyACM0", "02/02/01"),
        Interface("04", "cdc_acm", "ttyACM1", "02/02/01"),
        Interface("06", "cdc_acm", "ttyACM2", "02/02/01"),
    ),
    serial="L850000000000001",
    profile="fibocom_l8xx",
    at="ttyACM0",
)
FM350 = UsbModem(
    "0e8d:7127",
    "Fibocom Wireless Inc.",
    "FM350-GL",
    (
        Interface("00", "rndis_host", None, "e0/01/03"),
        Interface("02", "option", "ttyUSB0"),
        Interface("04", "option", "ttyUSB1"),
        Interface("05", "option", "ttyUSB2"),
    ),
    serial="FM35000000000001",
    profile="fibocom_fm350",
)
E3372 = UsbModem(
    "12d1:1506",
    "HUAWEI_MOBILE",
    "HUAWEI_MOBILE",
    (
        Interface("00", "option", "ttyUSB0", "ff/02/01"),
        Interface("01", "option", "ttyUSB1", "ff/02/02"),
        Interface("02", "huawei_cdc_ncm", None, "ff/02/16"),
    ),
    profile="huawei",
    at="ttyUSB1",
)
ML307 = UsbModem(
    "2ecc:3012",
    "OneMO",
    "ML307A",
    option_ports("01", "02"),
    at="ttyUSB0",
)
MT5700 = UsbModem(
    "3466:3301",
    "TD Tech",
    "MT5700M-CN",
    (
        Interface("00", "option", "ttyUSB0", "ff/06/13"),
        Interface("01", "option", "ttyUSB1", "ff/06/12"),
        Interface("02", "option", "ttyUSB2", "ff/06/10"),
        Interface("03", "cdc_ncm", None, "02/0d/00"),
    ),
    profile="tdtech",
    at="ttyUSB1",
)
AIR724 = UsbModem(
    "1782:4e00",
    "UNISOC",
    "UNISOC-8910",
    (
        Interface("00", "option", "ttyUSB0"),
        Interface("01", "option", "ttyUSB1"),
        Interface("03", "option", "ttyUSB2"),
        Interface("04", "rndis_host", None, "e0/01/03"),
    ),
    profile="openluat",
    at="ttyUSB0",
)
EC200 = UsbModem(
    "2c7c:6005",
    "Android",
    "Android",
    (*option_ports("02", "03", "04"), Interface("00", "cdc_ether", None, "02/06/00")),
    serial="0000",
    profile="quectel_ec200",
)
"""Its id is in no table of port roles: the kernel's driver says that it is a modem."""

MODEMS = {
    "EC25": EC25,
    "BG96": BG96,
    "SIM7600": SIM7600,
    "A7670": A7670,
    "LE910": LE910,
    "EM7455": EM7455,
    "L850": L850,
    "FM350": FM350,
    "E3372": E3372,
    "ML307": ML307,
    "MT5700": MT5700,
    "Air724": AIR724,
    "EC200": EC200,
}

ARDUINO = UsbModem(
    "2341:0043",
    "Arduino (www.arduino.cc)",
    "Uno",
    (Interface("00", "cdc_acm", "ttyACM7", "02/02/01"),),
    place="1-9",
    serial="75830303934351F0",
)
FTDI = UsbModem(
    "0403:6001",
    "FTDI",
    "FT232R USB UART",
    (Interface("00", "ftdi_sio", "ttyUSB9"),),
    place="1-8",
    serial="A50285BI",
)
UBLOX_GPS = UsbModem(
    "1546:01a7",
    "u-blox AG - www.u-blox.com",
    "u-blox 7 - GPS/GNSS Receiver",
    (Interface("00", "cdc_acm", "ttyACM8", "02/02/01"),),
    place="1-7",
)


@dataclass
class Machine:
    """One machine's trees in `folder`; devices are plugged in and pulled out."""

    folder: Path
    udev_rules: dict[str, dict[str, str]] = field(default_factory=dict)
    """Properties that rules give to a tty or a USB device, by its name."""

    def __post_init__(self) -> None:
        for name in ("sys/class/tty", "sys/class/wwan", "sys/bus/usb/devices", "dev", "proc"):
            (self.folder / name).mkdir(parents=True)
        for name in ("udev/data", "locks"):
            (self.folder / name).mkdir(parents=True)

    @property
    def roots(self) -> Roots:
        names = ("sys", "dev", "udev", "proc", "locks")
        return Roots(*(str(self.folder / name) for name in names))

    def plug(self, modem: UsbModem, lines: Mapping[str, str] | None = None) -> None:
        """Put `modem` in; `lines` is the terminal behind a tty (an empty file where none is)."""
        self._hubs_above(modem.place)
        device = self.folder / "sys" / HOST / _hub_path(modem.place)
        vendor, product = modem.usb_id.split(":")
        number = f"189:{_bus_minor(modem.place)}"
        texts = {"idVendor": vendor, "idProduct": product, "dev": number}
        texts |= {"manufacturer": modem.manufacturer, "product": modem.product}
        texts |= {"uevent": f"DEVTYPE=usb_device\nPRODUCT={vendor}/{product}/318"}
        texts |= {"serial": modem.serial} if modem.serial else {}
        self._folder(device, texts, "bus/usb")
        _link(self.folder / "sys/bus/usb/devices" / modem.place, device)
        self._udev(modem.place, number)
        for interface in modem.interfaces:
            self._plug_interface(modem, device, interface, lines or {})

    def unplug(self, modem: UsbModem) -> None:
        """Pull `modem` out: all that `plug` made goes."""
        names = [each.tty for each in modem.interfaces if each.tty]
        for path in (self.folder / "dev").rglob("*"):
            leads_to = path.readlink().name if path.is_symlink() else path.name
            if path.name in names or leads_to in names:
                path.unlink()
        for name in names:
            for number in (self.folder / "sys/class/tty" / name / "dev").read_text().split():
                (self.folder / f"udev/data/c{number}").unlink()
            (self.folder / "sys/class/tty" / name).unlink()
        (self.folder / "sys/bus/usb/devices" / modem.place).unlink()
        device = self.folder / "sys" / HOST / _hub_path(modem.place)
        for path in sorted(device.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        device.rmdir()

    def network(self, modem: UsbModem, name: str, *, index: int, interface: str = "04") -> Path:
        """A network interface of `modem`; its folder, with counters at zero."""
        number = f"{modem.place}:1.{int(interface, 16)}"
        device = self.folder / "sys" / HOST / _hub_path(modem.place) / number
        folder = device / "net" / name
        self._folder(folder, {"ifindex": str(index)})
        self._folder(folder / "statistics", {"tx_bytes": "0", "rx_bytes": "0"})
        (self.folder / "sys/class/net").mkdir(exist_ok=True)
        _link(self.folder / "sys/class/net" / name, folder)
        return folder

    def uart(self, name: str, *, number: str, uart_type: str = "4", console: str = "N") -> None:
        """A serial port on the board; `uart_type` 0 is a place without a chip."""
        port = self.folder / "sys/devices/platform/serial8250" / name
        texts = {"dev": number, "type": uart_type, "console": console}
        self._folder(port / "tty" / name, texts | {"uevent": _uevent(name, number)}, "class/tty")
        _link(port / "tty" / name / "device", port)
        _link(self.folder / "sys/class/tty" / name, port / "tty" / name)
        (self.folder / "dev" / name).touch()
        self._udev(name, number)

    def console(self, name: str) -> None:
        """A virtual terminal: in the class, and no port."""
        self._folder(self.folder / "sys/devices/virtual/tty" / name, {"dev": "4:1"})
        _link(self.folder / "sys/class/tty" / name, self.folder / "sys/devices/virtual/tty" / name)

    def wwan(self, types: Mapping[str, str], place: str = "0000:01:00.0") -> None:
        """A PCI modem with WWAN ports (name -> type of the kernel)."""
        device = self.folder / "sys/devices/pci0000:00/0000:00:1c.0" / place
        self._folder(device, {"vendor": "0x14c3", "device": "0x4d75"}, "bus/pci")
        first = device / "wwan/wwan0"
        self._folder(first, {"index": "0"}, "class/wwan")
        _link(self.folder / "sys/class/wwan/wwan0", first)
        for minor, (name, kernel_type) in enumerate(types.items()):
            self._folder(first / name, {"type": kernel_type, "dev": f"510:{minor}"}, "class/wwan")
            _link(self.folder / "sys/class/wwan" / name, first / name)
            (self.folder / "dev" / name).touch()

    def lock(self, tty: str, content: bytes) -> None:
        """The lock file of a serial program."""
        (self.folder / "locks" / f"LCK..{tty}").write_bytes(content)

    def process(self, pid: int, name: str, files: Mapping[str, str]) -> None:
        """A process in the tree's /proc: descriptor -> what it has open."""
        folder = self.folder / "proc" / str(pid)
        (folder / "fd").mkdir(parents=True)
        (folder / "comm").write_text(f"{name}\n")
        for descriptor, target in files.items():
            (folder / "fd" / descriptor).symlink_to(target)

    def _hubs_above(self, place: str) -> None:
        parts = place.split(".")[:-1]
        for count in range(1, len(parts) + 1):
            hub = self.folder / "sys" / HOST / _hub_path(".".join(parts[:count]))
            self._folder(hub, {"idVendor": "05e3", "idProduct": "0608"}, "bus/usb")

    def _plug_interface(
        self, modem: UsbModem, device: Path, interface: Interface, lines: Mapping[str, str]
    ) -> None:
        folder = device / f"{modem.place}:1.{int(interface.number, 16)}"
        names = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
        texts = dict(zip(names, interface.kind.split("/"), strict=True))
        texts |= {"bInterfaceNumber": interface.number, "uevent": "DEVTYPE=usb_interface"}
        self._folder(folder, texts, "bus/usb")
        driver = self.folder / "sys/bus/usb/drivers" / interface.driver
        driver.mkdir(parents=True, exist_ok=True)
        _link(folder / "driver", driver)
        if interface.tty is None:
            return
        usb_serial = interface.tty.startswith("ttyUSB")
        port = folder / interface.tty if usb_serial else folder
        number = f"{188 if usb_serial else 166}:{_number(interface.tty)}"
        tty = port / "tty" / interface.tty
        texts = {"dev": number, "uevent": _uevent(interface.tty, number)}
        self._folder(tty, texts, "class/tty")
        if usb_serial:
            self._folder(port, {}, "bus/usb-serial")
        _link(tty / "device", port)
        _link(self.folder / "sys/class/tty" / interface.tty, tty)
        self._device_file(modem, interface, lines.get(interface.tty))
        self._udev(interface.tty, number)

    def _device_file(self, modem: UsbModem, interface: Interface, line: str | None) -> None:
        assert interface.tty is not None
        path = self.folder / "dev" / interface.tty
        if line is None:
            path.touch()
        else:
            path.symlink_to(line)
        serial = f"_{modem.serial}" if modem.serial else ""
        name = f"usb-{modem.manufacturer}_{modem.product}{serial}-if{interface.number}-port0"
        place = f"pci-0000:00:14.0-usb-0:{modem.place.partition('-')[2]}"
        place += f":1.{int(interface.number, 16)}-port0"
        links = (("by-id", name.replace(" ", "_").replace("/", "_")), ("by-path", place))
        for kind, link in links:
            target = self.folder / "dev/serial" / kind / link
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.is_symlink():  # two without a serial number: udev keeps the first
                target.symlink_to(f"../../{interface.tty}")

    def _udev(self, name: str, number: str) -> None:
        properties = self.udev_rules.get(name, {})
        lines = ["I:1234567", *(f"E:{key}={value}" for key, value in properties.items())]
        (self.folder / f"udev/data/c{number}").write_text("\n".join(lines) + "\n")

    def _folder(self, folder: Path, texts: Mapping[str, str], subsystem: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(f"{text}\n")
        if subsystem:
            (self.folder / "sys" / subsystem).mkdir(parents=True, exist_ok=True)
            _link(folder / "subsystem", self.folder / "sys" / subsystem)


def _hub_path(place: str) -> str:
    """`1-1.4.2` is in the folder `1-1/1-1.4/1-1.4.2`: hubs are devices too."""
    bus, _, numbers = place.partition("-")
    parts = numbers.split(".")
    return "/".join(f"{bus}-{'.'.join(parts[: i + 1])}" for i in range(len(parts)))


def _uevent(name: str, number: str) -> str:
    major, minor = number.split(":")
    return f"MAJOR={major}\nMINOR={minor}\nDEVNAME={name}"


def _bus_minor(place: str) -> int:
    return sum(int(part) << i for i, part in enumerate(place.partition("-")[2].split(".")))


def _link(path: Path, target: Path) -> None:
    """A relative link, as sysfs has them."""
    if not path.is_symlink():
        path.symlink_to(os.path.relpath(target, path.parent))
