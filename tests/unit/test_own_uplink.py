"""Who rides on which interface, told from the kernel's tables."""

from pathlib import Path

import pytest

from agent.own_uplink import Uplinks, cellular_interface, read_uplinks, rides_on, ssh_of
from modem.transport.sysfs import Roots

# Destination and gateway as the kernel writes them: the bytes of the address from behind.
HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
ETH_DEFAULT = "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
WWAN_DEFAULT = "wwan0\t00000000\t0100400A\t0003\t0\t0\t700\t00000000\t0\t0\t0\n"
ETH_NET = "eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
TO_OFFICE = "wwan0\t007100CB\t0100400A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
V6_DEFAULT = (
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "fe800000000000000000000000000001 00000400 00000001 00000000 00000003 {name}\n"
)
SSH = {"SSH_CONNECTION": "203.0.113.9 50000 192.0.2.7 22"}


@pytest.fixture
def uplinks(tmp_path: Path):
    def read(*routes: str, v6: str = "", env: dict[str, str] | None = None) -> Uplinks:
        (tmp_path / "net").mkdir(exist_ok=True)
        (tmp_path / "net/route").write_text(HEAD + "".join(routes))
        (tmp_path / "net/ipv6_route").write_text(v6)
        (tmp_path / "net/if_inet6").write_text(
            "20010db8000000000000000000000007 02 40 00 80    wwan0\n"
        )
        found = read_uplinks(env or {}, Roots(proc=str(tmp_path)))
        addresses = {**found.addresses, "eth0": frozenset({"192.0.2.7"})}
        return found._replace(addresses=addresses)

    return read


def test_the_default_route_that_wins_counts(uplinks) -> None:
    assert rides_on("wwan0", uplinks(ETH_DEFAULT, WWAN_DEFAULT)) is None
    assert rides_on("eth0", uplinks(ETH_DEFAULT, WWAN_DEFAULT)) is not None
    text, fields = rides_on("wwan0", uplinks(WWAN_DEFAULT)) or ("", {})
    assert text.format(**fields) == "the default route of this machine leads over wwan0"


def test_a_default_route_of_ipv6_alone_counts_too(uplinks) -> None:
    found = uplinks(ETH_DEFAULT, v6=V6_DEFAULT.format(name="wwan0"))
    assert rides_on("wwan0", found) is not None
    assert rides_on("wwan0", uplinks(ETH_DEFAULT, v6=V6_DEFAULT.format(name="eth0"))) is None


def test_without_a_name_whatever_is_called_like_a_modem_counts(uplinks) -> None:
    assert rides_on(None, uplinks(WWAN_DEFAULT)) is not None
    assert rides_on(None, uplinks(ETH_DEFAULT)) is None


def test_a_session_that_comes_by_cable_is_safe(uplinks) -> None:
    assert rides_on("wwan0", uplinks(ETH_DEFAULT, ETH_NET, env=SSH)) is None


def test_a_session_whose_answers_go_over_the_modem_is_not(uplinks) -> None:
    text, fields = rides_on("wwan0", uplinks(ETH_DEFAULT, TO_OFFICE, env=SSH)) or ("", {})
    assert text.format(**fields) == "the SSH session from 203.0.113.9 comes over wwan0"


def test_a_session_to_the_modems_own_address_is_not(uplinks) -> None:
    env = {"SSH_CONNECTION": "2001:db8::9 50000 2001:db8::7 22"}
    assert rides_on("wwan0", uplinks(ETH_DEFAULT, env=env)) is not None


def test_the_modems_interface_is_as_configured_or_has_its_address(uplinks) -> None:
    found = uplinks(ETH_DEFAULT)
    assert cellular_interface("usb9", "/dev/none", (), found) == "usb9"
    assert cellular_interface(None, "/dev/none", ("2001:db8::7",), found) == "wwan0"
    assert cellular_interface(None, "/dev/none", ("10.9.9.9",), found) is None


def test_no_session_no_address() -> None:
    assert ssh_of({}) is None
    assert ssh_of({"SSH_CONNECTION": "nonsense"}) is None
    assert ssh_of(SSH) == ("203.0.113.9", "192.0.2.7")
