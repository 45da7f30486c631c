"""The command line: `simward COMMAND`. Only the chosen command's module is imported."""

import gc
import io
import os
import sys
from collections.abc import Sequence
from itertools import pairwise

from agent.exits import FAULT, INTERRUPTED, OK, USAGE
from agent.i18n import LANGUAGES, choose_language, set_language, t

_WITHOUT_COMMAND = ("-h", "--help", "--version")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code of the contract."""
    status = _guarded(list(sys.argv[1:] if argv is None else argv))
    if argv is None:
        # The program ends here. Python would still look for cycles in all that was imported, for
        # 8 ms: nothing in them has an end of its own to make.
        gc.freeze()
    return status


def _guarded(arguments: list[str]) -> int:
    """The exit code of the command, whatever happens in it."""
    _open_what_is_closed()
    try:
        if arguments == ["--version"]:  # what scripts ask needs no parser, and no language
            status = _print_version()
        else:
            set_language(choose_language(_language_option(arguments), os.environ))
            if isinstance(sys.stdout, io.TextIOWrapper):
                # A terminal that cannot show Chinese is no reason to fail.
                sys.stdout.reconfigure(errors="backslashreplace")
            status = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`simward ... | head`): nothing is left to say.
        _discard_output()
        return OK
    except Exception as error:  # noqa: BLE001 - the outermost border: a user sees one line, no traceback
        _discard_unwritable_output()
        return _complain(error, arguments)
    return status


def _open_what_is_closed() -> None:
    """Without standard output or error (`>&-`) Python has None there; then nobody listens."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115


def _discard_unwritable_output() -> None:
    """Where the output cannot be written, the interpreter shall not find that out at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        _discard_output()


def _discard_output() -> None:
    """What is still in the buffer goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    from agent.cli.parser import build_parser
    from agent.errors import UsageError

    parser = build_parser()
    try:
        args = parser.parse_args(arguments)
    except SystemExit as done:  # --help has printed
        return OK if done.code in {None, 0} else USAGE
    if args.version:
        return _print_version()
    if args.command is None:
        raise UsageError("no command given; see simward --help")
    _configure_logging(args.log_level)
    import importlib

    status: int = importlib.import_module(f"agent.cli.{args.command}").run(args)
    return status


def _print_version() -> int:
    from agent.version import __version__

    print(f"simward {__version__}")
    return OK


def _language_option(arguments: list[str]) -> str | None:
    """The last language of --lang, found before parsing: parsing itself already speaks."""
    found = None
    for argument, following in pairwise([*arguments, ""]):
        value = following if argument == "--lang" else argument.removeprefix("--lang=")
        if argument.startswith("--lang") and value in LANGUAGES:
            found = value
    return found


def _configure_logging(level: str | None) -> None:
    """Logs go to standard error; `logging` is imported only where someone wants to see them."""
    if level is None:
        return
    from agent.log import configure

    configure(level)


def _complain(error: Exception, arguments: list[str]) -> int:
    """One line on standard error, in the user's language; the exit code for `error`."""
    from agent.complaints import describe

    complaint = describe(error)
    text = complaint.in_words()
    if complaint.exit_code == FAULT:
        text += t(" (--log-level debug shows where)")
        if "debug" in arguments or "--log-level=debug" in arguments:
            import traceback

            traceback.print_exception(error)
    print(f"simward: {text}", file=sys.stderr)
    return complaint.exit_code
