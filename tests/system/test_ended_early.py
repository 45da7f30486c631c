"""A status that is ended from outside leaves the modem as it was."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.system.programs import running, start, wait_until

pytestmark = pytest.mark.system

_DENIED = """
[[step]]
at_s = 0
set = { eps = { stat = 3, cause_type = 0, cause = 8 } }
"""


def commands(log: Path) -> list[str]:
    text = log.read_text() if log.exists() else ""
    return [line.split("\t")[1] for line in text.splitlines()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_registration_reports_are_put_back_by_a_status_that_is_ended(tmp_path, number):
    log, link, scenario = tmp_path / "modem.log", tmp_path / "modem", tmp_path / "denied.toml"
    scenario.write_text(_DENIED)
    with running(
        tmp_path, "modem", "fixture", "simulate", "--modem", "quectel_ec25", "--latency", "150",
        "--pty", "--link", str(link), "--log", str(log), "--scenario", str(scenario),
    ) as modem:  # fmt: skip
        wait_until(link.exists, modem)
        status = start(tmp_path, "status", "status", "--port", str(link))
        wait_until(lambda: "AT+CEREG=3" in commands(log), status)
        status.send_signal(number)
        try:
            assert status.wait(60) == 130
        except subprocess.TimeoutExpired:
            status.kill()
            raise
        sent = [each for each in commands(log) if re.fullmatch(r"AT\+CEREG=\d", each)]
    assert sent == ["AT+CEREG=3", "AT+CEREG=0"]
