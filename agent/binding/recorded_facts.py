"""The account facts that `simward bind` recorded with a card, as whoever needs them reads them."""

import json
import logging
import sqlite3
from typing import Final

from agent.binding.history import History
from cloud_bridge.orders import AccountFacts, OrderError, read_account

_SCHEMA: Final = "simward/account/1"
_logger = logging.getLogger(__name__)


class RecordedFacts:
    """Read anew only when the history has grown: a sample costs no look through all of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._history = History(connection)
        self._head = -1
        self._known: dict[str, AccountFacts | None] = {}

    def of(self, iccid: str) -> AccountFacts | None:
        """The newest of a card; None where none were recorded, or they cannot be read any more."""
        head, _ = self._history.head()
        if head != self._head:
            self._head = head
            self._known.clear()
        if iccid not in self._known:
            self._known[iccid] = self._read(iccid)
        return self._known[iccid]

    def _read(self, iccid: str) -> AccountFacts | None:
        account = self._history.last_account(iccid)
        if account is None:
            return None
        try:
            return read_account(json.dumps({**account, "schema": _SCHEMA, "iccid": iccid}).encode())
        except OrderError as error:
            _logger.warning("recorded account facts cannot be used: %s", error)
            return None
