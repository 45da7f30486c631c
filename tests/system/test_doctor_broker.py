"""`simward doctor` against a real mosquitto: each step of the road, each way it can be cut."""

import getpass
import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.doctor.checks import broker, certificates
from agent.doctor.examine import Check, examine
from agent.doctor.finding import FAIL, NOT_APPLICABLE, OK, UNKNOWN, WARN, Finding
from agent.doctor.x509 import validities
from tests.system.broker import Embedded, free_port, mosquitto
from tests.unit.doctor_helpers import House, daemon, health, said

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

# A little ahead: the certificates of the tests begin when they are made, after this was read.
NOW = datetime.now(UTC) + timedelta(hours=1)
LOOKED_AT = NOW + timedelta(minutes=30)  # whatever these tests make is made before
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@pytest.fixture
def house(tmp_path) -> House:
    return House(tmp_path / "machine")


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")


class Ca:
    """A certificate authority that dates its certificates as it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.cert, self.key = folder / "ca.pem", folder / "ca.key"
        openssl(
            *("req", "-x509", "-days", "400", "-subj", "/CN=test CA", *NEW_KEY),
            *("-keyout", str(self.key), "-out", str(self.cert)),
        )
        (folder / "index").touch()
        (folder / "serial").write_text("01\n")
        (folder / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=x\n[x]\ndatabase={folder}/index\nserial={folder}/serial\n"
            f"new_certs_dir={folder}\ncertificate={self.cert}\nprivate_key={self.key}\n"
            "default_md=sha256\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n"
            "[p]\ncommonName=supplied\n"
        )

    def issue(
        self, name: str, days: float, *, since_days: float = -400, host: str = "IP:127.0.0.1"
    ) -> tuple[Path, Path]:
        """A certificate that ends in `days` days (negative: ended), and its key."""
        cert, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request = self.folder / f"{name}.csr"
        openssl(
            *("req", "-new", "-subj", f"/CN={name}", *NEW_KEY),
            *("-addext", f"subjectAltName={host}"),
            *("-keyout", str(key), "-out", str(request)),
        )
        dates = (
            *("-startdate", stamp(NOW + timedelta(days=since_days))),
            *("-enddate", stamp(NOW + timedelta(days=days))),
        )
        files = ("-in", str(request), "-out", str(cert))
        openssl("ca", "-batch", "-notext", "-config", str(self.folder / "ca.cnf"), *dates, *files)
        return cert, key


@pytest.fixture(scope="module")
def ca(tmp_path_factory) -> Ca:
    return Ca(tmp_path_factory.mktemp("pki") / "ca")


def look(house: House, function, url: str, *, synchronized: bool = True, **keys) -> Finding:
    surroundings = house.seen(
        {"broker": {"url": url, **{key: str(value) for key, value in keys.items()}}},
        now=lambda: LOOKED_AT,
        synchronized=synchronized,
    )
    return examine(surroundings, (Check("x", "broker", "load", function, 60.0),))[0].finding


STEPS = (broker.name, broker.tcp, broker.tls, broker.login)


def steps(house: House, url: str, **keys) -> list[str]:
    surroundings = house.seen(
        {"broker": {"url": url, **{key: str(value) for key, value in keys.items()}}},
        now=lambda: LOOKED_AT,
    )
    checks = [Check(each.__name__, "broker", "load", each, 60.0) for each in STEPS]
    return [result.finding.state for result in examine(surroundings, checks)]


def test_a_broker_that_works_is_reached_step_by_step(house, tmp_path):
    with mosquitto(tmp_path) as there:
        assert steps(house, there.url) == [NOT_APPLICABLE, OK, NOT_APPLICABLE, OK]
        by_name = there.url.replace("127.0.0.1", "localhost")
        assert steps(house, by_name) == [OK, OK, NOT_APPLICABLE, OK]


def test_a_broker_without_mqtt_5_is_logged_into_by_the_older_version(house, tmp_path):
    there = Embedded(tmp_path)
    there.start()
    try:
        words = "the broker takes our credentials (MQTT 3.1.1)"
        assert said(look(house, broker.login, there.url)) == (OK, words)
    finally:
        there.stop()


def test_a_broker_that_takes_no_long_messages_is_said_before_evidence_has_to_go(house, tmp_path):
    with mosquitto(tmp_path, extra="max_packet_size 60000") as there:
        found = look(house, broker.login, there.url)
    assert found.state == WARN
    assert "64 KiB" in found.do.text
    assert found.seen[-1].value == "maximum packet size 60000"


def test_no_broker_is_nothing_to_check(house):
    surroundings = house.seen()
    checks = [Check(each.__name__, "broker", "load", each, 60.0) for each in STEPS]
    found = examine(surroundings, checks)
    assert {each.finding.state for each in found} == {NOT_APPLICABLE}


def test_a_closed_port_stops_at_tcp_and_later_steps_are_unknown(house):
    url = f"mqtts://127.0.0.1:{free_port()}"
    assert steps(house, url) == [NOT_APPLICABLE, FAIL, UNKNOWN, UNKNOWN]
    finding = look(house, broker.tcp, url)
    assert "Connection refused" in finding.said.in_words()


def test_a_name_that_does_not_resolve_is_said(house):
    found = look(house, broker.name, "mqtt://no-such-broker.invalid")
    assert found.state == FAIL
    assert "no-such-broker.invalid" in found.said.in_words()


@pytest.mark.parametrize("host", ["no-such-broker.invalid", f"{'a' * 70}.example", "a..b"])
def test_what_cannot_be_resolved_is_one_fault_and_the_later_steps_are_unknown(house, host):
    assert steps(house, f"mqtt://{host}") == [FAIL, UNKNOWN, NOT_APPLICABLE, UNKNOWN]


def test_what_listens_and_never_answers_does_not_hang_the_check(house):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        found = look(house, broker.tls, f"mqtts://127.0.0.1:{port}")
    assert found.state == FAIL


@contextmanager
def garbage():
    """A listener that answers every connection with bytes that are no MQTT."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"mqtt://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def test_a_port_that_speaks_something_else_is_no_broker(house):
    with garbage() as url:
        assert look(house, broker.login, url).state == FAIL


