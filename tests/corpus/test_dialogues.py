"""`simward status --json` on every dialogue of a real modem: field by field, however it arrives.

The dialogues are not part of this project; SIMWARD_CORPUS names their folder (default ../shared).
`said(command, shape)` takes a value out of the dialogue itself, so no identity stands here.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from modem.simulator.dialogue import DialoguePlayer
from modem.simulator.faults import OneByteAtATime
from modem.simulator.ports import serve_tcp
from tests.device_stream import leaves, status_of

CORPUS = Path(os.environ.get("SIMWARD_CORPUS", Path(__file__).parents[2] / ".." / "shared"))
DIALOGUES = CORPUS / "at" / "dialogues.json"

pytestmark = pytest.mark.skipif(
    not DIALOGUES.is_file(), reason=f"no corpus of dialogues at {DIALOGUES.name} (SIMWARD_CORPUS)"
)

# Not facts of the modem; and a list of refusals that is empty in all of them.
FRAME = {"schema", "taken_at", "clock_synchronized", "modem.port", "sim.slot", "rejects"}
URCS = ("^RSSI:14", "+CREG: 1", '+CMTI: "SM",3', "RDY")


@dataclass(frozen=True)
class Said:
    """What the dialogue's answer to `command` says, by a shape with one group."""

    command: str
    shape: str

    def of(self, exchanges: dict[str, list[str]]) -> str:
        match = re.search(self.shape, "\n".join(exchanges[self.command]), re.MULTILINE)
        assert match, self
        return match.group(1)


def said(command: str, shape: str = r"^(.+)$") -> Said:
    return Said(command, shape)


def domain(name: str, stat: int, state: str, **more: str) -> dict:
    facts = {"stat": stat, "state": state, **more}
    return {f"registration.{name}.{key}": value for key, value in facts.items()}


def context(index: int, cid: int, *addresses, **more) -> dict:
    facts = {"cid": cid, **more, **{f"addresses.{n}": a for n, a in enumerate(addresses)}}
    return {f"packet.contexts.{index}.{key}": value for key, value in facts.items()}


def phone(maker: str, model: str) -> dict:
    """The sticks and phones of one test suite: identity and IMSI, nothing else."""
    return {
        "modem.manufacturer": maker,
        "modem.model": model,
        "modem.revision": said("AT+CGMR", r"(?s)^(.+)\nOK"),
        "modem.imei": said("AT+CGSN"),
        "sim.state": "ready",
        "sim.imsi": said("AT+CIMI"),
        "sim.mcc": said("AT+CIMI", r"^(...)"),
        "sim.mnc": said("AT+CIMI", r"^...(..)"),
    }


