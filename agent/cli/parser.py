"""Argument parsing in two languages, with subcommands that are imported only when chosen."""

import argparse
import importlib
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from agent.errors import UsageError
from agent.i18n import LANGUAGES, mark, t

LOG_LEVELS = ("debug", "info", "warning", "error")

# name, one line of help. The module is `agent.cli.<name>`.
COMMANDS: tuple[tuple[str, str], ...] = (
    ("ports", mark("modems and card readers: which port is what, and who holds it")),
    ("status", mark("one snapshot of modem and card")),
    ("diagnose", mark("why this card is offline, and what to do")),
    ("check", mark("the gates before release and cancellation; changes nothing")),
    ("unbind", mark("release a card, with evidence; a dry run unless --yes-unbind names it")),
    ("verify", mark("after the cancellation: are data, messages and voice really gone")),
    ("doctor", mark("the surroundings: permissions, clock, disk, broker; what to do about each")),
    ("usage", mark("data used by each card, by billing cycle")),
    ("bind", mark("record which card is in which modem, at installation; --show: look only")),
    ("run", mark("the daemon: sample, store, report")),
    ("certificate", mark("signed evidence: show it, verify it offline, put it on paper")),
    ("sim", mark("the card's files: read them, or decode bytes of one")),
    ("batch", mark("lists of cards: judge them, collect them at a bench, write them")),
    ("backend", mark("the cloud side: store what arrives, acknowledge it")),
    ("schema", mark("JSON Schema of each message")),
    ("fixture", mark("simulated modems and recorded dialogues")),
    ("demo", mark("the main job on this machine, simulated")),
)

# What argparse says (its English is not ours to change) -> how we say it.
_COMPLAINTS: tuple[tuple[str, str], ...] = (
    (r"unrecognized arguments: (?P<what>.*)", mark("unknown argument: {what}")),
    (
        r"the following arguments are required: (?P<what>.*)",
        mark("missing argument: {what}"),
    ),
    (
        r"argument (?P<name>.*?): invalid choice: (?P<what>.*) \(choose from (?P<known>.*)\)",
        mark("{name}: {what} is not one of {known}"),
    ),
    (
        r"argument (?P<name>.*?): invalid \w+ value: (?P<what>.*)",
        mark("{name}: {what} is no valid value"),
    ),
    (
        r"argument (?P<name>.*?): expected (one argument|at least one argument|\d+ arguments?)",
        mark("{name}: a value is missing"),
    ),
    (
        r"argument (?P<name>.*?): not allowed with argument (?P<what>.*)",
        mark("{name} does not go with {what}"),
    ),
    (
        r"argument (?P<name>.*?): ignored explicit argument (?P<what>.*)",
        mark("{name} takes no value: {what}"),
    ),
    (
        r"ambiguous option: (?P<what>.*) could match (?P<known>.*)",
        mark("{what} is ambiguous: {known}"),
    ),
)
_HEADINGS = {
    "usage": mark("usage"),
    "positional arguments": mark("arguments"),
    "options": mark("options"),
}


class _Formatter(argparse.HelpFormatter):
    """Help with headings in the user's language."""

    def __init__(self, prog: str) -> None:
        # argparse would import shutil for this, 5 ms at every start.
        super().__init__(prog, width=_columns() - 2)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, t("usage") + ": " if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(t(_HEADINGS.get(heading or "", heading or "")))


class CommandParser(argparse.ArgumentParser):
    """A parser whose complaints are one line, and whose arguments may come from a module.

    Global options are taken before and after the command alike: in a subcommand's parser they
    have no default, so that what stood before is not overwritten.
    """

    def __init__(self, *args: Any, module: str | None = None, top: bool = False, **kw: Any) -> None:
        kw.update(
            add_help=False,
            allow_abbrev=False,
            formatter_class=_Formatter,
            conflict_handler="resolve",
        )
        super().__init__(*args, **kw)
        self._module = module
        if module is None:
            self._add_common(top=top)

    def _add_common(self, *, top: bool) -> None:
        group = self.add_argument_group(t("options of every command"))
        unset: Any = None if top else argparse.SUPPRESS
        group.add_argument("-h", "--help", action="help", help=t("this help"))
        group.add_argument("--config", metavar="FILE", default=unset, help=t("configuration file"))
        group.add_argument("--lang", choices=LANGUAGES, default=unset, help=t("language"))
        group.add_argument(
            "--log-level", choices=LOG_LEVELS, default=unset, help=t("how much to log")
        )
        group.add_argument(
            "--json",
            action="store_true",
            default=False if top else argparse.SUPPRESS,
            help=t("one JSON document on standard output"),
        )

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As in argparse, after the chosen command's module has added its arguments."""
        if self._module is not None:
            module, self._module = importlib.import_module(self._module), None
            self._add_common(top=False)
            module.add_arguments(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """One line in the user's language.

        Raises:
            UsageError: always.
        """
        for shape, text in _COMPLAINTS:
            match = re.fullmatch(shape, message)
            if match:
                raise UsageError(text, **match.groupdict())
        raise UsageError(message)


def _columns() -> int:
    """The width of the terminal."""
    if os.environ.get("COLUMNS", "").isdecimal():
        return int(os.environ["COLUMNS"])
    try:
        return os.get_terminal_size().columns
    except OSError:
        return 80


def build_parser() -> CommandParser:
    """The parser of the whole command line; no command's module is imported yet."""
    parser = CommandParser(prog="simward", top=True, description=t("device-side SIM agent"))
    parser.add_argument("--version", action="store_true", help=t("print the version"))
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title=t("commands"), prog="simward"
    )
    for name, text in COMMANDS:
        commands.add_parser(name, help=t(text), description=t(text), module=f"agent.cli.{name}")
    return parser
