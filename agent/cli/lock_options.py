"""The options that close a backup, and those that open one."""

import argparse
from typing import TYPE_CHECKING

from agent.cli.secrets_in import secret_of, whole_file
from agent.errors import UsageError
from agent.i18n import t

if TYPE_CHECKING:
    from agent.backup import Key, Lock


def add_lock_arguments(parser: argparse.ArgumentParser) -> None:
    """What a new backup is closed with."""
    _add_passphrase(parser)
    parser.add_argument(
        "--recipient",
        action="append",
        metavar="KEY",
        help=t("close it for the owner of this public key (age1... or ssh-ed25519 ...)"),
    )


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    """What an old backup is opened with."""
    _add_passphrase(parser)
    parser.add_argument(
        "--identity-file", metavar="FILE", help=t("open it with the private key in this file")
    )


def _add_passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help=t("the passphrase: the first line of this file, or of standard input for -"),
    )


def lock_of(args: argparse.Namespace) -> "Lock":
    """What the options say; without one a passphrase is asked for.

    Raises:
        UsageError: a passphrase as well as a key.
        RefusedError: neither, and nobody to ask.
    """
    from agent.backup import Lock

    if not args.recipient:
        return Lock(passphrase=_passphrase(args))
    if args.passphrase_file is not None:
        raise UsageError(
            "{name} does not go with {what}", name="--recipient", what="--passphrase-file"
        )
    return Lock(recipients=tuple(args.recipient))


def key_of(args: argparse.Namespace) -> "Key":
    """What the options say; without one a passphrase is asked for.

    Raises:
        UsageError: a passphrase as well as a key, or a file that cannot be read.
        RefusedError: neither, and nobody to ask.
    """
    from agent.backup import Key

    if args.identity_file is None:
        return Key(passphrase=_passphrase(args))
    if args.passphrase_file is not None:
        raise UsageError(
            "{name} does not go with {what}", name="--identity-file", what="--passphrase-file"
        )
    return Key(identities=whole_file(args.identity_file))


def _passphrase(args: argparse.Namespace) -> str:
    return secret_of(
        args.passphrase_file, option="--passphrase-file", prompt=t("passphrase of the backup")
    )
