"""Each shipped dialogue at a real port, with a latency and a speed, says what it says in memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.modem_session import ModemSession
from agent.snapshot import to_json
from modem.simulator.dialogue import Dialogue, DialoguePlayer
from modem.transport.serial_port import open_stream
from tests.device_stream import leaves, status_of

pytestmark = pytest.mark.system

FOLDER = Path(__file__).parents[2] / "hardware_fixtures" / "dialogues"
DIALOGUES = sorted(f"{path.parent.name}/{path.stem}" for path in FOLDER.glob("*/*.dialogue"))


def timeless(document: dict) -> dict[str, object]:
    """Each value by its path, but for the times at which values were read."""
    return {
        path: value
        for path, value in leaves(document).items()
        if not path.endswith(("_at", ".at", "clock_synchronized"))
    }


@pytest.mark.parametrize("over", ["pty", "tcp"])
@pytest.mark.parametrize("name", DIALOGUES)
def test_a_dialogue_that_is_played_at_a_port_is_read_back(played_dialogue, name, over) -> None:
    url = played_dialogue(name, over=over, latency_s=0.001, baud=115200)
    session = ModemSession(lambda: open_stream(url), "test")
    try:
        document = to_json(session.snapshot())
    finally:
        session.close()
    dialogue = Dialogue.load(name).at_once()
    expected = [timeless(status_of(DialoguePlayer(dialogue)))]
    if over == "pty":
        # What comes by itself before a terminal is opened, opening may throw away (pyserial does).
        unheard = DialoguePlayer(replace(dialogue, boot_urcs=()))
        expected.append(timeless(status_of(unheard)))
    assert timeless(document) in expected
