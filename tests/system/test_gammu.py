"""gammu from Debian's package reads a simulated EC25 and sends a message through it."""

import re
import shutil
import subprocess

import pytest

pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.skipif(
        shutil.which("gammu") is None, reason="not installed: gammu (apt-get install gammu)"
    ),
]


@pytest.fixture
def gammu(tmp_path, simulated_modem):
    """The modem, and what runs gammu on it: several commands at once, each start takes seconds."""
    modem = simulated_modem("quectel_ec25")
    config = tmp_path / "gammurc"
    config.write_text(f"[gammu]\ndevice = {modem.url}\nconnection = at115200\n")

    def run(*commands: str) -> str:
        batch = tmp_path / "batch"
        batch.write_text("\n".join(commands) + "\n")
        done = subprocess.run(
            ["gammu", "-c", str(config), "batch", str(batch)],
            capture_output=True, text=True, check=False, timeout=120, env={"LANG": "C.UTF-8"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return re.sub(r" +: ", ": ", done.stdout)

    return modem, run


def test_gammu_reads_modem_network_messages_and_phone_book(gammu) -> None:
    modem, run = gammu
    modem.do(message={"from": "+99900000009", "text": "Hello [there] €"})
    said = run("identify", "networkinfo", "getsmsc", "getallsms", "getmemory SM 1")
    for line in (
        "Manufacturer: Quectel",
        "IMEI: 356938035643809",
        "SIM IMSI: 001010123456789",
        "Network state: home network",
        'Name in phone: "Test Network"',
        "GPRS: attached",
        'Number: "+10015550100"',
        'Remote number: "+99900000009"',
        "Hello [there] €",
        'Name: "Note"',
    ):
        assert line in said, said


def test_gammu_sees_a_refusal(gammu) -> None:
    modem, run = gammu
    modem.do(network={"cs": {"reject": 3}, "ps": {"reject": 8}, "eps": {"reject": 8}})
    assert "Network state: registration to network denied" in run("networkinfo")


def test_gammu_sends_a_message_and_hears_why_not(gammu) -> None:
    modem, run = gammu
    run('sendsms TEXT 10010 -text "CXLL €"')
    assert modem.sent_messages == [("10010", "CXLL €")]
