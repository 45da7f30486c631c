import pytest

from cloud_bridge.dialer import Backoff, Dialer, ProtocolChoice
from cloud_bridge.errors import UplinkError
from cloud_bridge.link import (
    MQTT_5,
    MQTT_311,
    NO_ANSWER,
    REFUSED_PROTOCOL,
    Closed,
    Secret,
    Target,
    parse_url,
)
from cloud_bridge.tls import tls_context


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://broker.example", ("broker.example", 1883, False)),
        ("mqtts://broker.example", ("broker.example", 8883, True)),
        ("mqtt://192.0.2.1:11883", ("192.0.2.1", 11883, False)),
        ("mqtts://[2001:db8::1]:443/", ("2001:db8::1", 443, True)),
    ],
)
def test_a_broker_url_gives_host_port_and_tls(url: str, address: tuple[str, int, bool]) -> None:
    assert parse_url(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "broker.example",
        "tcp://broker.example",
        "mqtt://",
        "mqtt://broker.example:99999",
        "mqtt://broker.example:port",
        "mqtt://user:secret@broker.example",
        "mqtt://broker.example/path",
        "",
    ],
)
def test_what_is_no_broker_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        parse_url(url)
    assert "secret" not in str(raised.value)


def test_the_back_off_is_a_random_part_of_a_bound_that_doubles() -> None:
    backoff = Backoff(1.0, 10.0, lambda: 0.5)
    assert [backoff.next_s() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    backoff.reset()
    assert backoff.next_s() == 0.5


def test_the_back_off_stays_bounded_for_ever() -> None:
    backoff = Backoff(1.0, 300.0, lambda: 1.0)
    assert max(backoff.next_s() for _ in range(5000)) == 300.0


@pytest.mark.parametrize(
    "event",
    [
        Closed(REFUSED_PROTOCOL, "", before_connack=False),
        Closed("the broker closed the connection", "", before_connack=True),
        Closed(NO_ANSWER, "", before_connack=True),
    ],
    ids=["refused", "closed", "silent"],
)
def test_a_broker_without_mqtt_5_is_tried_with_3_1_1_at_once(event: Closed) -> None:
    choice = ProtocolChoice()
    assert choice.current == MQTT_5
    assert choice.ended(event, 0.0)
    assert choice.about_to_connect(1.0) == MQTT_311


def test_a_connection_that_ended_later_changes_nothing() -> None:
    choice = ProtocolChoice()
    assert not choice.ended(Closed("the broker closed the connection", "", before_connack=False), 0)
    assert choice.current == MQTT_5


def test_silence_is_believed_for_a_day_only() -> None:
    choice = ProtocolChoice()
    choice.ended(Closed(NO_ANSWER, "", before_connack=True), 0.0)
    assert choice.about_to_connect(86_000.0) == MQTT_311
    assert choice.about_to_connect(86_400.0) == MQTT_5


def test_a_broker_that_answers_neither_version_is_tried_with_mqtt_5_again() -> None:
    choice = ProtocolChoice()
    choice.ended(Closed(NO_ANSWER, "", before_connack=True), 0.0)
    assert not choice.ended(Closed(NO_ANSWER, "", before_connack=True), 3.0)
    assert choice.current == MQTT_5


def test_a_slow_broker_is_given_more_time_with_each_round() -> None:
    clock = Clock()
    dialer = Dialer(Backoff(1.0, 10.0, lambda: 1.0), clock)
    silent = Closed(NO_ANSWER, "", before_connack=True)
    patience = []
    for _ in range(12):
        dialer.protocol()
        patience.append(dialer.patience_s)
        dialer.closed(silent)
    assert patience[:6] == [3.0, 3.0, 6.0, 6.0, 12.0, 12.0]
    assert max(patience) == 60.0


def test_a_connection_that_held_starts_the_back_off_anew() -> None:
    clock = Clock()
    dialer = Dialer(Backoff(1.0, 300.0, lambda: 1.0), clock)
    lost = Closed("the broker closed the connection", "", before_connack=False)
    for _ in range(5):
        dialer.connected()
        dialer.closed(lost)
    assert dialer.wait_s() == 16.0
    dialer.connected()
    clock.now += 61.0
    dialer.closed(lost)
    assert dialer.wait_s() == 1.0


def test_a_password_never_shows() -> None:
    target = Target("192.0.2.1", 1883, "gw", username="u", password=Secret("hunter2"))
    assert "hunter2" not in repr(target)


def test_a_certificate_file_that_is_not_there_is_said() -> None:
    with pytest.raises(UplinkError, match="certificate or key file"):
        tls_context("/nonexistent/ca.pem", None, None)