EXPECTED = {
    "rm500u-cnv-qmodem": {
        "modem.manufacturer": "Quectel",
        "modem.model": "RM500U-CNV",
        "modem.revision": "RM500UCNVCAR03A12M2G",
        "modem.imei": said("AT+CGSN", r"([0-9]{15})"),
        "modem.profile": "quectel_rm500u",
        "sim.state": "ready",
        "sim.iccid": said("AT+CCID", r"([0-9]{20})"),
        "sim.iccid_source": "modem",
        "sim.iccid_checks.luhn": True,
        "sim.imsi": said("AT+CIMI"),
        "sim.mcc": "460",
        "sim.mnc": "11",
        "sim.msisdn": said("AT+CNUM", r'"(\+[0-9]+)"'),
        "sim.carrier": "ctcc",
        "operator.plmn": "46011",
        "operator.act": "nr",
        "signal.rssi_dbm": -77,
        "signal.rsrp_dbm": -89,
        "signal.rsrq_db": -8,
        "signal.sinr_db": 15,
        "packet.attached": True,
        **context(
            0,
            1,
            said("AT+CGPADDR=1", r'"([0-9.]+)"'),
            said("AT+CGPADDR=1", r'"([0-9a-f:]+)"'),
            active=True,
        ),
        **context(1, 11, active=True),
        # Two projects read the fields of the Unisoc modem in opposite order.
        "usage.tx_bytes": 109169083,
        "usage.rx_bytes": 82663256,
        "usage.source": "AT+QGDCNT?",
        "usage.doubt": "sources dispute the order of sent and received",
    },
    "huawei-k3715-gsmmodem": {**phone("huawei", "K3715"), "modem.profile": "huawei"},
    "qualcomm-m6280-gsmmodem": {
        **phone("QUALCOMM INCORPORATED", "M6280"),
        "modem.profile": "generic_3gpp",
    },
    "nokia-n79-gsmmodem": {**phone("Nokia", "Nokia N79"), "modem.profile": "generic_3gpp"},
    "em12-g-asus": {
        "modem.manufacturer": "Quectel",
        "modem.model": "EM12",
        "modem.revision": "EM12GPAR01A21M4G",
        "modem.profile": "quectel_ec2x",
        "sim.state": "unknown",
        "operator.plmn": "26203",
        "operator.name": "freenet freenet",
        "operator.act": "lte",
        "signal.rssi_dbm": -67,
        "signal.rsrp_dbm": -97,
        "signal.rsrq_db": -10,
        "packet.attached": True,
        **context(
            0, 1, said("AT+CGCONTRDP=1", r"internet,([0-9.]+),"), apn="internet", active=True
        ),
        "usage.tx_bytes": 237505722,
        "usage.rx_bytes": 614994307,
        "usage.source": "AT+QGDCNT?",
    },
    "ec25-modeminfo45": {
        "modem.profile": "generic_3gpp",
        "sim.state": "unknown",
        **domain("cs", 1, "home"),
        **domain("eps", 1, "home"),
        "operator.plmn": "25099",
        "operator.act": "lte",
        "signal.rssi_dbm": -53,
        "signal.rsrp_dbm": -84,
        "signal.rsrq_db": -11,
    },
    "bg96-azure381": {
        "modem.profile": "generic_3gpp",
        "sim.state": "ready",
        **context(0, 1, pdp_type="IP", apn="www"),
        **context(1, 2, pdp_type="IPV4V6", apn="ims"),
        **context(2, 3, pdp_type="IPV4V6", apn=""),
    },
    "fm350-pr70": {
        "modem.manufacturer": "Fibocom Wireless Inc.",
        "modem.model": "FM350-GL",
        "modem.revision": "81600.0000.00.29.22.40",
        "modem.imei": said("AT+CGSN?", r'"([0-9]{15})"'),
        "modem.profile": "fibocom_fm350",
        "sim.state": "unknown",
        "sim.iccid": said("AT+ICCID", r"([0-9]{20})"),
        "sim.iccid_source": "modem",
        "sim.iccid_checks.luhn": True,
        "sim.imsi": said("AT+CIMI?", r'"([0-9]{15})"'),
        "sim.mcc": "250",
        "sim.mnc": "01",
        **domain("ps", 1, "home", lac="1234", ci="00123456", act="lte"),
        **domain("eps", 1, "home", tac="1234", ci="00123456", act="lte"),
        "operator.plmn": "25001",
        "operator.act": "lte",
        "signal.rssi_dbm": -95,
        "signal.rsrp_dbm": -102,
        "signal.rsrq_db": -16.5,
        "signal.sinr_db": -2,
    },
    "l860-3ginfo39": {
        "modem.profile": "generic_3gpp",
        "sim.state": "unknown",
        "signal.rssi_dbm": -83,
        "signal.rsrp_dbm": -84,
        "signal.rsrq_db": -7,
        "signal.sinr_db": 25,
        "signal.ber": 6,
    },
    "sim7670g-lilygo346": {
        "modem.manufacturer": "SIMCOM INCORPORATED",
        "modem.model": "SIM7670G-MNGV",
        "modem.revision": "2374B05SIM767XM5A_M",
        "modem.imei": said("AT+SIMCOMATI", r"IMEI: ([0-9]{15})"),
        "modem.profile": "simcom_a76xx",
        "sim.state": "unknown",
        **domain("cs", 2, "searching"),
    },
    "nrf9160-nordic-tests": {
        "modem.manufacturer": "Nordic Semiconductor ASA",
        "modem.revision": "mfw_nrf9160_1.1.1",
        "modem.imei": said("AT+CGSN=1", r'"([0-9]{15})"'),
        "modem.profile": "nordic_nrf91",
        "sim.state": "ready",
        "sim.iccid": said("AT%XICCID", r"([0-9]+)F"),
        "sim.iccid_source": "modem",
        "sim.iccid_checks.luhn": False,
        "sim.imsi": said("AT+CIMI"),
        "sim.mcc": "284",
        "sim.mnc": "01",
        "sim.pin1.retries": 1,
        "sim.pin1.puk_retries": 3,
        **domain("eps", 1, "home"),
        "operator.plmn": "24407",
        "signal.rsrp_dbm": -78,
        "signal.rsrq_db": -4,
        **context(0, 0, "10.0.1.1", pdp_type="IP", apn="internet"),
        **context(1, 1, "10.0.1.2", pdp_type="IP", apn="IOT_apn"),
        "usage.tx_bytes": 45000,
        "usage.rx_bytes": 60000,
        "usage.source": "AT%XCONNSTAT?",
        "usage.doubt": "counted in whole kilobytes",
    },
    "ml307-manual": {
        "modem.profile": "generic_3gpp",
        "sim.state": "unknown",
        "sim.iccid": said("AT+MCCID", r"([0-9]{20})"),
        "sim.iccid_source": "modem",
        "sim.iccid_checks.luhn": True,
        "sim.carrier": "ctcc",
        "signal.rssi_dbm": -81,
        "signal.rsrp_dbm": -92,
        "signal.rsrq_db": -10.8,
        "signal.sinr_db": 23.5,
        "usage.tx_bytes": 211,
        "usage.rx_bytes": 74,
        "usage.source": 'AT+MUESTATS="bler"',
    },
    "ec25-manual": {
        "modem.manufacturer": "Quectel",
        "modem.model": "EC25",
        "modem.revision": "EC25EFAR02A09M4G",
        "modem.profile": "quectel_ec2x",
        "sim.state": "ready",
        "signal.rssi_dbm": -53,
        "packet.attached": False,
        "usage.tx_bytes": 3832,
        "usage.rx_bytes": 4618,
        "usage.source": "AT+QGDCNT?",
    },
    "ec2x-gateway": {
        "modem.profile": "generic_3gpp",
        "sim.state": "unknown",
        **domain("cs", 1, "home"),
        "signal.rssi_dbm": -63,
        "packet.attached": True,
        **context(
            0,
            1,
            said("AT+QIACT?", r'"([0-9.]+)"'),
            pdp_type="IP",
            apn="internet",
            active=True,
        ),
        **context(1, 2, pdp_type="IP", apn="uninet"),
        **context(2, 3, pdp_type="IPV4V6", apn="3gpp"),
    },
    "mm-generic-port": {
        "modem.manufacturer": "Some vendor",
        "modem.model": "Some model",
        "modem.revision": "Some revision",
        "modem.imei": said("AT+CGSN"),
        "modem.profile": "generic_3gpp",
        "modem.functionality": 1,
        "sim.state": "ready",
        "sim.imsi": said("AT+CIMI"),
        "sim.mcc": "998",
        "sim.mnc": "89",
        "sim.pin1.enabled": True,
        **domain("cs", 1, "home", lac="1234", ci="001122BB"),
        **domain("ps", 1, "home", lac="31C5", ci="0083F7CD"),
        "signal.rssi_dbm": -79,
        "locks.ps": True,
    },
    "ublox-ubxlib188": {
        "modem.profile": "generic_3gpp",
        "sim.state": "unknown",
        **domain("cs", 3, "denied"),
        **domain("ps", 4, "unknown"),
        **domain("eps", 3, "denied"),
        "last_error.source": "AT+CEER",
        "last_error.text": "No report available",
    },
}


