"""Real cards: every file that we decode says what an independent decoder says, or we say why."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from sim.files.registry import ALL_FILES, find_file_in
from sim.filesystem import CardFilesystem
from sim.inspector import inspect
from sim.simulator import Behaviour, SimulatedCard
from sim.transport.memory import MemoryTransport
from tests.corpus.card_helpers import comparable, corpus, from_oracle

NOTES = tomllib.loads(Path(__file__).with_name("card_disagreements.toml").read_text("utf-8"))


def _file_of(vector):
    parent = vector["path"].rpartition("/")[0]
    return find_file_in(parent, int(vector["fid"], 16))


def test_every_vector_of_a_file_that_we_decode_agrees_with_the_oracle(record_property):
    vectors = corpus("vectors.json")
    claimed, wrong = 0, []
    for vector in vectors:
        file = _file_of(vector)
        if file is None:
            continue
        claimed += 1
        assert file.name == vector["file"]
        value = comparable(file.name, file.decode(bytes.fromhex(vector["raw_hex"])))
        expected = from_oracle(file.name, vector["expect"])
        if value != expected:
            wrong.append((vector["path"], vector["record"], vector["raw_hex"], value, expected))
    counts = f"{claimed} of {len(vectors)} claimed, {len(wrong)} differ"
    record_property("corpus", f"card files: {counts}")
    known = {(d["path"], d["raw_hex"]) for d in NOTES.get("disagreement", ())}
    assert [case for case in wrong if (case[0], case[2]) not in known] == []


def test_every_file_that_is_not_claimed_has_a_reason():
    unclaimed = Counter(v["path"] for v in corpus("vectors.json") if _file_of(v) is None)
    reasons = {name: group["reason"] for group in NOTES["unclaimed"] for name in group["files"]}
    silent = [p for p in unclaimed if p not in reasons and p.rpartition("/")[2] not in reasons]
    assert silent == []
    claimed = {file.name for file in ALL_FILES}
    assert claimed.isdisjoint(reasons), "a file that we decode needs no excuse"


def _card(dump, behaviour=None):
    kind = "usim" if any(f["file"] == "EF.DIR" for f in dump["files"]) else "sim"
    atr = bytes.fromhex(dump["atr"])
    return SimulatedCard.from_files(dump["files"], kind, atr, behaviour, adm_shown=True)


def _with_content(dump):
    return [f for f in dump["files"] if "raw_hex" in f or "records" in f]


@pytest.mark.parametrize(
    "behaviour",
    [
        None,
        Behaviour(answer="inline"),
        Behaviour(proactive=("D009810301020082028182",)),
        Behaviour(le_zero="empty", overlong="6282"),
        Behaviour(class_gsm=False, logical_channels=0),
    ],
    ids=["as the card", "FCP inline", "91xx for 9000", "empty at Le 00", "no class A0"],
)
def test_a_real_card_in_the_simulator_reads_back_whole(behaviour):
    for dump in corpus("dumps.json")["cards"]:
        is_sim = dump["files"][0]["fcp"][:2] != "62"
        card = _card(dump, None if is_sim else behaviour)
        filesystem = CardFilesystem(MemoryTransport(card.transmit))
        for entry in _with_content(dump):
            _, contents = filesystem.read(entry["fids"].upper())
            expected = entry.get("raw_hex") or "".join(entry["records"].values())
            assert b"".join(contents).hex() == expected, (dump["name"], entry["path"])


def test_a_real_card_is_inspected_to_what_its_vectors_say():
    vectors = {(v["path"], v["raw_hex"]): v["expect"] for v in corpus("vectors.json")}
    badly_written = {(entry["card"], entry["path"]) for entry in NOTES["badly_written"]}
    compared = 0
    for dump in corpus("dumps.json")["cards"]:
        snapshot = inspect(MemoryTransport(_card(dump).transmit), ALL_FILES)
        assert snapshot.iccid == dump["iccid"]
        on_card = {f["path"] for f in _with_content(dump)}
        for reading in snapshot.files:
            assert reading.absent is not None or reading.path in on_card
            for part in reading.parts:
                if (dump["name"], reading.path) in badly_written:
                    assert part.error is not None
                    continue
                assert part.error is None, reading.path
                expected = vectors.get((reading.path, part.raw.hex()))
                if expected is not None:
                    compared += 1
                    oracle = from_oracle(reading.file, expected)
                    assert comparable(reading.file, part.value.known) == oracle, reading.path
    assert compared > 60
