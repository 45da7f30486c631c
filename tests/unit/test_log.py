import logging
import socket

import pytest

from agent.log import MaskingFormatter
from agent.systemd import notify


def line(message: str, *arguments: object) -> str:
    record = logging.LogRecord("test", logging.INFO, "test.py", 1, message, arguments, None)
    return MaskingFormatter().format(record)


@pytest.mark.parametrize(
    "identifier",
    ["89001010000000000018", "8986002412345678A012", "001010123456789", "+12025550100"],
)
def test_identifiers_are_masked_in_logs(identifier):
    shown = line("card iccid=%s seen", identifier)
    assert identifier not in shown
    assert f"{identifier[-2:]} seen" in shown


def test_what_is_no_identifier_is_logged_as_it_is():
    text = "gw=3a6d1e2538 store=de281608 seq=123456 up_s=3493.062 ci=01A2B3C4"
    assert line(text) == f"INFO test: {text}"


def test_systemd_is_told_where_it_listens(tmp_path, monkeypatch):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        notify("READY=1")
        assert listener.recv(100) == b"READY=1"
    notify("STOPPING=1")  # nobody listens any more: harmless
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify("STOPPING=1")
