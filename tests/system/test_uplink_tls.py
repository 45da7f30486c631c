"""TLS between gateway and a real broker."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.system.broker import mosquitto
from tests.system.uplink_helpers import Gateway, drive

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    options = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run(["openssl", *request.split(), *options, *files], check=True, capture_output=True)
    return cert, key


def test_a_trusted_broker_takes_rows_over_tls_and_the_session_is_resumed(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "broker")
    with mosquitto(tmp_path, extra=f"certfile {cert}\nkeyfile {key}") as broker:
        gateway = Gateway(f"mqtts://127.0.0.1:{broker.port}", ca=str(cert))
        gateway.report()
        drive(gateway, until=lambda: gateway.delivered == [1])
        first = gateway.uplink._link
        assert first is not None
        first._client.socket().shutdown(socket.SHUT_RDWR)
        gateway.report()
        drive(gateway, until=lambda: gateway.delivered == [1, 2])
        second = gateway.uplink._link
        assert second is not None
        assert second is not first
        assert second._client.socket().session_reused
        gateway.close()


def test_a_broker_that_is_not_trusted_gets_nothing_and_is_named(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "broker")
    other, _ = certificate(tmp_path, "other")
    with mosquitto(tmp_path, extra=f"certfile {cert}\nkeyfile {key}") as broker:
        gateway = Gateway(f"mqtts://127.0.0.1:{broker.port}", ca=str(other))
        gateway.report()
        drive(gateway, until=lambda: gateway.problems != [])
        assert gateway.problems == ["the broker's certificate is not trusted"]
        assert gateway.delivered == []
        gateway.close()


def test_tls_on_a_port_without_tls_is_said(tmp_path: Path) -> None:
    cert, _ = certificate(tmp_path, "broker")
    with mosquitto(tmp_path) as broker:
        gateway = Gateway(f"mqtts://127.0.0.1:{broker.port}", ca=str(cert))
        drive(gateway, until=lambda: gateway.problems != [])
        assert gateway.problems[0] in {
            "TLS with the broker failed",
            "the broker cannot be reached",
        }
        gateway.close()