# Credentials


def passwords(folder: Path) -> str:
    file = folder / "passwords"
    program = shutil.which("mosquitto_passwd")
    if program is None:
        pytest.skip("mosquitto_passwd is not installed")
    subprocess.run([program, "-b", "-c", str(file), "gw", "right"], check=True, capture_output=True)
    shutil.chown(file, getpass.getuser())
    return f"allow_anonymous false\npassword_file {file}"


def test_the_password_is_tried_and_a_wrong_one_named(house, tmp_path):
    secret = tmp_path / "secret"
    with mosquitto(tmp_path, extra=passwords(tmp_path)) as there:
        secret.write_text("right\n")
        keys = {"username": "gw", "password_file": secret}
        assert look(house, broker.login, there.url, **keys).state == OK
        secret.write_text("wrong\n")
        refused = look(house, broker.login, there.url, **keys)
        assert said(refused) == (FAIL, "the broker does not authorise this client")


def test_a_daemon_that_got_in_shows_that_only_this_tests_client_id_is_refused(house, tmp_path):
    with mosquitto(tmp_path, extra=passwords(tmp_path)) as there, daemon(house, health()):
        refused = look(house, broker.login, there.url)
        assert said(refused) == (UNKNOWN, "the broker does not authorise this client")


def test_the_daemons_session_and_will_are_left_alone(house, tmp_path):
    from tests.system.uplink_helpers import Gateway, drive

    with mosquitto(tmp_path) as there:
        gateway = Gateway(there.url)
        gateway.report()
        drive(gateway, until=lambda: gateway.delivered == [1])
        assert look(house, broker.login, there.url).state == OK
        gateway.report()
        drive(gateway, until=lambda: gateway.delivered == [1, 2])
        assert len(gateway.connections) == 1
        gateway.close()


# TLS


def tls_broker(ca: Ca, tmp_path: Path, cert: Path, key: Path, *, mutual: bool = False):
    extra = f"certfile {cert}\nkeyfile {key}\ncafile {ca.cert}"
    return mosquitto(tmp_path, extra=extra + ("\nrequire_certificate true" if mutual else ""))


@pytest.mark.parametrize(
    ("dates", "host", "judgement"),
    [
        ((300, -1), "IP:127.0.0.1", (OK, "the broker's certificate: 299 days left")),
        ((10, -1), "IP:127.0.0.1", (WARN, "the broker's certificate: expires in 9 days")),
        ((-2, -9), "IP:127.0.0.1", (FAIL, "certificate has expired")),
        ((300, 2), "IP:127.0.0.1", (FAIL, "certificate is not yet valid")),
        ((300, -1), "DNS:other.example", (FAIL, "IP address mismatch")),
    ],
    ids=["long", "soon", "expired", "not yet", "another host"],
)
def test_the_brokers_certificate_is_judged(house, ca, dates, host, judgement):
    state, words = judgement
    # An hour more or less must not change the days that are said.
    cert, key = ca.issue("broker", dates[0] - 0.04, since_days=dates[1], host=host)
    with tls_broker(ca, house.folder, cert, key) as there:
        url = f"mqtts://127.0.0.1:{there.port}"
        found = look(house, broker.tls, url, ca=ca.cert)
        assert found.state == state
        assert words in found.said.in_words()
        assert look(house, broker.login, url, ca=ca.cert).state == (
            UNKNOWN if state == FAIL else OK
        )


def test_with_a_wrong_clock_an_expired_certificate_is_the_clocks_fault_first(house, ca, tmp_path):
    cert, key = ca.issue("old", -2, since_days=-9)
    with tls_broker(ca, tmp_path, cert, key) as there:
        url = f"mqtts://127.0.0.1:{there.port}"
        found = look(house, broker.tls, url, synchronized=False, ca=ca.cert)
        assert found.do is not None
        assert "clock" in found.do.in_words()


