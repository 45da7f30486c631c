import re

import pytest

from modem.vendors.select import profile_names
from modem.vendors.usb import ROLES, is_modem, port_role, usb_table

ID = r"[0-9a-f]{4}:[0-9a-f]{4}"


def test_every_entry_of_the_table_is_well_formed() -> None:
    table = usb_table()
    assert len(table.modems) > 250
    for usb_id in table.modems:
        assert re.fullmatch(ID, usb_id)
    for (usb_id, interface), known in table.by_interface.items():
        assert re.fullmatch(ID, usb_id)
        assert re.fullmatch(r"[0-9a-f]{2}", interface)
        assert known.role in ROLES
        assert known.source
    for (vendor, interface_class), known in table.by_class.items():
        assert re.fullmatch(r"[0-9a-f]{4}", vendor)
        assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{2}", interface_class)
        assert known.role in ROLES
    assert set(table.ready_s) <= table.modems


def test_no_modem_has_two_first_ports() -> None:
    firsts = [
        usb_id for (usb_id, _), known in usb_table().by_interface.items() if known.role == "at"
    ]
    assert len(firsts) == len(set(firsts))


def test_the_table_is_no_profile() -> None:
    assert "usb_ports" not in profile_names()
    assert "index" not in profile_names()


@pytest.mark.parametrize(
    ("usb_id", "interface", "interface_class", "role"),
    [
        ("2c7c:0125", "02", "ff/00/00", "at"),
        ("2c7c:0125", "00", "ff/ff/ff", "diag"),
        ("2c7c:0128", "05", "ff/00/00", "at"),  # the same maker, another composition
        ("2c7c:0128", "02", "ff/00/00", None),
        ("12d1:1506", "07", "ff/02/02", "at"),  # by protocol, whatever the number
        ("12d1:ffff", "07", "ff/02/01", "ppp"),
        ("2c7c:6005", "02", "ff/00/00", None),
    ],
)
def test_the_whole_id_and_the_interface_decide(usb_id, interface, interface_class, role) -> None:
    known = port_role(usb_id, interface, interface_class)
    assert (known.role if known else None) == role


def test_a_modem_may_be_known_and_its_ports_not() -> None:
    assert is_modem("0e8d:7127")
    assert port_role("0e8d:7127", "02", "ff/00/00") is None


def test_a_receiver_of_gps_is_no_modem() -> None:
    assert not is_modem("1546:01a7")


def test_a_bootloader_is_written_to_by_nobody() -> None:
    known = port_role("05c6:9008", "00", "ff/ff/ff")
    assert known is not None
    assert known.role == "other"
