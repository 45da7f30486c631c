import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.binding.history import Broken, History
from agent.binding.record import Pairing
from agent.binding.watch import PairingWatch
from agent.jobs import Sample
from agent.report import Stamp
from agent.store import Store
from cloud_bridge.errors import OutboxError
from cloud_bridge.evidence import CHANGED, CUT_OFF, MISPLACED
from modem.snapshot import ModemSnapshot
from sim.identifiers import Iccid, Imei
from sim.reading import absent
from tests.unit.snapshot_helpers import MODEM, gateway, read, with_card

ROOT = Path(__file__).parents[2]
A, B = "89001010000000000018", "89001010000000000026"
IMEI, OTHER_IMEI = "356938035643809", "490154203237518"
OTHER_CARD = with_card(iccid=read(Iccid(B), "EF.ICCID"))
OTHER_MODEM = MODEM._replace(identity=MODEM.identity._replace(imei=read(Imei(OTHER_IMEI))))
NAMELESS = MODEM._replace(identity=MODEM.identity._replace(imei=absent("timeout 5 s")))
PULLED = with_card(state=read("absent"), iccid=absent("no card"))


class Bench:
    """A watch on a real store; each sample in a transaction of its own."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder, boot=1)
        self.watch = PairingWatch(self.store.connection)
        self._up_s = 0.0

    def sample(self, modem: ModemSnapshot = MODEM, slot: int = 1, *, full: bool = True):
        self._up_s += 60
        stamp = Stamp(1, self._up_s, "2026-11-22T01:02:03.456Z")
        with self.store.transaction():
            return self.watch.observe(Sample(slot, gateway(modem), stamp, full))

    @property
    def pairings(self) -> list[tuple[int, str, str]]:
        bodies = [entry.body for entry in self.watch.history.entries()]
        return [(body["slot"], body["imei"], body["iccid"]) for body in bodies]


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


def test_the_first_pairing_is_kept_and_no_event(bench):
    assert bench.sample() == []
    assert bench.sample(full=False) == []
    assert bench.pairings == [(1, IMEI, A)]
    body = bench.watch.history.entries()[0].body
    assert body["port"] == "/dev/ttyUSB2"
    assert (body["boot"], body["up_s"], body["at"]) == (1, 60, "2026-11-22T01:02:03.456Z")


def test_another_card_is_an_event_with_what_it_may_cost_once(bench):
    bench.sample()
    [(code, args)] = bench.sample(OTHER_CARD)
    assert code == "pairing_changed"
    entry = bench.watch.history.entries()[-1]
    assert args == {
        "slot": 1,
        "imei": IMEI,
        "iccid": B,
        "changed": ["card"],
        "was": {"slot": 1, "imei": IMEI, "iccid": A},
        "costs": ["binding_unknown", "soldered_card", "rebind_limit_unknown"],
        "entry": 2,
        "hash": entry.hash,
    }
    assert bench.sample(OTHER_CARD, full=False) == []
    [(_, back)] = bench.sample()
    assert (back["stood_before"], back["costs"]) == (True, [])


def test_another_modem_separates_the_card_from_its_device(bench):
    bench.sample()
    [(_, args)] = bench.sample(OTHER_MODEM)
    assert args["changed"] == ["imei"]
    assert args["costs"][0] == "separation"


def test_a_card_that_moved_to_another_slot_is_told(bench):
    bench.sample()
    [(_, args)] = bench.sample(OTHER_MODEM, slot=2)
    assert args["changed"] == ["imei", "slot"]
    assert args["was"]["slot"] == 1


@pytest.mark.parametrize(
    "shown",
    [PULLED, NAMELESS, with_card(iccid=absent("timeout 5 s")), MODEM._replace(sim=None)],
    ids=["pulled", "modem without IMEI", "card unread", "card not asked"],
)
def test_what_is_not_read_is_no_pairing(bench, shown):
    bench.sample()
    assert bench.sample(shown) == []
    assert bench.pairings == [(1, IMEI, A)]


def test_the_imei_of_a_modem_that_was_there_before_is_not_taken_for_this_ones(bench):
    bench.sample()
    bench.sample(NAMELESS)
    assert bench.sample(OTHER_CARD, full=False) == []
    assert bench.pairings == [(1, IMEI, A)]


def test_a_failed_sample_leaves_no_pairing(bench):
    def fail() -> None:
        with bench.store.transaction():
            bench.watch.observe(Sample(1, gateway(), Stamp(1, 1.0, None), full=True))
            bench.store.connection.execute("INSERT INTO no_such_table VALUES (1)")

    with pytest.raises(OutboxError):
        fail()
    assert bench.pairings == []
    assert bench.watch.history.check() is None


def test_entries_can_neither_be_changed_nor_deleted(bench):
    bench.sample()
    for statement in ("UPDATE pairings SET imei = 'x'", "DELETE FROM pairings"):
        with pytest.raises(OutboxError), bench.store.transaction():
            bench.store.connection.execute(statement)
    assert bench.watch.history.check() is None


def test_a_gateway_that_goes_back_and_forth_says_it_twelve_times_an_hour(bench):
    said = [
        args for _ in range(60) for shown in (MODEM, OTHER_CARD) for _, args in bench.sample(shown)
    ]
    assert len(bench.pairings) == 120  # the history has them all
    assert 24 <= len(said) <= 30  # two hours, a change a minute
    assert sum(args.get("left_out", 0) for args in said) > 40
    for _ in range(60):
        said += [args for _, args in bench.sample(OTHER_CARD)]
    assert said[-1]["entry"] == 120  # what stands is said in the end
    assert bench.watch.history.check() is None


def meddle(bench: Bench, *statements: str) -> Broken | None:
    """What somebody with a tool for databases can do."""
    for name in ("pairings_stay", "pairings_are_kept"):
        bench.store.connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        bench.store.connection.execute(statement)
    return bench.watch.history.check()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(
            f"UPDATE pairings SET body = replace(body, '{B}', '{A}'), iccid = '{A}' WHERE n = 2",
            Broken(2, CHANGED), id="another card written in",
        ),
        pytest.param("UPDATE pairings SET imei = 'x' WHERE n = 2", Broken(2, CHANGED), id="column"),
        pytest.param("UPDATE pairings SET body = '{'", Broken(1, CHANGED), id="no JSON"),
        pytest.param("UPDATE pairings SET body = body || ' '", Broken(1, CHANGED), id="a blank"),
        pytest.param("DELETE FROM pairings WHERE n = 2", Broken(2, MISPLACED), id="dropped"),
        pytest.param("DELETE FROM pairings WHERE n = 3", Broken(3, CUT_OFF), id="the newest"),
        pytest.param("DELETE FROM pairings", Broken(1, CUT_OFF), id="all"),
    ],
)  # fmt: skip
def test_meddling_is_found_said_and_never_mended(bench, caplog, statement, expected):
    for shown in (MODEM, OTHER_CARD, MODEM):
        bench.sample(shown)
    assert meddle(bench, statement) == expected
    bench.watch.begin()
    assert f"the pairing history is broken entry={expected.number}" in caplog.text
    [(_, args)] = bench.sample(OTHER_MODEM)
    # What comes behind a gap shows as the first entry that is wrong.
    assert args["history_broken_at"] == expected.number
    assert args["entry"] == 4
    assert bench.watch.history.check() is not None


def test_a_first_pairing_on_a_history_that_was_emptied_is_told(bench):
    bench.sample()
    meddle(bench, "DELETE FROM pairings")
    [(_, args)] = bench.sample()
    assert (args["changed"], args["history_broken_at"], "was" in args) == ([], 1, False)


def test_a_history_of_another_store_is_not_taken_for_this_ones(bench):
    bench.sample()
    bench.store.connection.execute("UPDATE outbox_meta SET store = '00000000'")
    assert bench.watch.history.check() == Broken(1, MISPLACED)


PROGRAM = """
import os, signal, sys
from pathlib import Path
from agent.binding.history import History
from agent.binding.record import Pairing
from agent.store import Store
store = Store(Path(sys.argv[1]), boot=1)
history = History(store.connection)
for number in range(int(sys.argv[2])):
    with store.transaction():
        history.append("seen", Pairing(1, "356938035643809", f"8900101000000000{number:04}"), {})
store.connection.execute("BEGIN IMMEDIATE")
history.append("seen", Pairing(1, "356938035643809", "89001010000000009999"), {})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_leaves_a_whole_chain_of_what_was_committed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), "5"], cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL
    store = Store(tmp_path, boot=1)
    history = History(store.connection)
    assert history.head()[0] == len(history.entries()) == 5
    assert history.check() is None
    with store.transaction():
        history.append("seen", Pairing(1, IMEI, A), {})
    assert history.check() is None
    store.close()
