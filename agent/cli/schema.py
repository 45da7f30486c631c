"""`simward schema`: the JSON Schema of each message, all events, the AsyncAPI document."""

import argparse
from functools import partial
from typing import Any

from agent.cli.documents import print_document
from agent.errors import UsageError
from agent.exits import OK
from agent.i18n import in_both, t
from agent.version import __version__

ASYNCAPI = "asyncapi"
EVENTS = "events"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward schema`."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help=t("one message, events (every code) or asyncapi; without it, list them"),
    )


def run(args: argparse.Namespace) -> int:
    """Print one document, or the names of all."""
    from cloud_bridge import schema

    known = (*schema.names(), EVENTS, ASYNCAPI)
    if args.name is None:
        if args.json:
            print_document({"schemas": list(known)})
        else:
            print("\n".join(known))
        return OK
    if args.name not in known:
        names = " ".join(known)
        raise UsageError("no schema {name}; there are {names}", name=args.name, names=names)
    print_document(_document(args.name))
    return OK


def _document(name: str) -> dict[str, Any]:
    from cloud_bridge import asyncapi, schema

    if name == ASYNCAPI:
        return asyncapi.document(__version__)
    return _events() if name == EVENTS else schema.json_schema(name)


def _events() -> dict[str, Any]:
    """The catalogue, in both languages."""
    from cloud_bridge.events import CATALOGUE, RESERVED, args_schema

    return {
        "schema": "simward/events/1",
        "events": [
            {
                "code": code,
                "name": in_both(partial(t, spec.name)),
                "when": in_both(partial(t, spec.when)),
                "bound": in_both(partial(t, spec.bound)),
                "raised": code not in RESERVED,
                "args": args_schema(code),
            }
            for code, spec in CATALOGUE.items()
        ],
    }
