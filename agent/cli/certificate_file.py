"""Evidence and public keys from files, and what is found of them."""

import argparse
import stat
from pathlib import Path
from typing import Final, NamedTuple

from agent.errors import UsageError
from agent.i18n import mark, reason_text, t
from cloud_bridge.certificate import (
    FOREIGN,
    MAX_EVIDENCE_BYTES,
    TOO_LONG,
    Evidence,
    EvidenceError,
    check,
    looks_like_evidence,
    read,
)
from cloud_bridge.errors import MessageError
from cloud_bridge.signing import public_key_in

_MAX_KEY_BYTES: Final = 4096
_CANNOT_READ = mark("{name}: cannot read {file}: {reason}")
_UNUSABLE = mark("{name}: {place}: {reason}")
PLACES: Final = {
    "file": mark("the file"),
    "head": mark("the head"),
    "entry": mark("entry {number}"),
    "signature": mark("the signature"),
}
"""Where evidence does not hold."""


class Examined(NamedTuple):
    """A file of evidence: what could be read of it, and what does not hold; `key_file` if given."""

    raw: bytes
    evidence: Evidence | None
    problem: EvidenceError | None
    key_file: str | None


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and the key to verify it with."""
    parser.add_argument("file", metavar="FILE", help=t("the evidence"))
    parser.add_argument(
        "--key",
        metavar="FILE",
        help=t("the gateway's public key, obtained elsewhere: PEM, or 64 hexadecimal digits"),
    )


def examine(args: argparse.Namespace) -> Examined:
    """What is in the file, and whether it holds.

    Raises:
        UsageError: a file that cannot be read, or is nothing of the kind.
    """
    return examine_file("FILE", args.file, args.key)


def examine_file(name: str, file: str, key_file: str | None) -> Examined:
    """What is in the file that the option `name` gives, and whether it holds.

    Raises:
        UsageError: a file that cannot be read, or is nothing of the kind.
    """
    raw = _content(name, file, MAX_EVIDENCE_BYTES + 1)
    key = None if key_file is None else public_key_from(key_file)
    if not looks_like_evidence(raw):
        reason = TOO_LONG if len(raw) > MAX_EVIDENCE_BYTES else FOREIGN
        raise UsageError(_UNUSABLE, name=name, place=file, reason=reason)
    evidence = None
    try:
        evidence = read(raw)
        check(evidence, public_key=key)
    except EvidenceError as problem:
        return Examined(raw, evidence, problem, key_file)
    return Examined(raw, evidence, None, key_file)


def problem_text(problem: EvidenceError) -> str:
    """Where, and why, in the language spoken."""
    place = t(PLACES[problem.part], number=problem.number)
    return t("{place}: {reason}", place=place, reason=reason_text(problem.reason))


def public_key_from(file: str) -> str:
    """The public key in the file that `--key` names, as 64 hexadecimal digits.

    Raises:
        UsageError: it cannot be read, or holds no key.
    """
    raw = _content("--key", file, _MAX_KEY_BYTES)
    try:
        return public_key_in(raw.decode("ascii", errors="replace"))
    except MessageError as error:
        raise UsageError(_UNUSABLE, name="--key", place=file, reason=error.reason) from error


def _content(name: str, file: str, most: int) -> bytes:
    """At most `most` bytes of a file; what is no plain file might never end, or never begin."""
    try:
        if not stat.S_ISREG(Path(file).stat().st_mode):
            raise UsageError(_CANNOT_READ, name=name, file=file, reason=mark("not a file"))
        with Path(file).open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise UsageError(_CANNOT_READ, name=name, file=file, reason=error.strerror) from error
    except ValueError as error:  # a NUL in a name
        if isinstance(error, UsageError):
            raise
        raise UsageError(_CANNOT_READ, name=name, file=file, reason=mark("not a file")) from error
