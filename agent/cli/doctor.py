"""`simward doctor`: the surroundings, checked; what is wrong, and what to do about it."""

import argparse

from agent.i18n import t


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward doctor`."""
    parser.add_argument(
        "--evidence", action="store_true", help=t("also show what was read, and where")
    )


def run(args: argparse.Namespace) -> int:
    """Look around; 1 where something has to be put right."""
    # Checks know pydantic, paho and more: --help does without.
    from agent.doctor.document import configuration, document, exit_code
    from agent.doctor.examine import examine
    from agent.doctor.surroundings import Surroundings
    from agent.doctor.table import CHECKS

    surroundings = Surroundings(configuration(args.config))
    results = examine(surroundings, CHECKS)
    if args.json:
        from agent.cli.documents import print_document

        print_document(document(surroundings, results))
    else:
        from agent.cli.doctor_text import render

        print(render(results, evidence=args.evidence), flush=True)
    return exit_code(results)
