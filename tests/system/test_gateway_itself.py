"""What a gateway says of itself and what it costs: the daemon, TLS, a broker, and a capture.

The clock of the machine that runs the tests may be nobody's: the daemon gets a /run of its own in
which systemd-timesyncd has left its mark.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.usage.own import DAY_S, RECONNECTS
from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_pty
from tests.system.broker import mosquitto
from tests.system.capture import Capture
from tests.system.programs import Program, end, simward_command
from tests.system.test_uplink_tls import certificate
from tests.system.uplink_helpers import Backend, drive

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.getuid() != 0, reason="a /run of its own, and a capture, need root"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

SAMPLES = 24
INTERVAL_S = 0.5
_MARK = "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/timesync && : > /run/systemd/timesync/"
_IN_TIME = ["unshare", "--mount", "sh", "-c", f'{_MARK}synchronized && exec "$@"', "sh"]


@contextmanager
def in_time(folder: Path, *arguments: str) -> Iterator[Program]:
    """`simward ARGUMENTS` where the clock is known to be right."""
    can = subprocess.run([*_IN_TIME, "true"], capture_output=True, check=False)
    if can.returncode:
        pytest.skip(f"no /run of its own here: {can.stderr.decode().strip()}")
    with (folder / "daemon.err").open("wb") as log:
        daemon = Program(
            [*_IN_TIME, *simward_command(*arguments)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            text=True,
        )
    daemon.complaints = folder / "daemon.err"
    try:
        yield daemon
    finally:
        end(daemon)


def test_a_gateway_says_what_ends_and_what_it_costs(tmp_path: Path) -> None:
    (cert, key), (own, own_key) = certificate(tmp_path, "broker"), certificate(tmp_path, "gw")
    tls = f"certfile {cert}\nkeyfile {key}\ncafile {own}\nrequire_certificate true"
    config = tmp_path / "simward.toml"
    with (
        mosquitto(tmp_path, extra=tls) as broker,
        serve_pty(SimulatedModem.load("quectel_ec25")) as port,
        Capture(broker.port) as capture,
    ):
        config.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\nreport.interval_s = {INTERVAL_S}\n'
            f'[broker]\nurl = "mqtts://127.0.0.1:{broker.port}"\nca = "{cert}"\ncert = "{own}"\n'
            f'key = "{own_key}"\nbudget_bytes = 10000\n[[modem]]\nport = "{port.url}"\n',
            encoding="utf-8",
        )
        url = f"mqtts://127.0.0.1:{broker.port}"
        backend = Backend(url, ca=str(cert), cert=str(own), key=str(own_key))
        drive(backend, until=lambda: backend.consumer.online)
        listener = backend.consumer._link._client.socket().getsockname()[1]
        with in_time(tmp_path, "--config", str(config), "run"):
            drive(backend, until=lambda: len(said(backend, "report")) >= SAMPLES)
        packets = sum(capture.total(client) for client in capture.clients() - {listener})
        backend.close()
    events = {
        (e.code, e.args.get("key") or e.args.get("percent")): e for e in said(backend, "event")
    }
    assert {("certificate_expires", "broker.cert"), ("certificate_expires", "broker.ca")} < set(
        events
    )
    for name in ("broker.cert", "broker.ca"):
        args = events["certificate_expires", name].args
        assert (args["days"], args["threshold"]) == (1, 7)
    assert events["budget_near", 100].args["used_bytes"] >= 10_000
    assert len(said(backend, "event")) == len(events)  # each is said once
    state = said(backend, "state")[0].budget
    assert (state.used_bytes, state.bound_bytes) == (0, 10_000)
    command = simward_command("--config", str(config), "usage", "--air", "--json")
    air = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["air"]
    measured = sum(day["tx_bytes"] + day["rx_bytes"] for day in air["measured"])
    # Up to the latest sample: what comes behind it, and the goodbye, is not in it yet.
    assert 0.75 * packets < measured <= packets
    predicted = air["predicted"]
    per_report = (predicted["reports_bytes"] + predicted["acks_bytes"]) * INTERVAL_S / DAY_S
    reports = len(said(backend, "report")) + len(events)
    connection = predicted["connections_bytes"] / RECONNECTS
    assert reports * per_report + connection == pytest.approx(packets, rel=0.2)


def said(backend: Backend, kind: str) -> list[object]:
    return [each.message for each in backend.watcher.arrivals if each.kind == kind]
