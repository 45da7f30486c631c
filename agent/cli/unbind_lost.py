"""A run of `simward unbind --device-lost`: papers and people, no device."""

import argparse
from pathlib import Path
from typing import Any, Final, cast

from agent.cli.gate_facts import Papers
from agent.cli.unbind_case import (
    Result,
    goes_on,
    note_certificate,
    note_papers,
    opening,
    tell,
    torn_line,
)
from agent.cli.unbind_options import iccid_of
from agent.clock import clock_synchronized, now
from agent.config import Settings
from agent.errors import RefusedError
from agent.exits import NO
from agent.i18n import mark
from agent.unbind import case as words
from agent.unbind.case import Case
from agent.unbind.executor import Executor
from agent.unbind.folder import Found, folder_of, made
from agent.unbind.hands import Hands
from agent.unbind.journal import Journal
from agent.unbind.last_known import last_known
from agent.unbind.lost import judge_lost, lost_facts
from agent.unbind.lost_hands import LostHands
from agent.unbind.platform_files import all_platforms
from agent.unbind.situation import seen_of, with_case
from agent.unbind.story import document
from agent.unbind.unbinding import Halt, Seen, Wish

Json = dict[str, Any]

OTHER_LOST: Final = mark("--yes-unbind names {named}; the work order names {card}")
LOST_ORDER: Final = mark("--device-lost needs a work order (--order)")


class LostRun:
    """Without a device: papers and people."""

    def __init__(
        self, args: argparse.Namespace, papers: Papers, settings: Settings, found: Found | None
    ) -> None:
        self._args = args
        self._found = found
        self._state_dir = Path(settings.device.state_dir)
        facts = lost_facts(
            papers.operator,
            papers.backend,
            now(),
            all_platforms(),
            synchronized=clock_synchronized(),
        )
        self._facts = facts if found is None else with_case(facts, found.case)
        if self._facts.backend.order is None:
            raise RefusedError(LOST_ORDER)
        if found is not None:
            self._facts = lost_facts(
                self._facts.operator,
                self._facts.backend,
                self._facts.now,
                self._facts.platforms,
                synchronized=clock_synchronized(),
            )

    def run(self) -> Result:
        """The statement, and the state that the papers allow."""
        order = self._facts.backend.order
        assert order is not None
        last = last_known(self._state_dir, order.iccid)
        if not goes_on(self._args):
            case = None if self._found is None else self._found.case
            return self._told(case, None, last, dry_run=True)
        if self._args.yes_unbind is not None and iccid_of(self._args.yes_unbind) != order.iccid:
            raise RefusedError(OTHER_LOST, named=self._args.yes_unbind, card=order.iccid)
        folder = made(folder_of(self._state_dir, order.iccid, order.order_id))
        with Journal(folder) as journal:
            if not journal.entries:
                imei = order.imei or (None if last is None else last["imei"])
                told = opening(self._facts, iccid=order.iccid, imei=imei, imsi=order.imsi)
                journal.append(words.OPENED, {**told, "lost": True})
            executor = Executor(
                journal, cast(Hands, LostHands(folder, self._facts, last)), self._see, tell=tell
            )
            note_papers(executor, self._facts)
            note_certificate(executor, self._args)
            halt = executor.run(Wish(abort=self._args.abort, lost=not self._args.abort))
            return self._told(executor.case, halt, last, dry_run=False, torn=journal.torn)

    def _see(self, case: Case) -> Seen:
        seen = seen_of(self._facts, case, (None, None))
        return seen._replace(judged=judge_lost(with_case(self._facts, case)))

    def _told(
        self,
        case: Case | None,
        halt: Halt | None,
        last: Json | None,
        *,
        dry_run: bool,
        torn: int = 0,
    ) -> Result:
        judged = judge_lost(self._facts)
        told = document(
            self._facts,
            judged,
            case,
            halt,
            dry_run=dry_run,
            planned=[],
            lost=True,
            last=last,
            said=torn_line(torn),
        )
        return Result(told, NO if halt is None else halt.exit_code)
