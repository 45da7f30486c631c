"""A simulated device as a byte stream in memory, on a virtual clock: deadlines cost no time."""

from datetime import UTC, datetime, timedelta

from agent.errors import ModemUnreachable
from agent.modem_session import ModemSession
from agent.snapshot import to_json
from modem.simulator.device import Device

TAKEN_AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


class DeviceStream:
    """A `ByteStream` to a simulated device. Time passes in `read` alone."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def read(self, timeout_s: float) -> bytes:
        deadline = self.now + timeout_s
        while True:
            data = self.device.poll(self.now)
            if data:
                return data
            due = self.device.next_event_at()
            if due is None or due > deadline:
                self.now = deadline
                return b""
            self.now = max(self.now, due)

    def write(self, data: bytes) -> None:
        self.device.receive(data, self.now)

    def close(self) -> None:
        pass


def status_of(device: Device, parts: frozenset[str] | None = None) -> dict:
    """What `simward status --json` prints for `device`."""
    stream = DeviceStream(device)
    session = ModemSession(
        lambda: stream,
        "test",
        clock=stream.clock,
        now=lambda: TAKEN_AT + timedelta(seconds=stream.now),
    )
    try:
        return to_json(session.snapshot(parts))
    except ModemUnreachable as error:
        if error.document is None:
            raise
        return error.document


def leaves(document, path=""):
    """Every value of a document that is not null, by path; `absent` and `read` left out."""
    if isinstance(document, dict):
        pairs = [(f"{path}.{key}".strip("."), value) for key, value in document.items()]
    elif isinstance(document, list):
        pairs = [(f"{path}.{index}", value) for index, value in enumerate(document)]
        if not document:
            return {path: []}
    else:
        return {} if document is None else {path: document}
    found = {}
    for inner, value in pairs:
        if inner not in {"absent", "read"}:
            found.update(leaves(value, inner))
    return found
