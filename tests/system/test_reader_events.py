"""The daemon tells of cards that come into a reader and go."""

from pathlib import Path

import pytest

from modem.simulator.modem import SimulatedModem
from modem.simulator.ports import serve_tcp
from sim.simulator import SimulatedCard
from tests.system.programs import end, start, wait_until

pytestmark = pytest.mark.system

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"


def test_a_card_put_into_a_reader_and_taken_out_is_two_events(pcscd, tmp_path):
    log = tmp_path / "daemon.err"

    def said(words):
        return log.exists() and words in log.read_text(encoding="utf-8")

    card = SimulatedCard.from_toml(CARDS / "usim_test.toml")
    with serve_tcp(SimulatedModem.load("quectel_ec25")) as port, pcscd.slot() as slot:
        config = tmp_path / "simward.toml"
        config.write_text(
            f'device.state_dir = "{tmp_path / "state"}"\nreader.name = "{pcscd.name(0)}"\n'
            f'[[modem]]\nport = "{port.url}"\n'
        )
        daemon = start(tmp_path, "daemon", "--config", str(config), "run")
        try:
            wait_until(lambda: said("sample slot=1"), daemon)
            slot.insert(card)
            inserted = (
                f"event code=card_inserted reader={pcscd.name(0)} atr={card.atr.hex().upper()}"
            )
            wait_until(lambda: said(inserted), daemon)
            slot.remove()
            wait_until(lambda: said(f"event code=card_removed reader={pcscd.name(0)}"), daemon)
        finally:
            assert end(daemon) == 0
    assert not said("does not stop")
    assert card.log == ()
    pcscd.wait_for("absent")
