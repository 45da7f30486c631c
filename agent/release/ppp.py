"""Dialling by pppd and wvdial: files that name the modem's port moved aside, programs ended.

A file keeps its content under another name beside it, which no program reads. A program is ended
by SIGTERM, as `poff` does; nothing starts it again, since who started it knows how.
"""

import os
import select
import signal
from contextlib import suppress
from typing import Any, Final

from agent.errors import RefusedError
from agent.i18n import mark
from agent.i18n.said import Said, say
from agent.release.ppp_look import ASIDE, Dialler, Found, look
from agent.release.results import (
    NEEDS_HUMAN,
    NOTHING_TO_DO,
    UNDO_ALL,
    UNDO_PART,
    WOULD_DO,
    Planned,
    Proof,
    StepResult,
    settled,
)
from agent.release.table import Step
from agent.release.world import World

Json = dict[str, Any]

END_S: Final = 15.0
"""pppd says goodbye to the other side first."""

_UNREADABLE: Final = mark("{file}: {reason}")


class PppSide:
    """See `agent.release.steps`."""

    def plan(self, step: Step, world: World) -> Planned:
        """What would be moved, and which programs ended."""
        try:
            found = look(world)
        except OSError as error:
            return Planned(step.id, NEEDS_HUMAN, why=(_about(error),))
        what = [say("{file} is moved aside", file=path) for path in found.ours]
        what += [
            say("{program} (process {pid}) is ended", program=each.program, pid=each.pid)
            for each in found.running
        ]
        why = _for_humans(found)
        if not what:
            asks = found.unclear or found.starters or found.secrets
            return Planned(step.id, NEEDS_HUMAN if asks else NOTHING_TO_DO, (), tuple(why))
        if found.running:
            why.append(say("cannot be undone: who started {program} has to start it again",
                           program=found.running[0].program))  # fmt: skip
        undo = UNDO_PART if found.running else UNDO_ALL
        cuts = bool(found.running)
        return Planned(step.id, WOULD_DO, tuple(what), tuple(why), cuts_uplink=cuts, undo=undo)

    def prepare(self, step: Step, world: World) -> Json:
        """From where to where each file goes, and which programs run, with their words.

        Raises:
            RefusedError: a file may not be read.
        """
        del step
        try:
            found = look(world)
        except OSError as error:
            raise RefusedError(_UNREADABLE, file=error.filename, reason=error.strerror) from error
        root = world.root.rstrip("/")
        return {
            "files": [{"from": path, "to": _free(root, path)} for path in found.ours],
            "running": [{"program": e.program, "words": list(e.words)} for e in found.running],
        }

    def do(self, step: Step, world: World, prepared: Json) -> StepResult:
        """Files first, so that nothing dials again; then the programs."""
        del step
        commands: list[str] = []
        because: list[Said] = []
        root = world.root.rstrip("/")
        for each in prepared["files"]:
            _move(root, each["from"], each["to"], commands, because)
        try:
            running = look(world).running
        except OSError as error:
            because.append(_about(error))
            running = ()
        for dialler in running:
            commands.append(f"SIGTERM {dialler.program} {dialler.pid}")
            problem = _end(dialler)
            if problem is not None:
                because.append(problem)
        return settled(commands, because, acted=bool(commands))

    def undo(self, step: Step, prepared: Json, world: World) -> StepResult:
        """Each file under its name again; programs are named, not started."""
        del step
        commands: list[str] = []
        because: list[Said] = []
        root = world.root.rstrip("/")
        for each in prepared["files"]:
            _move(root, each["to"], each["from"], commands, because)
        result = settled(commands, because, acted=bool(commands))
        notes = tuple(
            say("{program} ran, and is not started again: start it as before", program=name)
            for name in dict.fromkeys(each["program"] for each in prepared["running"])
        )
        return result._replace(because=result.because + notes)

    def prove(self, step: Step, world: World) -> Proof:
        """Whether a file or a program is left."""
        del step
        try:
            found = look(world)
        except OSError as error:
            return Proof(None, {"unreadable": str(error.filename)})
        evidence = {
            "files": list(found.ours),
            "running": [each.program for each in found.running],
            "unclear": list(found.unclear),
            "starters": list(found.starters),
        }
        if found.ours or found.running:
            return Proof(False, evidence)
        return Proof(None if found.starters else True, evidence)


def _for_humans(found: Found) -> list[Said]:
    unclear = say("it may dial over this modem or not: it names no port, or several")
    return [
        *(say("{file}: {what}", file=path, what=unclear) for path in found.unclear),
        *(
            say("{file} calls one of these: it fails from now on", file=path)
            for path in found.callers
        ),
        *(
            say("{file} dials over this modem by itself: see to it", file=path)
            for path in found.starters
        ),
        *(
            say("{file} has a login of this card: remove its line by hand", file=path)
            for path in found.secrets
        ),
    ]


def _free(root: str, path: str) -> str:
    """A name beside it that nothing has yet."""
    aside, number = path + ASIDE, 1
    while os.path.lexists(root + aside):
        number += 1
        aside = f"{path}{ASIDE}-{number}"
    return aside


def _move(root: str, old: str, new: str, commands: list[str], because: list[Said]) -> None:
    """Rename; what is moved already stays, and nothing is written over."""
    if not os.path.lexists(root + old):
        return
    if os.path.lexists(root + new):
        because.append(say("{file} is there: it is not written over", file=new))
        return
    try:
        os.rename(root + old, root + new)  # noqa: PTH104 - strings throughout
    except OSError as error:
        because.append(say(_UNREADABLE, file=old, reason=error.strerror or ""))
        return
    commands.append(f"mv {old} {new}")


def _end(dialler: Dialler) -> Said | None:
    """End it; why it did not end, or None."""
    with suppress(ProcessLookupError):
        try:
            descriptor = os.pidfd_open(dialler.pid)
        except PermissionError:
            descriptor = -1
        if descriptor < 0:
            return _not_ended(dialler)
        try:
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            if not poll.poll(END_S * 1000):
                return _not_ended(dialler)
        except PermissionError:
            return _not_ended(dialler)
        finally:
            os.close(descriptor)
    return None


def _not_ended(dialler: Dialler) -> Said:
    return say("{program} (process {pid}) does not end", program=dialler.program, pid=dialler.pid)


def _about(error: OSError) -> Said:
    return say(_UNREADABLE, file=str(error.filename), reason=error.strerror or "")
