"""`sim wipe` and `sim restore` killed by SIGKILL in the middle; and all of it in a reader."""

import json
import subprocess

import pytest

from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from tests.system.programs import simward_command, start, wait_until
from tests.unit.card_data_helpers import ICCID, NEW_ICCID, empty_card, full_card, records

pyrage = pytest.importorskip("pyrage")
pytestmark = pytest.mark.system

OWNER = pyrage.x25519.Identity.generate()
UPDATE = 0xDC


@pytest.fixture
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SIMWARD_DEVICE__STATE_DIR", str(tmp_path / "state"))
    identity = tmp_path / "identity"
    identity.write_text(f"{OWNER}\n")
    identity.chmod(0o600)
    return ["--recipient", str(OWNER.to_public())], ["--identity-file", str(identity)]


def modem(card):
    device = SimulatedModem.load("quectel_ec25", "")
    device.insert_card(card)
    return device


def simward(*words, code=0):
    done = subprocess.run(
        simward_command("sim", *words, "--json"), capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def killed(folder, card, writes, *words):
    """Run `words` and kill it once the card has been written to so many times."""
    process = start(folder, "killed", "sim", *words)
    wait_until(lambda: card.asked(UPDATE) >= writes, process)
    process.kill()
    process.wait(60)


def lines(path):
    """Whole lines of a log; a kill may have cut the last one."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_wipe_and_a_restore_that_are_killed_again_and_again_come_to_their_end(tmp_path, keys):
    close, open_ = keys
    backup = tmp_path / "card.age"
    old, new = full_card(), empty_card()
    before = records(old)
    with serve_tcp(modem(old)) as port:
        where = ["--port", port.url]
        simward("backup", str(backup), *close, *where)
        order = ["wipe", "--backup", str(backup), *open_, "--yes-wipe", ICCID, *where]
        for writes in (1, 6, 14):
            killed(tmp_path, old, writes, *order)
            noted = {(e["cleared"], e["record"]) for e in lines(backup.with_name("card.age.log"))}
            dry = simward("wipe", "--backup", str(backup), *open_, *where)
            known = {(e["path"], e["record"]) for e in dry["cleared_before"]}
            assert noted <= known  # what was noted is done
        done = simward(*order, code=1)
    assert records(old) == records(empty_card(ICCID))
    assert len(done["cleared"]) + len(done["cleared_before"]) == len(known | _places(done))
    with serve_tcp(modem(new)) as port:
        where = ["--port", port.url]
        order = ["restore", str(backup), *open_, "--yes-restore", NEW_ICCID, *where]
        for writes in (1, 9):
            killed(tmp_path, new, writes, *order)
        simward(*order, code=1)
    assert records(new) == before


def _places(document):
    found = (*document["cleared"], *document["cleared_before"])
    return {(each["path"], each["record"]) for each in found}


@pytest.mark.xdist_group("pcscd")
def test_a_card_in_a_reader_is_saved_cleared_and_another_filled(pcscd, tmp_path, keys):
    close, open_ = keys
    backup = tmp_path / "card.age"
    old, new = full_card(), empty_card()
    before = records(old)
    where = ["--reader", pcscd.name(0)]
    with pcscd.slot() as slot:
        slot.insert(old)
        pcscd.wait_for("present")
        saved = simward("backup", str(backup), *close, *where)
        assert saved["counts"]["modem_messages"] is None
        assert len(simward("sms", *where)["messages"]) == 5
        simward("wipe", "--backup", str(backup), *open_, "--yes-wipe", ICCID, *where, code=1)
        assert records(old) == records(empty_card(ICCID))
        assert simward("residue", *where)["counts"]["phonebook"] == 0
        slot.remove()
        pcscd.wait_for("absent")
        slot.insert(new)
        pcscd.wait_for("present")
        order = ["restore", str(backup), *open_, "--yes-restore", NEW_ICCID, *where]
        simward(*order, code=1)
    pcscd.wait_for("absent")
    assert records(new) == before
    assert old.retries() == new.retries() == full_card().retries()