def test_a_broker_that_nobody_vouches_for_is_refused(house, ca, tmp_path):
    other = Ca(tmp_path / "other")
    cert, key = ca.issue("broker2", 300)
    with tls_broker(ca, tmp_path, cert, key) as there:
        found = look(house, broker.tls, f"mqtts://127.0.0.1:{there.port}", ca=other.cert)
        assert found.state == FAIL
        assert found.do is not None
        assert "broker.ca" in found.do.in_words()


def test_tls_on_a_port_without_it_is_said(house, tmp_path):
    with mosquitto(tmp_path) as there:
        found = look(house, broker.tls, f"mqtts://127.0.0.1:{there.port}")
        assert found.state == FAIL


@pytest.mark.parametrize(("given", "state"), [(True, OK), (False, FAIL)])
def test_a_broker_that_asks_for_a_certificate_takes_ours_and_none_without(
    house, ca, tmp_path, given, state
):
    cert, key = ca.issue("broker3", 300)
    ours, our_key = ca.issue("gw1", 300)
    keys = {"ca": ca.cert, **({"cert": ours, "key": our_key} if given else {})}
    with tls_broker(ca, tmp_path, cert, key, mutual=True) as there:
        found = look(house, broker.login, f"mqtts://127.0.0.1:{there.port}", **keys)
        assert found.state == state


# The device's own files


@pytest.mark.parametrize(
    ("dates", "state", "words"),
    [
        ((300, -1), OK, "299 days left"),
        ((20, -1), WARN, "expires in 19 days"),
        ((-1, -9), FAIL, "expired on"),
        ((300, 3), FAIL, "counts only from"),
    ],
)
def test_the_days_of_the_devices_certificate_are_counted(house, ca, dates, state, words):
    cert, _ = ca.issue("dated", dates[0] - 0.04, since_days=dates[1])
    found = look(house, certificates.certificate, "mqtts://127.0.0.1", cert=cert)
    assert found.state == state
    assert words in found.said.in_words()


def test_of_several_ca_certificates_the_first_to_end_counts(house, ca, tmp_path):
    short, _ = ca.issue("short", 5)
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(ca.cert.read_text() + short.read_text())
    assert len(validities(bundle.read_text())) == 2
    found = look(house, certificates.authority, "mqtts://127.0.0.1", ca=bundle)
    assert found.state == WARN
    assert len(found.seen) == 2


def test_key_and_certificate_must_belong_together(house, ca, tmp_path):
    cert, key = ca.issue("pair", 300)
    _, other = ca.issue("unpaired", 300)
    locked = tmp_path / "locked.key"
    openssl(*f"pkey -in {key} -aes128 -passout pass:secret -out {locked}".split())
    url = "mqtts://127.0.0.1"

    def pair(**keys):
        return said(look(house, certificates.key_pair, url, **keys))

    assert pair(cert=cert, key=key) == (OK, "key and certificate belong together")
    mismatch = "the key does not belong to the certificate"
    assert pair(cert=cert, key=other) == (FAIL, mismatch)
    assert pair(cert=cert, key=locked) == (FAIL, "the key is protected by a password")
    assert pair(key=key) == (FAIL, "broker.key is of no use without broker.cert")
    missing = tmp_path / "missing"
    assert pair(cert=cert, key=missing) == (FAIL, f"broker.key: there is no file {missing}")
    assert pair(cert=cert, key=cert)[0] == FAIL


def test_dates_beyond_2049_are_read_in_their_longer_form(house, ca):
    cert, _ = ca.issue("far", 40 * 365, since_days=-1)
    found = look(house, certificates.certificate, "mqtts://127.0.0.1", cert=cert)
    assert found.state == OK
    assert f"{NOW.year + 39}" in found.seen[0].value or f"{NOW.year + 40}" in found.seen[0].value


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", None], ids=repr)
@pytest.mark.parametrize("check", [certificates.certificate, certificates.authority])
def test_a_file_that_is_no_certificate_is_said(house, tmp_path, content, check):
    file = tmp_path / "cert.pem"
    if content is not None:
        file.write_bytes(content)
    found = look(house, check, "mqtts://127.0.0.1", cert=file, ca=file)
    assert found.state == FAIL


def test_a_certificate_that_is_cut_short_is_none(house, ca):
    cert, _ = ca.issue("cut", 300)
    lines = cert.read_text().splitlines()
    cert.write_text("\n".join([*lines[:4], lines[-1]]) + "\n")
    assert look(house, certificates.certificate, "mqtts://127.0.0.1", cert=cert).state == FAIL


# The interface


def test_the_road_goes_over_the_configured_interface_alone(house, tmp_path):
    if os.geteuid() != 0 and not _may_bind():
        pytest.skip("this kernel lets only root bind to an interface")
    with mosquitto(tmp_path) as there:
        found = look(house, broker.login, there.url, interface="lo")
        assert found.state == OK
        away = look(house, broker.tcp, there.url, interface="nosuch0")
        assert away.state == FAIL
        assert away.seen[-1].value.endswith(" over nosuch0")


def _may_bind() -> bool:
    with socket.socket() as sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
        except PermissionError:
            return False
    return True
