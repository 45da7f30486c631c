"""`simward diagnose --probe` in a network namespace: real interfaces, routes and sockets."""

import json
import subprocess

import pytest

from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_pty
from tests.system.namespaces import CELLULAR, HOST, PORT, WIRED, namespaces
from tests.system.programs import simward_command

pytestmark = pytest.mark.system


@pytest.fixture
def net(tmp_path):
    with namespaces(tmp_path) as made:
        yield made


@pytest.fixture
def diagnose(tmp_path, net):
    """The document of a diagnosis inside the gateway's namespace, and the exit code."""
    with serve_pty(SimulatedModem.load("quectel_ec25")) as port:
        config = tmp_path / "simward.toml"
        config.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\n'
            f'[[modem]]\nport = "{port.url}"\ninterface = "{CELLULAR}"\n'
            f'[probe]\nhosts = ["http://{HOST}:{PORT}/"]\n',
            encoding="utf-8",
        )

        def run(option="--probe"):
            command = simward_command("--config", str(config), "diagnose", option, "--json")
            ran = subprocess.run(
                net.inside(net.gateway, *command),
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            return json.loads(ran.stdout) if ran.stdout else ran.stderr, ran.returncode

        yield run


def test_what_is_tried_goes_out_by_the_cellular_interface_alone(net, diagnose):
    wired = net.sent(WIRED)
    cellular = net.sent(CELLULAR)
    document, code = diagnose()
    assert (document["cause"], code) == ("healthy", 0)
    probe = document["probe"]
    assert (probe["interface"], probe["source"]) == (CELLULAR, "10.64.0.2")
    assert net.sent(WIRED) == wired
    # What the budget counts is what the kernel counted, but for link headers and segments.
    went = net.sent(CELLULAR) - cellular
    assert 0 < went <= probe["spent_bytes"] + 14 * 20
    assert (probe["bytes_left"], probe["bytes_came"]) == (True, True)


def test_a_wired_way_that_works_does_not_make_a_dead_cellular_one_alive(net, diagnose):
    net.cellular_is_down()
    document, code = diagnose()
    assert (document["cause"], document["row"], code) == ("wrong_uplink", "L5-5", 1)
    assert document["probe"]["unbound_answers"] is True
    assert document["probe"]["bytes_left"] is False


def test_data_that_is_cut_is_said_though_the_wired_way_works(net, diagnose):
    net.nothing_comes_back()
    document, code = diagnose()
    assert (document["cause"], document["row"], code) == ("data_cut", "L5-2", 1)
    probe = document["probe"]
    assert (probe["bytes_left"], probe["bytes_came"]) == (True, False)
    assert probe["unbound_answers"] is True


def test_a_radio_that_carries_this_machines_way_out_is_not_switched_off(net, diagnose):
    document, code = diagnose("--reattach")
    assert (document["reattach"]["done"], code) == (False, 0)  # registered: nothing to be done
    net.default_is_cellular()
    words, code = diagnose("--reattach")
    assert code == 6
    assert f"the default route of this machine leads over {CELLULAR}" in words
