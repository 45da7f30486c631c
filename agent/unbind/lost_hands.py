"""The hands of a case whose device is gone: they write the statement, and touch nothing else."""

import hashlib
from pathlib import Path
from typing import Any, Final

from agent.clock import iso
from agent.state_dir import replace_file
from agent.unbind.case import Case
from agent.unbind.facts import Facts
from agent.unbind.hands import Card, Outcome, did
from agent.unbind.lost import statement_text
from agent.unbind.situation import with_case

Json = dict[str, Any]

STATEMENT: Final = "statement.txt"


class LostHands:
    """Nothing here asks a device; what needs one is not on this road."""

    def __init__(self, folder: Path, facts: Facts, last: Json | None) -> None:
        self._folder = folder
        self._facts = facts
        self._last = last

    def card(self) -> Card:
        """There is none."""
        return Card(None, None)

    def statement(self, case: Case) -> Outcome:
        """The template, beside the journal."""
        text = statement_text(case, self._facts.platform, self._last)
        replace_file(self._folder / STATEMENT, text, secret=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return did({"name": STATEMENT, "sha256": digest})

    def take_back(self, case: Case, *, again: bool) -> Outcome:
        """Nothing was done to a device, so nothing is undone."""
        del case, again
        return did({})

    def conclude(self, case: Case, *, again: bool) -> Outcome:
        """Nothing was read, so nothing is signed; the statement is the paper of this case."""
        del again
        digest = case.done["write_statement"]["sha256"]
        return did({"name": STATEMENT, "sha256": digest, "handed_over": "file"})

    def cancelled_at(self, case: Case) -> str | None:
        """As of when the platform says so."""
        account = with_case(self._facts, case).backend.account
        return None if account is None else iso(account.as_of)
