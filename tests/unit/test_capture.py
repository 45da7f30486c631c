"""What is kept of a stream while it is recorded."""

from modem.recording.capture import CaptureStream


class Scripted:
    """A stream that gives one piece after the other."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)

    def read(self, timeout_s: float) -> bytes:  # noqa: ARG002 - at once
        return self.pieces.pop(0)

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


def captured(*pieces: bytes) -> list[tuple[str, bytes]]:
    """A command before the first piece, and one before the last."""
    stream = CaptureStream(Scripted(*pieces), clock=iter(range(100)).__next__)
    stream.write(b"AT+A\r")
    for _ in pieces[:-1]:
        stream.read(1.0)
    stream.write(b"AT+B\r")
    stream.read(1.0)
    return [(each.command, each.data) for each in stream.captured]


def test_a_line_that_has_only_begun_goes_whole_to_the_next_command() -> None:
    assert captured(b"\r\nOK\r\n\r\n+CREG: 1,", b'"00A1",', b'"01A2B301"\r\nOK\r\n') == [
        ("AT+A", b"\r\nOK\r\n\r\n"),
        ("AT+B", b'+CREG: 1,"00A1","01A2B301"\r\nOK\r\n'),
    ]


def test_lines_that_have_ended_stay_where_they_came() -> None:
    assert captured(b"AT+A\r\r\nOK", b"\r\n", b"\r\nOK\r\n") == [
        ("AT+A", b"AT+A\r\r\nOK\r\n"),
        ("AT+B", b"\r\nOK\r\n"),
    ]
