"""A release at a modem that the daemon owns; what it goes on doing undoes none of it."""

from pathlib import Path

import pytest

from agent.config_files import control_path
from agent.control import ask
from agent.release.results import all_released
from agent.release.steps import STEPS, World, do, prepare, prove, undo
from agent.release.table import MODEM
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.system.programs import running, wait_until

pytestmark = pytest.mark.system

AT_THE_MODEM = tuple(step for step in STEPS if step.where == MODEM)


def samples(log: Path) -> int:
    return log.read_text(encoding="utf-8").count("sample slot=1") if log.exists() else 0


def test_the_daemon_releases_and_leaves_the_modem_released(tmp_path):
    path, log = tmp_path / "simward.toml", tmp_path / "daemon.err"
    modem = SimulatedModem.load("quectel_em12", "usim_test")
    with serve_tcp(modem) as port:
        path.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\nreport.interval_s = 0.2\n'
            f'[[modem]]\nport = "{port.url}"\n',
            encoding="utf-8",
        )
        with running(tmp_path, "daemon", "--config", str(path), "run") as daemon:
            wait_until(lambda: samples(log) > 0, daemon)
            socket = control_path(str(tmp_path / "state"))
            world = World(
                lambda request: ask(socket, request) or {}, "89001010000000000018", port=port.url
            )
            kept = {step: prepare(step, world) for step in AT_THE_MODEM}
            results = {step.id: do(step, world, kept[step]).result for step in AT_THE_MODEM}
            assert results == {
                "auto_connect": "not_available",
                "contexts_down": "done",
                "apn_credentials": "done",
                "context_definitions": "done",
                "device_locks": "nothing_to_do",
            }
            seen = samples(log)
            wait_until(lambda: samples(log) > seen + 3, daemon)
            assert all_released(prove(step, world) for step in AT_THE_MODEM) is True
            assert not modem.state.sessions.any_up
            sent = [command for _, command in modem.log]
            assert not any(each.startswith(("AT+CGACT=1", "AT+CGATT=1")) for each in sent)
            for step in reversed(AT_THE_MODEM):
                assert undo(step, kept[step], world).result != "refused"
            assert modem.state.sessions.session(1) is not None
        assert "secret" not in log.read_text(encoding="utf-8")
        assert not (tmp_path / "daemon.out").read_text(encoding="utf-8")
