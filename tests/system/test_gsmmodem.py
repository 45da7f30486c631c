"""python-gsmmodem-new reads a simulated EC25, sends a message and receives one."""

import json
import subprocess
from pathlib import Path

import pytest

PYTHON = Path(__file__).parents[2] / "benchmarks" / ".venv" / "bin" / "python"
SCRIPT = """
import json, sys, threading
from gsmmodem.modem import GsmModem

received, came = [], threading.Event()

def take(message):
    received.append((message.number, message.text))
    came.set()

modem = GsmModem(sys.argv[1], 115200, smsReceivedCallbackFunc=take)
modem.connect()
names = "manufacturer model revision imei imsi networkName signalStrength smsc"
facts = {name: getattr(modem, name) for name in names.split()}
facts["coverage"] = modem.waitForNetworkCoverage(10)
modem.sendSms("10010", "CXLL")
print(json.dumps(facts), flush=True)
came.wait(30)
print(json.dumps(received), flush=True)
modem.close()
"""


def missing() -> bool:
    if not PYTHON.exists():
        return True
    found = subprocess.run([PYTHON, "-c", "import gsmmodem"], capture_output=True, check=False)
    return found.returncode != 0


pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.skipif(
        missing(), reason="not installed: python-gsmmodem-new (python benchmarks/peers/install.py)"
    ),
]


def test_gsmmodem_reads_the_modem_sends_a_message_and_receives_one(simulated_modem) -> None:
    modem = simulated_modem("quectel_ec25")
    with subprocess.Popen(
        [PYTHON, "-W", "ignore", "-c", SCRIPT, modem.url], stdout=subprocess.PIPE, text=True
    ) as peer:
        assert peer.stdout is not None
        try:
            facts = json.loads(peer.stdout.readline())
            modem.do(message={"from": "+99900000009", "text": "Hello [there] €"})
            received = json.loads(peer.stdout.readline())
        finally:
            peer.kill()
    assert facts == {
        "manufacturer": "Quectel",
        "model": "EC25",
        "revision": "EC25EFAR06A03M4G",
        "imei": "356938035643809",
        "imsi": "001010123456789",
        "networkName": "Test Network",
        "signalStrength": 20,
        "smsc": "+10015550100",
        "coverage": 20,
    }
    assert modem.sent_messages == [("10010", "CXLL")]
    assert received == [["+99900000009", "Hello [there] €"]]
