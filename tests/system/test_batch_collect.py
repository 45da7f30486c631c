"""The bench: a real pcscd, a virtual reader, cards put in one after the other, and a kill."""

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from sim.simulator import SimulatedCard
from tests.system.programs import end, simward_command, start, wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("pcscd")]

CARD = (Path(__file__).parents[2] / "hardware_fixtures" / "cards" / "usim_test.toml").read_text(
    encoding="utf-8"
)
NUMBERS = ("89001010000000000018", "89001010000000000026", "89001010000000000034")
STRANGER = "89001010000000000042"


@pytest.fixture
def bench(pcscd, tmp_path):
    with pcscd.slot() as slot:
        yield Bench(pcscd, slot, tmp_path)
    pcscd.wait_for("absent")


class Bench:
    """A technician with a pile of cards."""

    def __init__(self, pcscd, slot, folder):
        self.pcscd, self.slot, self.folder = pcscd, slot, folder
        self.journal = folder / "collected.jsonl"
        self.out = folder / "collect.out"
        self.err = folder / "collect.err"
        self.apdus = []

    def start(self, *arguments):
        return start(
            self.folder, "collect", "batch", "collect", "--reader", self.pcscd.name(0),
            "--journal", str(self.journal), "--full", *arguments,
        )  # fmt: skip

    def put(self, number):
        path = self.folder / "card.toml"
        path.write_text(CARD.replace(NUMBERS[0], number), encoding="utf-8")
        card = SimulatedCard.from_toml(path)
        self.insert(card)
        self.pcscd.wait_for("present")
        return card

    def insert(self, card):
        self.take_out()
        self.slot.insert(card)

    def take_out(self):
        self.slot.remove()
        self.pcscd.wait_for("absent")

    def said(self, process, words, times=1):
        wait_until(lambda: self.out.read_text(encoding="utf-8").count(words) >= times, process)

    def kept(self):
        lines = self.journal.read_text(encoding="utf-8").splitlines()[1:]
        return [json.loads(line)["iccid"] for line in lines]


def test_card_after_card_with_a_kill_in_the_middle(bench):
    listed = bench.folder / "list.csv"
    listed.write_text("\n".join(["ICCID", *NUMBERS]), encoding="utf-8")
    first = bench.start("--list", str(listed))
    try:
        bench.said(first, "Ctrl-C ends")
        card = bench.put(NUMBERS[0])
        bench.said(first, f"1 (2 to go)  {NUMBERS[0]}")
        assert len(card.log) <= 12
        bench.put(STRANGER)
        bench.said(first, f"{STRANGER}  not on the list")
        bench.put(NUMBERS[1])
        bench.said(first, f"3 (1 to go)  {NUMBERS[1]}")
        first.send_signal(signal.SIGKILL)
        assert first.wait(60) == -signal.SIGKILL
    finally:
        end(first)
    assert bench.kept() == [NUMBERS[0], STRANGER, NUMBERS[1]]
    with bench.journal.open("ab") as file:  # what a power cut may leave
        file.write(b'{"number": 4, "icc')
    second = bench.start("--list", str(listed))
    try:
        bench.said(second, "It has 3 cards already.")
        bench.said(second, f"{NUMBERS[1]}  read before, as number 3")  # it is still in the reader
        bench.put(NUMBERS[0])
        bench.said(second, f"{NUMBERS[0]}  read before, as number 1")
        bench.put(NUMBERS[2])  # the list is complete with it
        assert second.wait(60) == 1  # one card was not on it
    finally:
        end(second)
    assert bench.kept() == [NUMBERS[0], STRANGER, *NUMBERS[1:]]
    text = bench.out.read_text(encoding="utf-8")
    assert f"not on the list  1: {STRANGER}" in text
    assert "read twice       2: " in text
    assert not bench.err.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_with_a_summary(bench, number):
    process = bench.start()
    try:
        bench.put(NUMBERS[0])
        bench.said(process, f"1  {NUMBERS[0]}")
        process.send_signal(number)
        assert process.wait(60) == 0
    finally:
        end(process)
    assert "of these now  1" in bench.out.read_text(encoding="utf-8")
    assert bench.kept() == [NUMBERS[0]]


def test_json_is_one_document_and_the_count_ends_it(bench):
    bench.put(NUMBERS[0])
    process = bench.start("--json", "--count", "1")
    try:
        assert process.wait(60) == 0
    finally:
        end(process)
    document = json.loads(bench.out.read_text(encoding="utf-8"))
    (card,) = document["cards"]
    assert (card["iccid"], card["imsi"], card["spn"]) == (
        NUMBERS[0], "001010123456789", "Test Net",
    )  # fmt: skip
    assert document["missing"] is None
    assert NUMBERS[0] in bench.err.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        pytest.param(
            {"after": 3, "answer": "none"}, "the reader did not answer within 4 s", id="mute"
        ),
        pytest.param({"after": 3, "answer": "6F00"}, "not read: ", id="an error for all"),
        pytest.param({"after": 3, "answer": "pulled"}, "not read: ", id="pulled"),
    ],
)
def test_a_card_that_cannot_be_read_is_named_and_not_kept(bench, trouble, words):
    process = bench.start()
    try:
        bench.said(process, "Ctrl-C ends")
        bench.insert(SimulatedCard.load({"name": "broken", "fault": [trouble]}))
        bench.said(process, words)
        bench.put(NUMBERS[0])
        bench.said(process, f"1  {NUMBERS[0]}")
    finally:
        assert end(process) == 0
    assert bench.kept() == [NUMBERS[0]]
    assert "not read      1" in bench.out.read_text(encoding="utf-8")


def test_a_terminal_hears_one_beep_for_a_card_and_two_for_one_that_was_there(bench):
    master, slave = pty.openpty()
    command = simward_command(
        "batch", "collect", "--reader", "0", "--journal", str(bench.journal), "--count", "2"
    )
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
    os.close(slave)
    heard = bytearray()

    def beeps(wanted):
        while heard.count(b"\a") < wanted:
            heard.extend(os.read(master, 1024))

    try:
        bench.put(NUMBERS[0])
        beeps(1)
        bench.put(NUMBERS[0])
        beeps(3)
        bench.put(NUMBERS[1])
        beeps(4)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert heard.count(b"\a") == 4
    assert NUMBERS[0].encode() not in heard  # masked on a screen


def test_without_a_reader_nothing_is_begun(bench):
    process = start(bench.folder, "no", "batch", "collect", "--reader", "no such", "--journal", "x")
    assert process.wait(60) == 3
    process = start(bench.folder, "which", "batch", "collect", "--journal", "x")
    assert process.wait(60) == 3  # there are two, and none is named
    assert "which card reader" in (bench.folder / "which.err").read_text(encoding="utf-8")
