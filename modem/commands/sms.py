"""Short messages in a modem's stores, read.

3GPP TS 27.005 clauses 3.2.3 (+CMGF), 3.2.2 (+CPMS) and 3.4.2 (+CMGL), all unread.
Listing makes an unread message a read one; only counting leaves it as it was.
"""

import re
from typing import NamedTuple

from modem.at.syntax import split_fields, to_int
from modem.commands.base import PrefixedCommand, SettingCommand

PDU_MODE = 0
_PDU = re.compile(r"[0-9A-Fa-f]{16,400}")
_NAME = re.compile(r'"([A-Z]{2})"')


class StoreState(NamedTuple):
    """A store: its name, how many messages it holds, and how many it has room for."""

    name: str
    used: int
    size: int


class StoredPdu(NamedTuple):
    """A message in a store; `pdu` begins with the service centre's address.

    `status`: 0 received unread, 1 received read, 2 stored unsent, 3 stored sent.
    """

    number: int
    status: int
    pdu: bytes


class ReadMessageMode(PrefixedCommand[int]):
    """AT+CMGF?: 0 PDUs, 1 text."""

    text = "AT+CMGF?"
    prefixes = ("+CMGF",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> int:
        """The mode."""
        mode = to_int(next(iter(self.rows(lines)[0]), None))
        if mode not in {0, 1}:
            raise self.refuse(lines)
        return mode


class SetMessageMode(SettingCommand):
    """AT+CMGF=<mode>."""

    def __init__(self, mode: int) -> None:
        self.text = f"AT+CMGF={mode}"


class ReadMessageStoreNames(PrefixedCommand[tuple[str, ...]]):
    """AT+CPMS=?: the stores that can be listed and deleted from."""

    text = "AT+CPMS=?"
    prefixes = ("+CPMS",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Names, as in the first pair of brackets."""
        first = self.bodies(lines)[0].partition(")")[0]
        names = tuple(_NAME.findall(first))
        if not names:
            raise self.refuse(lines)
        return names


class ReadMessageStores(PrefixedCommand[tuple[StoreState, ...]]):
    """AT+CPMS?: the stores for reading, writing and receiving, as they are chosen."""

    text = "AT+CPMS?"
    prefixes = ("+CPMS",)
    one_line = True

    def parse(self, lines: tuple[str, ...]) -> tuple[StoreState, ...]:
        """One, two or three stores."""
        fields = self.rows(lines)[0]
        found = []
        for name, used, size in zip(*[iter(fields)] * 3, strict=False):
            numbers = (to_int(used), to_int(size))
            if not name or None in numbers:
                raise self.refuse(lines)
            found.append(StoreState(name, numbers[0] or 0, numbers[1] or 0))
        if not found:
            raise self.refuse(lines)
        return tuple(found)


class ChooseMessageStore(PrefixedCommand[StoreState]):
    """AT+CPMS="<store>": the store to list and delete from."""

    prefixes = ("+CPMS",)
    one_line = True

    def __init__(self, name: str) -> None:
        self._name = name
        self.text = f'AT+CPMS="{name}"'

    def parse(self, lines: tuple[str, ...]) -> StoreState:
        """What it holds."""
        numbers = [to_int(field) for field in self.rows(lines)[0][:2]]
        if len(numbers) < 2 or None in numbers:
            raise self.refuse(lines)
        return StoreState(self._name, numbers[0] or 0, numbers[1] or 0)


class ListMessages(PrefixedCommand[tuple[StoredPdu, ...]]):
    """AT+CMGL=4 in PDU mode: every message of the chosen store, a header and a PDU each."""

    text = "AT+CMGL=4"
    prefixes = ("+CMGL",)
    timeout_s = 20.0

    def owns(self, line: str) -> bool:
        """Whether `line` is a header or a PDU."""
        return super().owns(line) or _PDU.fullmatch(line) is not None

    def parse(self, lines: tuple[str, ...]) -> tuple[StoredPdu, ...]:
        """Messages in the modem's order; none where the store is empty."""
        if len(lines) % 2:
            raise self.refuse(lines)
        return tuple(
            self._message(lines, *pair) for pair in zip(lines[::2], lines[1::2], strict=True)
        )

    def _message(self, lines: tuple[str, ...], header: str, pdu: str) -> StoredPdu:
        body = self.body(header)
        fields = [] if body is None else [to_int(field) for field in split_fields(body)[:2]]
        if len(fields) < 2 or None in fields or _PDU.fullmatch(pdu) is None or len(pdu) % 2:
            raise self.refuse(lines)
        return StoredPdu(fields[0] or 0, fields[1] or 0, bytes.fromhex(pdu))
