"""One run of `simward unbind` with the device at hand: what is seen, and who carries it out."""

import argparse
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from agent.cli.gate_facts import Papers, device_document
from agent.cli.modem_access import ModemDesk
from agent.cli.unbind_case import (
    Result,
    find_case,
    goes_on,
    note_certificate,
    note_papers,
    opening,
    tell,
    torn_line,
)
from agent.cli.unbind_hands import DeskHands, Given
from agent.cli.unbind_lost import LostRun
from agent.cli.unbind_options import begin_refusals, given_of, iccid_of, refuse_other_backup
from agent.clock import clock_synchronized, now
from agent.config import Settings
from agent.errors import AgentError
from agent.exits import CARD, NO, OK
from agent.unbind import case as words
from agent.unbind import machine
from agent.unbind.case import Case
from agent.unbind.device import device_of
from agent.unbind.executor import Executor
from agent.unbind.facts import Device, Facts
from agent.unbind.folder import Found, folder_of, made
from agent.unbind.gates import AFTER_CANCEL, BEFORE, Judged, judge
from agent.unbind.journal import Journal
from agent.unbind.platform_files import all_platforms
from agent.unbind.signer import signer_of
from agent.unbind.situation import seen_of, with_case
from agent.unbind.story import document
from agent.unbind.unbinding import (
    ASKS,
    INCOMPLETE,
    OTHER_CARD,
    SHUT,
    WITHOUT_CARD,
    Halt,
    Seen,
    Wish,
    gates_halt,
    next_step,
)
from modem.errors import ModemError

Json = dict[str, Any]


def carry_out(args: argparse.Namespace, papers: Papers, settings: Settings) -> Result:
    """The whole of it.

    Raises:
        AgentError, ModemError: it could not be done; what was begun is in the journal.
    """
    found = find_case(Path(settings.device.state_dir), papers, args)
    if args.device_lost or (found is not None and found.case.lost and not found.case.ended):
        return LostRun(args, papers, settings, found).run()
    with ExitStack() as closing:
        desk = closing.enter_context(ModemDesk(args))
        return DeviceRun(args, papers, settings, desk, found).run(closing)


