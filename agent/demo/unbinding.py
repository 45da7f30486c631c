"""The demo's last act: a card is unbound, the carrier cancels it, and that is verified.

Every line behind a `$` is a command as a technician types it, with what it really prints,
shortened; order, account facts and answers lie beside it as files.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from agent.cli.backend_lines import EVENT, EVIDENCE
from agent.clock import clock_synchronized, now
from agent.demo import papers
from agent.demo.kept import Kept
from agent.demo.stage import Program, Stage
from agent.demo.telling import Telling
from agent.errors import DemoError
from agent.exits import NO, OK
from agent.i18n import language, t

Lines = list[str]
Pick = Callable[[list[Lines]], Lines]
"""The lines that matter, of an output in blocks (between blank lines)."""

_PROGRESS: Final = "simward: "
_PAPERS: Final = "--order order.json --account account.json --answers answers.json"
_REFUSED: Final = "network = { eps = { reject = 8 }, ps = { reject = 8 }, cs = { reject = 2 } }"


class Unbinding:
    """With the card of one gateway."""

    def __init__(self, stage: Stage, telling: Telling, kept: Kept, gw: str, modem: Program) -> None:
        """`gw` reports to the backend that `kept` reads; `modem` is its simulated one."""
        self._stage = stage
        self._telling = telling
        self._kept = kept
        self._gw = gw
        self._modem = modem
        self._env = {
            "SIMWARD_CONFIG": str(stage.folder / f"{gw}.toml"),
            "SIMWARD_LANG": language(),
        }

    def tell(self) -> None:
        """From the work order to the verdict.

        Raises:
            DemoError: a command ended otherwise, or something did not arrive.
        """
        heads = tuple(t(text).partition("{")[0] for text in (EVIDENCE, EVENT))
        self._telling.heeds = lambda line: line.partition("  ")[2].startswith(heads)
        self._before()
        self._release()
        self._carrier()
        self._after()
        self._audit()

    def _before(self) -> None:
        say = self._telling.narrate
        say(
            t(
                "a work order to cancel the card of {gw}. Unbind it before: {files}",
                gw=self._gw,
                files="order.json, account.json, answers.json",
            )
        )
        if not clock_synchronized():
            say(t("nothing keeps the clock of this machine right; the demo takes it as right"))
        self._write("order", papers.order(now()))
        self._write("account", papers.account(papers.BOUND, now()))
        self._write("answers", papers.answers())
        self._run(f"check {_PAPERS}", NO, _gates)
        say(t("what would be done? Nothing is changed yet"))
        self._run(f"unbind {_PAPERS}", OK, lambda blocks: [blocks[0][0], *blocks[-1][1:]])

    def _release(self) -> None:
        self._telling.narrate(t("now it is done: the evidence first, then the release"))
        self._run(f"unbind {_PAPERS} --yes-unbind {papers.ICCID}", NO, _waits)

    def _carrier(self) -> None:
        say = self._telling.narrate
        say(t("the carrier releases its binding; new account facts say so"))
        self._write("account", papers.account(papers.UNBOUND, now()))
        resume = "unbind --resume --account account.json"
        self._run(resume, OK, lambda blocks: [blocks[0][0], blocks[1][0], *blocks[-1][1:]])
        say(t("the carrier cancels the card: its network refuses it from now on"))
        self._modem.hear(_REFUSED)
        self._telling.until(
            lambda: self._kept.has_event(self._gw, "registration_denied"),
            t("the event of the refusal"),
        )
        self._write("account", papers.account(papers.GONE, now()))
        self._run(resume, OK, lambda blocks: [blocks[0][0]])

    def _after(self) -> None:
        self._telling.narrate(t("is the card really gone? Against what worked before"))
        self._run("verify --account account.json", OK, lambda blocks: [*blocks[0], *blocks[1]])
        self._telling.until(
            lambda: self._kept.has_evidence(self._gw, "verification"),
            t("the evidence of the verification"),
        )

    def _audit(self) -> None:
        self._telling.narrate(
            t(
                "the backend's copy of the evidence, and the public key of {gw}'s birth message",
                gw=self._gw,
            )
        )
        folder = self._stage.folder
        (folder / "evidence.json").write_bytes(self._kept.evidence(self._gw, "unbind"))
        (folder / f"{self._gw}.pub").write_text(self._kept.public_key(self._gw), "ascii")
        self._run(f"certificate verify evidence.json --key {self._gw}.pub", OK, _head)

    def _write(self, name: str, document: Any) -> None:
        (self._stage.folder / f"{name}.json").write_text(
            json.dumps(document, ensure_ascii=False, indent=2), "utf-8"
        )

    def _run(self, arguments: str, expected: int, pick: Pick) -> None:
        """A command, and what matters of its output.

        Raises:
            DemoError: it ended with another exit code.
        """
        self._telling.line(f"$ simward {arguments}")
        program = self._stage.command("simward", self._env, *arguments.split())
        lines = []
        for line in program.lines():
            if line.startswith(_PROGRESS):
                self._telling.line(f"  {line}")
            else:
                lines.append(line)
            while self._telling.show(0.0):
                pass
        if program.exit_code() != expected:
            what = " | ".join(lines)
            raise DemoError("a part of the demo ended: {what}", what=f"{arguments}: {what}")
        for line in pick(_blocks(lines)):
            self._telling.line(f"  {line}")


def _blocks(lines: Lines) -> list[Lines]:
    """Split at blank lines."""
    found: list[Lines] = [[]]
    for line in lines:
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return found


def _gates(blocks: list[Lines]) -> Lines:
    """The verdict, and each gate with its result."""
    gates = [line for block in blocks[1:3] for line in block if not line.startswith("    ")]
    return [*blocks[0], *gates]


def _waits(blocks: list[Lines]) -> Lines:
    """Where the card stands, and how the documents were handed over."""
    documents = next(block for block in blocks if any("SHA-256" in line for line in block))
    return [blocks[0][0], *(line for line in documents if not line.startswith("    "))]


def _head(blocks: list[Lines]) -> Lines:
    """Up to the next heading."""
    first, *rest = blocks[0]
    end = next((n for n, line in enumerate(rest) if not line.startswith(" ")), len(rest))
    return [first, *rest[:end]]
