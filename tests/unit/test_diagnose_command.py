"""`simward diagnose` as a technician meets it: exit codes, complaints, 80 columns, languages."""

import json
import socket

import pytest

from agent.cli import main
from agent.cli.diagnose_text import COLUMNS, render
from agent.cli.table import width
from agent.i18n import set_language
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.diagnosis_world import FOLDER, played

ICCID = "89001010000000000018"
ORDER = {"schema": "simward/order/1", "order_id": "W-1", "iccid": ICCID}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    for name in ("LC_ALL", "LC_MESSAGES", "SIMWARD_LANG", "SIMWARD_CONFIG", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SIMWARD_DEVICE__STATE_DIR", str(tmp_path / "state"))
    yield
    set_language("en")


@pytest.fixture
def modem():
    return SimulatedModem.load("quectel_ec25")


@pytest.fixture
def port(modem):
    with serve_tcp(modem) as served:
        yield served.url


def asked(capsys, *arguments: str) -> tuple[int, dict]:
    code = main(["diagnose", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_a_healthy_card_is_exit_0(capsys, port) -> None:
    code, document = asked(capsys, "--port", port)
    assert (code, document["cause"], document["schema"]) == (0, "healthy", "simward/diagnosis/1")


def test_all_else_is_exit_1(capsys, modem, port) -> None:
    modem.do(network={"cs": {"reject": 2}, "ps": {"reject": 8}, "eps": {"reject": 8}})
    code, document = asked(capsys, "--port", port)
    assert (code, document["row"]) == (1, "L3-1")


def test_a_modem_that_cannot_be_reached_is_an_answer(capsys) -> None:
    code, document = asked(capsys, "--port", "/dev/nonexistent")
    assert (code, document["row"], document["cause"]) == (1, "L0-1", "modem_unreachable")
    assert document["absent"] == {"modem": "no such port"}
    assert document["not_tested"] == ["L1", "L2", "L3", "L4", "L5", "L6"]


def test_papers_that_contradict_the_card_are_heard(capsys, port, tmp_path) -> None:
    order = tmp_path / "order.json"
    order.write_text(json.dumps({**ORDER, "iccid": "89001010000000000026"}))
    code, document = asked(capsys, "--port", port, "--order", str(order))
    assert (code, document["row"], document["order"]["order_id"]) == (1, "L1-5", "W-1")
    assert main(["--lang", "en", "diagnose", "--port", port, "--order", str(order)]) == 1
    text = capsys.readouterr().out
    assert ICCID not in text
    assert "890010**********0018" in text
    assert main(["diagnose", "--full", "--port", port, "--order", str(order)]) == 1
    assert ICCID in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot read"),
        ("{", "not JSON"),
        (json.dumps({**ORDER, "order_id": None}), "order_id: a value of the wrong type"),
        (json.dumps({**ORDER, "iccid": "356938035643809"}), "iccid: 15 digits: that is an IMEI"),
    ],
)
def test_papers_that_cannot_be_used_are_exit_2_and_name_file_and_key(
    capsys, tmp_path, content, words
) -> None:
    file = tmp_path / "order.json"
    if content is not None:
        file.write_text(content)
    assert main(["diagnose", "--port", "/dev/nonexistent", "--order", str(file)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert str(file) in captured.err
    assert words in captured.err


@pytest.mark.parametrize(("number", "code"), [("112", 6), ("+86110", 6), ("help", 2), ("1", 2)])
def test_numbers_that_get_no_message(capsys, modem, port, number, code) -> None:
    assert main(["diagnose", "--port", port, "--probe-sms", number]) == code
    assert f"--probe-sms: {number} is" in capsys.readouterr().err
    assert modem.log == []


def test_hosts_that_are_none_are_a_wrong_configuration(capsys, monkeypatch) -> None:
    monkeypatch.setenv("SIMWARD_PROBE__HOSTS", "ftp://x.example")
    assert main(["diagnose", "--port", "/dev/nonexistent"]) == 2
    assert "probe.hosts: ftp://x.example is neither" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("interface", "verdict"), [("lo", (0, "healthy")), ("nosuchif0", (1, "wrong_uplink"))]
)
def test_hosts_are_tried_over_the_configured_interface(
    capsys, monkeypatch, port, interface, verdict
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as host:
        monkeypatch.setenv("SIMWARD_MODEM__PORT", port)
        monkeypatch.setenv("SIMWARD_MODEM__INTERFACE", interface)
        monkeypatch.setenv("SIMWARD_PROBE__HOSTS", f"127.0.0.1:{host.getsockname()[1]}")
        code, document = asked(capsys, "--probe")
    assert (code, document["cause"]) == verdict
    assert 0 < document["probe"]["spent_bytes"] <= 20_000


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in FOLDER.glob("*.toml") if "near" not in path.stem)
)
def test_the_text_fits_80_columns_in_both_languages(name) -> None:
    document = played(name)
    for lang in ("en", "zh"):
        set_language(lang)
        lines = render(document).splitlines()
        assert max(map(width, lines)) <= COLUMNS
        advice = document["advice"][lang].replace(" ", "")
        assert advice in "".join(lines).replace(" ", "")
