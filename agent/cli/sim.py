"""`simward sim ...`: the card's files, its PIN, and what of somebody is on it."""

import argparse
import importlib
import sys
from typing import TYPE_CHECKING, Any, Self, TextIO

from agent.cli.documents import print_document
from agent.cli.modem_access import add_port_arguments, document_of
from agent.cli.reader_access import add_reader_argument, add_trace_arguments, chosen_reader
from agent.errors import CardUnreadable, RefusedError, UsageError
from agent.exits import OK
from agent.i18n import mark, t

if TYPE_CHECKING:
    from agent.card import Wish
    from agent.modem_session import ModemSession

Json = dict[str, Any]

# name, one line of help. The module is `agent.cli.sim_<name>`, imported when it is chosen.
_MORE = (
    ("backup", mark("save phone book, messages and call lists in an encrypted file")),
    ("restore", mark("put what a backup has on a card")),
    ("residue", mark("what is left of somebody on the card and in the modem, in numbers")),
    ("wipe", mark("clear what is somebody's, record by record, if it is in a backup")),
    ("sms", mark("the messages on the card and in the modem, shown here alone")),
    ("pin", mark("show the card its PIN, or switch or change it")),
)
_LAST_RECORD = 254  # TS 102 221 clause 8.2.2.2 (unread)
_NUMBERS = {"EF.ICCID": "iccid", "EF.IMSI": "imsi"}
_WENT_AWAY = {"no card", "the card was reset"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands."""
    what = parser.add_subparsers(
        dest="what",
        metavar="|".join(("read", "decode", *(name for name, _ in _MORE))),
        required=True,
    )
    read = what.add_parser("read", help=t("read the identity files of the card in a modem"))
    add_port_arguments(read)
    add_reader_argument(read)
    add_trace_arguments(read)
    read.add_argument(
        "--all", action="store_true", help=t("every file that simward knows, not identity alone")
    )
    read.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))
    decode = what.add_parser("decode", help=t("say what the bytes of a card file mean"))
    decode.add_argument("file", metavar="FILE", help=t("EF.X, EF_X or a file identifier"))
    decode.add_argument("hex", metavar="HEX", help=t("the file's bytes, or those of one record"))
    decode.add_argument(
        "--record", type=int, metavar="N", help=t("which record the bytes are, from 1")
    )
    decode.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))
    for name, text in _MORE:
        what.add_parser(name, help=t(text), description=t(text), module=f"agent.cli.sim_{name}")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    if args.what in {"read", "decode"}:
        return _read(args) if args.what == "read" else _decode(args)
    status: int = importlib.import_module(f"agent.cli.sim_{args.what}").run(args)
    return status


def _decode(args: argparse.Namespace) -> int:
    from sim.files.registry import find_file

    file = find_file(args.file)
    fid = None if file.fid is None else f"{file.fid:04X}"
    document: Json = {"file": file.name, "fid": fid}
    if args.record is not None:
        if not 1 <= args.record <= _LAST_RECORD:
            raise UsageError("{name}: {what} is no valid value", name="--record", what=args.record)
        document["record"] = args.record
    try:
        content = bytes.fromhex(args.hex)
    except ValueError:
        raise UsageError("HEX is not an even number of hexadecimal digits") from None
    document["value"] = file.decode(content)
    if args.json:
        print_document(document)
    else:
        from agent.cli.sim_text import render_value

        print(render_value(file.name, fid, document["value"], full=args.full))
    return OK


def _read(args: argparse.Namespace) -> int:
    from agent.cli.card_trace import trace_of

    with trace_of(args) as wrapped, Progress(sys.stderr) as progress:
        from agent.card import Wish

        document = _document(args, Wish(args.all, progress.show, wrapped))
    if args.json:
        print_document(document)
    else:
        print(_text(document, full=args.full), flush=True)
    trouble = why_unusable(document)
    if trouble is not None:
        raise trouble
    return OK


def _text(document: Json, *, full: bool) -> str:
    from agent.cli.euicc_text import render_euicc

    if document["scope"] == "all":
        from agent.cli.sim_tree import render_tree as render
    else:
        from agent.cli.sim_text import render_card as render
    return "\n".join([render(document, full=full), render_euicc(document["euicc"], full=full)])


def _document(args: argparse.Namespace, wish: "Wish") -> Json:
    if args.replay is not None:
        from agent.card import document_of_card
        from agent.cli.card_trace import replay_of
        from agent.euicc import euicc_of_trace
        from sim.survey import Manners

        played = wish.wrapped(replay_of(args.replay))
        card = wish.read(played, Manners.GUEST)
        return document_of_card(card, euicc_of_trace(played))
    reader = chosen_reader(args)
    if reader is None:
        return _of_modem(args, wish)
    from agent.reader import read_card_in_reader

    return read_card_in_reader(reader, wish)


def _of_modem(args: argparse.Namespace, wish: "Wish") -> Json:
    by_ourselves = False

    def read(session: "ModemSession") -> Json:
        from agent.card import read_card

        nonlocal by_ourselves
        by_ourselves = True
        return read_card(session, wish)

    document = document_of(args, {"ask": "sim_read", "all": args.all}, read)
    if args.trace is not None and not by_ourselves:
        raise RefusedError("--trace: the daemon owns the port; stop it first")
    return document


class Progress:
    """One line on a terminal that says which file is being read; nothing anywhere else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def show(self, path: str) -> None:
        """`path` is read next."""
        self._count += 1
        self._write(f"{self._count}  {path}")

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()


def why_unusable(document: Json) -> CardUnreadable | None:
    """What is wrong with the card: locked, unreadable, without a number, or away in the middle."""
    profiles = document["euicc"]["profiles"]
    if (
        document["iccid"] is None
        and profiles is not None
        and all(profile["state"] == "disabled" for profile in profiles)
    ):
        why = mark("eUICC without an enabled profile")
        return CardUnreadable("the card cannot be used: {reason}", reason=why)
    text = "the card cannot be used: {file}: {reason}"
    for name, key in _NUMBERS.items():  # a card may have the file twice, in USIM and in DF.GSM
        files = [file for file in document["files"] if file["file"] == name]
        if files and not any(file["value"] and file["value"][key] for file in files):
            reason = files[0]["absent"] or mark("not set")
            return CardUnreadable(text, file=name, reason=reason)
    for file in document["files"]:
        if file["absent"] in _WENT_AWAY:
            return CardUnreadable(text, file=file["file"], reason=file["absent"])
    return None