class DeviceRun:
    """With a device at hand."""

    def __init__(
        self,
        args: argparse.Namespace,
        papers: Papers,
        settings: Settings,
        desk: ModemDesk,
        found: Found | None,
    ) -> None:
        self._args = args
        self._settings = settings
        self._desk = desk
        self._found = found
        self._state_dir = Path(settings.device.state_dir)
        self._device = self._document()
        device = (
            Device(now(), clock_synchronized()) if self._device is None else device_of(self._device)
        )
        self._facts = Facts(device, papers.operator, papers.backend, now(), all_platforms())

    def _document(self) -> Json | None:
        """What was read; None where a card that is gone already may be without its modem.

        Raises:
            AgentError, ModemError: no modem answers, and it is needed.
        """
        try:
            return device_document(self._desk, self._settings, self._args.port)
        except (AgentError, ModemError):
            if self._found is not None and self._found.case.road in WITHOUT_CARD:
                return None
            raise

    def run(self, closing: ExitStack) -> Result:
        """Say what would be done, or do it; the journal is let go by `closing`."""
        args = self._args
        if not goes_on(args):
            return self._dry_run()
        self._refuse_other_card()
        if not args.json and sys.stdin.isatty() and sys.stderr.isatty():
            self._ask()
        folder = self._folder()
        if folder is None:
            return self._told(None, None, dry_run=False)
        journal = closing.enter_context(Journal(made(folder)))
        return self._act(journal, folder)

    def _dry_run(self) -> Result:
        hands = self._hands(None)
        case = None if self._found is None else self._found.case
        planned = self._planned(hands, case)
        halt = None
        if case is not None:
            seen = seen_of(self._facts, case, hands.card())
            step = next_step(case, seen, self._wish())
            halt = step if isinstance(step, Halt) else None
        return self._told(case, halt, dry_run=True, planned=planned)

    def _refuse_other_card(self) -> None:
        """The operator's word is for one card: the one that shows itself.

        Raises:
            RefusedError: he named another one; `document` is what was seen all the same.
            CardUnreadable: the card does not say who it is.
        """
        if self._args.yes_unbind is None:
            return
        begin_refusals(
            iccid_of(self._args.yes_unbind),
            self._facts.device.iccid,
            begun=self._found is not None,
        )

    def _ask(self) -> None:
        from agent.cli.check_dialogue import ask_all

        answers = self._args.answers
        case = None if self._found is None else self._found.case
        facts = self._facts if case is None else with_case(self._facts, case)
        phases = (AFTER_CANCEL,) if case is not None and case.road in WITHOUT_CARD else BEFORE
        asked = ask_all(facts, None if answers is None else Path(answers), phases)
        self._facts = self._facts._replace(operator=asked.operator)

    def _folder(self) -> Path | None:
        """Where the case is kept; None where it cannot begin, and nothing is written."""
        if self._found is not None:
            return self._found.folder
        order, iccid = self._facts.backend.order, self._facts.device.iccid.known
        if order is None or iccid is None or gates_halt(judge(self._facts)) is not None:
            return None
        return folder_of(self._state_dir, iccid, order.order_id)

    def _act(self, journal: Journal, folder: Path) -> Result:
        if not journal.entries:
            journal.append(
                words.OPENED,
                opening(
                    self._facts,
                    iccid=self._facts.device.iccid.known,
                    imei=self._facts.device.imei.known,
                    imsi=self._facts.device.imsi.known,
                ),
            )
        hands = self._hands(folder)

        def see(case: Case) -> Seen:
            return seen_of(self._facts, case, hands.card())

        begins = {machine.BACK_UP: {"file": self._args.backup}}
        executor = Executor(journal, hands, see, tell=tell, begins=begins)
        refuse_other_backup(self._args, executor.case)
        note_papers(executor, self._facts)
        note_certificate(executor, self._args)
        halt = executor.run(self._wish())
        planned = executor.case.done.get(machine.BEGIN_RELEASE, {}).get("planned")
        if planned is None:
            planned = [] if halt.why == OTHER_CARD else self._planned(hands, executor.case)
        return self._told(executor.case, halt, dry_run=False, planned=planned, torn=journal.torn)

    def _hands(self, folder: Path | None) -> DeskHands:
        given = given_of(self._args) if folder is not None else Given()
        return DeskHands(
            self._desk,
            self._settings,
            folder or self._state_dir,
            self._facts,
            self._device,
            given,
            partial(signer_of, self._settings),
        )

    def _planned(self, hands: DeskHands, case: Case | None) -> list[Json]:
        """What the release would do, read-only; nothing where no card can be read."""
        iccid = self._facts.device.iccid.known if case is None else case.iccid
        return [] if iccid is None or self._device is None else hands.planned(iccid)

    def _wish(self) -> Wish:
        args = self._args
        return Wish(
            abort=args.abort,
            back_up=args.backup is not None,
            reopen=args.yes_unbind is not None,
        )

    def _told(
        self,
        case: Case | None,
        halt: Halt | None,
        *,
        dry_run: bool,
        planned: list[Json] | None = None,
        torn: int = 0,
    ) -> Result:
        facts = self._facts if case is None else with_case(self._facts, case)
        judged = judge(facts)
        if halt is None and case is None:
            halt = gates_halt(judged)
        told = document(
            facts, judged, case, halt, dry_run=dry_run, planned=planned or [], said=torn_line(torn)
        )
        return Result(told, self._exit(facts, judged, halt))

    def _exit(self, facts: Facts, judged: Judged, halt: Halt | None) -> int:
        unread = facts.device.iccid.known is None
        if unread and (halt is None or halt.why in {SHUT, ASKS, INCOMPLETE}):
            return CARD
        if halt is not None:
            return halt.exit_code
        return OK if judged.ready_to_release else NO
