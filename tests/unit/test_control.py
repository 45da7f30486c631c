import json
import socket
import stat
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.config_files import control_path
from agent.control import ControlServer, DaemonError, ask, error_answer, patience_s


@contextmanager
def serving(path: str, handle):
    server = ControlServer(path, handle)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)
        assert not thread.is_alive()


@pytest.fixture(params=["short", "longer than a socket address"])
def path(request, tmp_path):
    directory = tmp_path
    if request.param != "short":
        directory = tmp_path / ("d" * 60) / ("e" * 60)
        directory.mkdir(parents=True)
    return str(directory / "control.sock")


def test_the_daemons_document_comes_back(path):
    with serving(path, lambda request: {"v": 1, "document": {"asked": request["ask"]}}):
        assert ask(path, {"v": 1, "ask": "status"}) == {"asked": "status"}
        assert ask(path, {"v": 1, "ask": "again"}) == {"asked": "again"}


def test_the_daemons_error_comes_back_with_its_exit_code(path):
    answer = error_answer("{port}: {reason}", 3, port="/dev/x", reason="no such port")
    with serving(path, lambda _: answer), pytest.raises(DaemonError) as caught:
        ask(path, {"v": 1})
    assert caught.value.exit_code == 3
    assert str(caught.value) == "/dev/x: no such port"


def test_a_port_that_is_not_the_daemons_is_left_to_the_asker(path):
    with serving(path, lambda _: {"v": 1, "not_mine": True}):
        assert ask(path, {"v": 1}) is None


def test_without_a_daemon_there_is_no_answer(path):
    assert ask(path, {"v": 1}) is None


def test_a_socket_left_by_a_killed_daemon_is_no_daemon_and_is_replaced(tmp_path):
    path = str(tmp_path / "control.sock")
    left = socket.socket(socket.AF_UNIX)
    left.bind(path)
    left.close()
    assert ask(path, {"v": 1}) is None
    with serving(path, lambda _: {"v": 1, "document": {}}):
        assert ask(path, {"v": 1}) == {}
    assert not Path(path).exists()


def test_only_owner_and_group_may_ask(tmp_path):
    path = str(tmp_path / "control.sock")
    with serving(path, lambda _: {}):
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o660


@pytest.mark.parametrize(
    "sent",
    [b"\n", b"no json\n", b"[]\n", b"7\n", b"{}", b"\xff\xfe\n", b"[" * 5000 + b"\n", b"a" * 20000],
    ids=["empty", "words", "list", "number", "cut off", "bytes", "deep", "endless"],
)
def test_a_hostile_request_costs_its_own_connection_only(tmp_path, sent):
    path = str(tmp_path / "control.sock")
    with serving(path, lambda _: {"v": 1, "document": {"alive": True}}):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(5)
            peer.connect(path)
            peer.sendall(sent)
            peer.shutdown(socket.SHUT_WR)
            answer = json.loads(peer.makefile("rb").readline())
        assert answer["error"]["text"] == "bad request: {reason}"
        assert ask(path, {"v": 1}) == {"alive": True}


def test_the_systems_daemon_listens_under_run_only_if_that_is_there(tmp_path):
    assert control_path(str(tmp_path)) == f"{tmp_path}/control.sock"


def test_who_asks_for_a_whole_card_waits_longer():
    one, whole = {"ask": "sim_read"}, {"ask": "sim_read", "all": True}
    assert patience_s(whole) > patience_s(one) == patience_s({**one, "all": "yes"})
