"""Simulated modems, cards and dialogues for pytest, in this project and in any other.

Installed with simward, pytest finds it by itself (entry point `pytest11`); from a checkout:
`pytest -p modem.simulator.pytest_plugin`. `docs/simulators.md` has examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

# Nothing else here: pytest imports this module wherever simward is installed.
if TYPE_CHECKING:
    from modem.simulator.device import Device
    from modem.simulator.modem import SimulatedModem
    from modem.simulator.scenario import Scenario
    from sim.simulator import SimulatedCard

Over = Literal["pty", "tcp"]


class ServedModem:
    """A simulated modem at a port: `url` is what a client opens, `modem` what is behind it."""

    def __init__(self, modem: SimulatedModem, url: str) -> None:
        self.modem = modem
        self.url = url

    @property
    def commands(self) -> list[str]:
        """All command lines that came so far."""
        return [command for _, command in self.modem.log]

    @property
    def sent_messages(self) -> list[tuple[str, str]]:
        """Address and text of each short message that the network took."""
        return [(message.address, message.text) for message in self.modem.sent_messages]

    def do(self, **change: Any) -> None:
        """Let something happen now, in the words of a scenario's step.

        `do(network={"eps": {"reject": 8}})`, `do(card="remove")`, `do(reboot=True)`.

        Raises:
            FixtureError: a key or a value that does not fit, with its place.
        """
        self.modem.do(**change)


class ModemFactory:
    """Starts simulated modems, and ends them with the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(
        self,
        name: str | Path = "quectel_ec25",
        *,
        card: str | Path | None = None,
        scenario: str | Path | dict[str, Any] | None = None,
        over: Over = "pty",
        latency_s: float = 0.0,
        baud: int = 0,
        faults: tuple[str, ...] = (),
    ) -> ServedModem:
        """A modem at a pseudo terminal or a TCP port.

        `name` and `card` are shipped ones or files (`card` empty: none); `scenario` is one as
        well, or its tables; `faults` are those of `simward fixture simulate --fault`.

        Raises:
            FixtureError: something that there is not, or that does not fit.
        """
        from modem.simulator.faults import with_fault
        from modem.simulator.modem import SimulatedModem

        modem = SimulatedModem.load(name, card, scenario=_scenario(scenario))
        device: Device = modem
        for fault in faults:
            device = with_fault(device, fault)
        return ServedModem(modem, _serve(self._stack, device, over, latency_s, baud))


class DialogueFactory:
    """Plays dialogues, and ends with the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(
        self,
        file: str | Path,
        *,
        over: Over = "pty",
        latency_s: float | None = None,
        baud: int = 0,
    ) -> str:
        """What a client opens to meet the modem of a dialogue, shipped (`family/name`) or a file.

        `latency_s` takes the place of the waits that are in the dialogue.

        Raises:
            FixtureError: there is none, or it is none.
        """
        from modem.simulator.dialogue import Dialogue, DialoguePlayer

        dialogue = Dialogue.load(file)
        player = DialoguePlayer(dialogue if latency_s is None else dialogue.at_once())
        return _serve(self._stack, player, over, latency_s or 0.0, baud)


def _scenario(source: str | Path | dict[str, Any] | None) -> Scenario | None:
    from modem.simulator.scenario import load_scenario, read_scenario

    if source is None:
        return None
    return read_scenario("scenario", source) if isinstance(source, dict) else load_scenario(source)


def _serve(stack: ExitStack, device: Device, over: Over, latency_s: float, baud: int) -> str:
    from modem.simulator.ports import serve_pty, serve_tcp

    serve = serve_tcp if over == "tcp" else serve_pty
    return stack.enter_context(serve(device, latency_s=latency_s, baud=baud)).url


@pytest.fixture
def simulated_modem() -> Iterator[ModemFactory]:
    """Starts simulated modems; call it with a name, and open the `url` of what it gives."""
    with ExitStack() as stack:
        yield ModemFactory(stack)


@pytest.fixture
def played_dialogue() -> Iterator[DialogueFactory]:
    """Plays dialogues; call it with a name or a file, and open the URL that it gives."""
    with ExitStack() as stack:
        yield DialogueFactory(stack)


@pytest.fixture
def simulated_card() -> Any:
    """Makes simulated cards; call it with a name or a file, and `transmit` to what it gives."""

    def make(name: str | Path = "usim_test") -> SimulatedCard:
        from modem.simulator.fixture import read_toml, shipped
        from sim.simulator import SimulatedCard

        return SimulatedCard.load(read_toml(shipped("cards", str(name), ".toml")))

    return make