def dialogue(name: str) -> dict:
    return next(d for d in json.loads(DIALOGUES.read_text()) if d["id"] == name)


def player(recorded: dict, *, echo: bool, interject=None) -> DialoguePlayer:
    return DialoguePlayer.from_exchanges(
        recorded["exchanges"],
        echo=echo,
        boot_urcs=recorded["boot_urcs"],
        raw=recorded.get("raw"),
        interject=interject,
    )


def expected(recorded: dict) -> dict:
    facts = {
        path: value.of(recorded["exchanges"]) if isinstance(value, Said) else value
        for path, value in EXPECTED[recorded["id"]].items()
    }
    if "sim.iccid" in facts:  # by the modem's own command in all of them
        facts["sim.iccid_modem"] = facts["sim.iccid"]
    return facts


def facts(document: dict) -> dict:
    return {path: value for path, value in leaves(document).items() if path not in FRAME}


def nulls(document, path="") -> set[str]:
    """The paths of all nulls of a document."""
    if document is None:
        return {path}
    items = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    return {
        found
        for key, value in items
        if key != "absent"
        for found in nulls(value, f"{path}.{key}".strip("."))
    }


def test_every_dialogue_of_the_corpus_has_its_expectation():
    assert {d["id"] for d in json.loads(DIALOGUES.read_text())} == set(EXPECTED)


@pytest.mark.parametrize("echo", [False, True], ids=["echo off", "echo on"])
@pytest.mark.parametrize("name", EXPECTED)
def test_status_is_right_field_by_field(name, echo):
    recorded = dialogue(name)
    document = status_of(player(recorded, echo=echo))
    assert facts(document) == expected(recorded)
    assert nulls(document) == set(document["absent"])


@pytest.mark.parametrize("echo", [False, True], ids=["echo off", "echo on"])
@pytest.mark.parametrize("name", EXPECTED)
def test_status_is_right_one_byte_at_a_time(name, echo):
    recorded = dialogue(name)
    document = status_of(OneByteAtATime(player(recorded, echo=echo), gap_s=0.0001))
    assert facts(document) == expected(recorded)


@pytest.mark.parametrize("urc", URCS)
@pytest.mark.parametrize("echo", [False, True], ids=["echo off", "echo on"])
@pytest.mark.parametrize("name", EXPECTED)
def test_status_is_right_with_an_unsolicited_line_at_every_boundary(name, echo, urc):
    recorded = dialogue(name)
    for position in ("before", "between", "after", "everywhere"):
        document = status_of(player(recorded, echo=echo, interject=(urc, position)))
        assert facts(document) == expected(recorded), position


@pytest.mark.parametrize("name", EXPECTED)
def test_status_is_right_over_tcp(name):
    recorded = dialogue(name)
    with serve_tcp(player(recorded, echo=True)) as port:
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from agent.cli import main; sys.exit(main())",
             "--json", "status", "--port", port.url],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    ready = EXPECTED[name]["sim.state"] == "ready"
    named = any(path in EXPECTED[name] for path in ("sim.iccid", "sim.imsi"))
    assert done.returncode == (0 if ready and named else 4)
    # One line says why a card cannot be used.
    assert len(done.stderr.splitlines()) == (0 if ready and named else 1)
    assert facts(json.loads(done.stdout)) == expected(recorded)
