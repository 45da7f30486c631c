"""What may be behind a port or an address instead of a modem, as TCP servers."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket], None]


@contextmanager
def peer(talk: Talk) -> Iterator[str]:
    """Serve every client with `talk`, in a thread of its own; the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    clients: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                clients.append(client)
                threading.Thread(target=answer, args=(client,), daemon=True).start()

    def answer(client: socket.socket) -> None:
        with client, suppress(OSError):
            talk(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"socket://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        listener.close()
        thread.join()
        for client in clients:
            client.close()


def says_nothing(client: socket.socket) -> None:
    while client.recv(4096):
        pass


def closes_at_once(client: socket.socket) -> None:
    client.close()


def echoes(client: socket.socket) -> None:
    while data := client.recv(4096):
        client.sendall(data)


def floods(client: socket.socket) -> None:
    while True:
        client.sendall(bytes(range(256)) * 16)


def logs_in(client: socket.socket) -> None:
    client.sendall(b"\r\nDebian GNU/Linux 12 gw ttyS0\r\n\r\ngw login: ")
    while data := client.recv(4096):
        client.sendall(data + b"\nPassword: \r\n\r\nLogin incorrect\r\ngw login: ")


def drops_in_the_middle_of_a_line(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(b"\r\n+CEER: No cau")


def always(final: bytes) -> Talk:
    """A modem that has one answer to everything."""

    def talk(client: socket.socket) -> None:
        while data := client.recv(4096):
            for _ in range(data.count(b"\r")):
                client.sendall(b"\r\n" + final + b"\r\n")

    return talk
