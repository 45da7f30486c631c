"""What a simulated modem needs of the simulated card inside it."""

from pathlib import Path
from typing import Protocol

from modem.simulator.fixture import FixtureError, provenance_of, read_toml, shipped
from sim.simulator.card import SimulatedCard


class Card(Protocol):
    """A card as `sim.simulator` makes it."""

    @property
    def iccid(self) -> str | None:
        """As printed on the card; None where it has none."""
        ...

    @property
    def imsi(self) -> str | None:
        """The subscription's number."""
        ...

    @property
    def msisdn(self) -> str | None:
        """The stored own number."""
        ...

    @property
    def eid(self) -> str | None:
        """The number of an eUICC; None of any other card."""
        ...

    @property
    def is_empty(self) -> bool:
        """Whether it is an eUICC on which no profile is enabled."""
        ...

    def enable_profile(self, iccid: str | None, /) -> None:
        """Exchange the eUICC's profile; None disables it. KeyError: it has none of that number."""
        ...

    @property
    def pin1_enabled(self) -> bool:
        """Whether the card asks for PIN1."""
        ...

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        ...

    @property
    def present(self) -> bool:
        """Whether it has contact."""
        ...

    def transmit(self, apdu: bytes, /) -> bytes:
        """The response, status word included; empty: there is none."""
        ...

    def crsm(  # noqa: PLR0917 - the order of +CRSM
        self, command: int, fid: int, p1: int, p2: int, p3: int, data: bytes, path: str, /
    ) -> tuple[int, int, bytes]:
        """Restricted access as +CRSM gives it: SW1, SW2, data."""
        ...

    def pin1_state(self) -> str:
        """`ready`, `pin`, `puk` or `blocked`."""
        ...

    def retries(self) -> dict[str, int]:
        """Tries left, by `pin1`, `puk1`, `pin2` and `puk2`."""
        ...

    def verify_pin(self, pin: str, /) -> bool:
        """Whether `pin` was right; a wrong one costs a try."""
        ...

    def unblock_pin(self, puk: str, new_value: str, /) -> bool:
        """Whether `puk` was right, and the new PIN1 taken; a wrong one costs a try."""
        ...

    def switch_pin(self, pin: str, /, *, enabled: bool) -> bool:
        """Whether `pin` was right, and PIN1 is asked for from now on or not."""
        ...

    def change_pin(self, pin: str, new_value: str, /, *, second: bool = False) -> bool:
        """Whether `pin` was right, and PIN1 (or PIN2) changed."""
        ...

    def reset(self) -> object:
        """As after a loss of power."""
        ...


def load_card(name: str | Path) -> Card:
    """The shipped card `name`, or one from a file of one's own.

    Raises:
        FixtureError: no such card, or a profile that makes none.
    """
    source = shipped("cards", str(name), ".toml")
    tables = read_toml(source)
    provenance_of(str(source), tables.get("provenance"), tables.get("source"))
    try:
        return SimulatedCard.load(tables)
    except KeyError as exc:
        raise FixtureError(str(source), str(exc.args[0]), "missing") from exc
    except (TypeError, ValueError) as exc:
        raise FixtureError(str(source), "", "not a card profile") from exc
