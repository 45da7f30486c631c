"""Real cards: every file that we decode says what an independent decoder says, or we say why."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from sim.files.registry import ALL_FILES, find_file_in
from sim.filesystem import CardFilesystem
from sim.inspector import HOLDS_KEYS
from sim.simulator import Behaviour, SimulatedCard
from sim.survey import survey
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
        expected = from_oracle(file.name, vector["expect"], vector["raw_hex"])
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


def test_every_file_of_a_real_card_that_carries_data_is_read_and_decoded(record_property):
    vectors = {(v["path"], v["raw_hex"]): v["expect"] for v in corpus("vectors.json")}
    badly_written = {(entry["card"], entry["path"]) for entry in NOTES["badly_written"]}
    known = {(d["path"], d["raw_hex"]) for d in NOTES.get("disagreement", ())}
    compared, told = 0, []
    for dump in corpus("dumps.json")["cards"]:
        transport = CountedTransport(MemoryTransport(_card(dump).transmit))
        snapshot = survey(transport)
        assert snapshot.iccid == dump["iccid"]
        on_card = {f["path"] for f in _with_content(dump)}
        found = [reading for reading in snapshot.files if reading.absent is None]
        assert {reading.path for reading in found} <= on_card
        keys = {r.path for r in snapshot.files if r.absent == HOLDS_KEYS}
        left = on_card - keys - {reading.path for reading in found}
        assert {path for path in left if path.split("/")[1] not in UNKNOWN} == set()
        told.append(f"{dump['name']} {transport.count} APDUs, {len(found)} files")
        for reading in found:
            for part in reading.parts:
                if (dump["name"], reading.path) in badly_written:
                    assert part.error is not None
                    continue
                assert part.error is None, reading.path
                raw = part.raw.hex()
                if (reading.path, raw) in vectors and (reading.path, raw) not in known:
                    if part.value.known is None:
                        continue  # shown as it is
                    compared += 1
                    oracle = from_oracle(reading.file, vectors[reading.path, raw], raw)
                    assert comparable(reading.file, part.value.known) == oracle, reading.path
    record_property("corpus", f"whole cards: {'; '.join(told)}; {compared} values compared")
    assert compared > 250


# Directories of another standard (CDMA): none of ours knows their files.
UNKNOWN = {"DF.CDMA"}


class CountedTransport:
    """Passes commands on and counts them."""

    name = "counted"

    def __init__(self, inner):
        self.inner, self.count = inner, 0

    def transmit(self, command):
        self.count += 1
        return self.inner.transmit(command)

    def close(self):
        self.inner.close()
