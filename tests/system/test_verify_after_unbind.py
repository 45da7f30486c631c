"""From the work order to the verification, as a technician does it; on a simulated gateway."""

import json
import subprocess

import pytest

from agent.config import Settings
from agent.store import reading_store
from agent.unbind.folder import cases
from cloud_bridge.encoding import decode
from tests.system.programs import simward_command
from tests.system.test_unbind import (
    UNSHARE,
    account,
    config,
    document,
    modem,
    needs_clock,
    papers,
    yes,
)
from tests.verification_world import GONE

__all__ = ["config", "modem", "papers"]  # fixtures

CANCELLED = {"raw_code": "9", "raw_text": "已销户", "state": "cancelled"}


def verify(config, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = simward_command("--config", str(config), "verify", *arguments)
    return subprocess.run(
        [*UNSHARE, *own], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


def rows(tmp_path) -> list[dict]:
    state_dir = Settings.model_validate({"device": {"state_dir": str(tmp_path / "state")}})
    with reading_store(state_dir.device.state_dir) as connection:
        assert connection is not None
        found = connection.execute("SELECT body FROM outbox ORDER BY seq").fetchall()
    return [decode(row[0]) for row in found]


@needs_clock
@pytest.mark.long
def test_a_card_is_given_up_and_looked_at_until_it_is_gone(config, papers, modem, tmp_path):
    document(config, *papers, *yes(tmp_path), exit_code=1)
    document(config, "--resume", *account(tmp_path), exit_code=0)
    gone = account(tmp_path, **CANCELLED)
    assert document(config, "--resume", *gone, exit_code=0)["state"] == "cancelled"

    # The platform says so, and the network knows nothing of it yet: the context that the release
    # took away is lent for the look.
    alive = verify(config, "--account", gone[1], "--json")
    told = json.loads(alive.stdout)
    assert (alive.returncode, told["verdict"]) == (1, "contradicted"), alive.stderr
    assert told["services"]["data"]["baseline"] == told["services"]["data"]["now"] == "works"
    assert [row["code"] for row in rows(tmp_path) if "code" in row][-1] == (
        "verification_contradicted"
    )

    modem.do(**GONE)
    dead = verify(config, "--account", gone[1], "--json")
    told = json.loads(dead.stdout)
    assert (dead.returncode, told["verdict"]) == (0, "confirmed"), (dead.stderr, told["because"])
    assert told["next_check_at"] is not None

    (found,) = cases(tmp_path / "state")
    looks = [(look["looks"], look["verdict"]) for look in found.case.looks]
    assert looks == [(["verify_now"], "contradicted"), (["asked"], "confirmed")]
    kinds = [row["kind"] for row in rows(tmp_path) if "kind" in row]
    assert kinds.count("verification") == 2
    for look in found.case.looks:
        file = found.folder / look["evidence"]["name"]
        checked = simward_command(
            "certificate", "verify", str(file), "--key", str(tmp_path / "state/device.pub")
        )
        assert subprocess.run(checked, capture_output=True, check=False).returncode == 0
