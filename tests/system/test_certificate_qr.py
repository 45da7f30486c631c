"""QR codes of evidence, on real terminals and in files, read back by zbar."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from cloud_bridge.certificate import sign
from cloud_bridge.evidence_entries import was_answered, was_judged
from cloud_bridge.qr_text import Assembly, found
from tests.system.programs import simward_command
from tests.system.scanner import decoded, drawn, needs_zbar
from tests.unit.evidence_helpers import BODIES, HEAD_OF_UNBIND, KEY, RAW, WHEN

pytestmark = [pytest.mark.system, needs_zbar]

LONG = sign(
    HEAD_OF_UNBIND,
    [
        *BODIES,
        *(was_judged(WHEN, f"gate_{n}", "pass", "device", f"{n * 7919} as read") for n in range(9)),
        *(was_answered(WHEN, f"q.{n}", True, "张三丰", f"说明 {n * 104729}") for n in range(9)),
    ],
    KEY,
)


def assembled(texts: list[str]) -> bytes:
    first, *others = (part for text in texts for part in found(text).parts)
    assembly = Assembly(first)
    for part in others:
        assembly.add(part)
    return assembly.raw()


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "e.json"
    path.write_bytes(LONG)
    return path


def said(*arguments: str) -> str:
    return subprocess.run(
        simward_command("certificate", "qr", *arguments),
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip


def blocks(text: str) -> list[list[str]]:
    """The lines of each code, by the captions above them."""
    codes: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("QR code "):
            codes.append([])
        else:
            codes[-1].append(line)
    return codes


@pytest.mark.parametrize(("inverted", "ink", "ground"), [(False, 0, 255), (True, 255, 0)])
def test_in_a_file_the_codes_stand_one_below_the_other(file, tmp_path, inverted, ink, ground):
    text = said(str(file), *(["--inverted"] if inverted else []))
    assert max(map(len, text.splitlines())) <= 80
    codes = blocks(text)
    pictures = [
        drawn(lines, tmp_path / f"{n}.pgm", ink=ink, ground=ground) for n, lines in enumerate(codes)
    ]
    assert len(pictures) > 1
    assert assembled(decoded(*pictures)) == LONG
    assert (
        assembled(decoded(drawn(text.splitlines(), tmp_path / "all.pgm", ink=ink, ground=ground)))
        == LONG
    )


def test_pictures(file, tmp_path):
    said(str(file), "--out", str(tmp_path / "codes"))
    pictures = sorted((tmp_path / "codes").iterdir())
    assert len(pictures) > 1
    assert assembled(decoded(*reversed(pictures))) == LONG


class Screen:
    """A terminal of a certain size with the codes on it."""

    def __init__(self, file: Path, columns: int, rows: int) -> None:
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            simward_command("certificate", "qr", str(file)),
            stdin=theirs, stdout=theirs, stderr=theirs,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
        )  # fmt: skip
        os.close(theirs)

    def code(self) -> tuple[list[str], str]:
        """The lines that are shown after the screen was cleared, and the caption below them."""
        shown = b""
        while not shown.endswith((b"back ", b"end ")):
            shown += os.read(self._own, 4096)
        *lines, caption = shown.decode().partition("\x1b[H\x1b[2J")[2].split("\r\n")
        return lines, caption

    def type(self, line: str) -> None:
        os.write(self._own, f"{line}\n".encode())

    def end(self) -> int:
        code = self.process.wait(60)
        os.close(self._own)
        return code


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (255, 0), (170, 0)])
@pytest.mark.parametrize("size", [(80, 24), (80, 40), (200, 60), (0, 0)])
def test_a_terminal_shows_one_code_at_a_time_and_waits(file, tmp_path, size, ink, ground):
    columns, rows = size
    screen = Screen(file, columns, rows)
    texts = []
    while True:
        lines, caption = screen.code()
        assert len(lines) + 1 <= (rows or 24)
        texts += decoded(drawn(lines, tmp_path / "screen.pgm", ink=ink, ground=ground))
        number, total = map(int, caption.split()[2].split("/"))
        assert len(texts) == number
        screen.type("")
        if number == total:
            break
    assert screen.end() == 0
    assert assembled(texts) == LONG


def test_back_shows_the_code_before_and_q_ends_with_no(file):
    screen = Screen(file, 80, 24)
    first = screen.code()
    screen.type("b")
    assert screen.code() == first
    screen.type("")
    assert screen.code() != first
    screen.type("b")
    assert screen.code() == first
    screen.type("q")
    assert screen.end() == 1


def test_a_terminal_that_is_too_small_is_told_the_way_out(file):
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 80, 0, 0))
    done = subprocess.run(
        simward_command("certificate", "qr", str(file)),
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    os.close(own)
    assert done.returncode == 2
    assert "80 by 10" in done.stderr
    assert "--out DIR" in done.stderr


def test_with_nobody_at_the_keyboard_all_codes_are_shown_at_once(file, tmp_path):
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 80, 0, 0))
    with subprocess.Popen(
        simward_command("certificate", "qr", str(file)),
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm"},
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(own, 4096)
            except OSError:  # the terminal has no other side any more
                break
    os.close(own)
    assert process.returncode == 0
    lines = [line for line in shown.decode().split("\r\n") if not line.startswith("QR code ")]
    assert assembled(decoded(drawn(lines, tmp_path / "all.pgm", ink=255, ground=0))) == LONG


def test_short_evidence_is_one_picture(tmp_path):
    (tmp_path / "e.json").write_bytes(RAW)
    said(str(tmp_path / "e.json"), "--out", str(tmp_path))
    assert assembled(decoded(tmp_path / "3409188D-1of1.png")) == RAW


def test_a_character_set_without_blocks_is_named_with_the_way_out(file):
    done = subprocess.run(
        simward_command("certificate", "qr", str(file)),
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "--out DIR" in done.stderr
