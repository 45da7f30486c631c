"""One request after the other about a card, in a modem or in a reader, in one session with it."""

import argparse
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from agent.cli.modem_access import ModemDesk, add_port_arguments
from agent.cli.reader_access import add_reader_argument, chosen_reader
from agent.cli.secrets_in import secret_of
from agent.cli.sim_pin import add_pin_arguments

if TYPE_CHECKING:
    from sim.transport.base import ApduTransport

Json = dict[str, Any]


def add_card_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that lead to a card, and open it."""
    add_port_arguments(parser)
    add_reader_argument(parser)
    add_pin_arguments(parser)


class CardDesk:
    """Answers about one card. A PIN that is given (`--pin-file`) is shown to it first."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._closing = ExitStack()
        self._reader: ApduTransport | None = None
        self._modem: ModemDesk | None = None

    def __enter__(self) -> Self:
        """Reach the card.

        Raises:
            AgentError, ModemError, SimError: no way to it, or its PIN is refused.
        """
        with ExitStack() as opening:
            self._open(opening)
            self._closing = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def personal(self, *, contents: bool = True) -> Json:
        """The document of `agent.personal`."""
        if self._reader is not None:
            from agent.personal import personal_on_card

            return personal_on_card(self._reader)
        return self._ask({"ask": "sim_personal", "contents": contents})

    def change(self, request: Json) -> Json:
        """What came of one change."""
        if self._reader is None:
            return self._ask(request)
        from agent.card_changes import InModem, change_of, change_on_card

        change = change_of(request)
        assert change is not None, "a request of our own"
        assert not isinstance(change, InModem), "a reader keeps nothing"
        return change_on_card(self._reader, change)

    def _ask(self, request: Json) -> Json:
        assert self._modem is not None
        return self._modem.answer(request)

    def _open(self, opening: ExitStack) -> None:
        pin = None
        if self._args.pin_file is not None:
            pin = secret_of(self._args.pin_file, option="--pin-file", prompt="PIN")
        reader = chosen_reader(self._args)
        if reader is None:
            self._modem = opening.enter_context(ModemDesk(self._args))
        else:
            from agent.reader import choose_reader
            from sim.transport.pcsc import PcscTransport, list_readers

            self._reader = PcscTransport(choose_reader(reader, list_readers()))
            opening.callback(self._reader.close)
        if pin is not None:
            self._show(pin)

    def _show(self, pin: str) -> None:
        """Show the card its PIN; one that it does not ask for (any more) is not sent.

        Raises:
            PinRefused, PinWrong: the policy or the card does not take it.
            AgentError, ModemError, SimError: the card cannot be reached.
        """
        from agent.card_pin import order_of, pin_on_card
        from agent.errors import AgentError
        from sim.errors import PinRefused
        from sim.pin import ASKS_FOR_NONE

        forced = self._args.force_pin
        order = {"ask": "sim_pin", "action": "verify", "pin": pin, "forced": forced}
        try:
            if self._reader is None:
                self._ask(order)
            else:
                pin_on_card(self._reader, order_of("verify", pin, None, forced))
        except PinRefused as error:
            if error.reason != ASKS_FOR_NONE:
                raise
        except AgentError as error:  # the daemon's word for the same
            if error.fields.get("reason") != ASKS_FOR_NONE:
                raise
