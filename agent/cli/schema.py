"""`simward schema`: the JSON Schema of each message."""

import argparse

from agent.cli.documents import print_document
from agent.errors import UsageError
from agent.exits import OK
from agent.i18n import t

ASYNCAPI = "asyncapi"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward schema`."""
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help=t("one message; without it, list them")
    )


def run(args: argparse.Namespace) -> int:
    """Print one schema, or the names of all."""
    from cloud_bridge import schema

    known = schema.names()
    if args.name is None:
        if args.json:
            print_document({"schemas": list(known)})
        else:
            print("\n".join(known))
        return OK
    if args.name == ASYNCAPI:
        raise UsageError("the AsyncAPI document is not in this version")
    if args.name not in known:
        names = " ".join(known)
        raise UsageError("no schema {name}; there are {names}", name=args.name, names=names)
    print_document(schema.json_schema(args.name))
    return OK
