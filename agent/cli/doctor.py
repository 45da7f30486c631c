"""`simward doctor`: the surroundings, checked; what is wrong, and what to do about it."""

import argparse
import os
from typing import Any

from agent.cli.documents import print_document
from agent.clock import iso
from agent.doctor.examine import Result, examine
from agent.doctor.finding import FAIL, WORST_FIRST
from agent.doctor.surroundings import Configured, Surroundings
from agent.doctor.table import CHECKS
from agent.errors import ConfigError
from agent.exits import NO, OK
from agent.i18n import in_both, t

Json = dict[str, Any]

SCHEMA = "simward/doctor/1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward doctor`."""
    parser.add_argument(
        "--evidence", action="store_true", help=t("also show what was read, and where")
    )


def run(args: argparse.Namespace) -> int:
    """Look around; 1 where something has to be put right."""
    surroundings = Surroundings(configuration(args.config))
    results = examine(surroundings, CHECKS)
    if args.json:
        print_document(document(surroundings, results))
    else:
        from agent.cli.doctor_text import render

        print(render(results, evidence=args.evidence), flush=True)
    return exit_code(results)


def configuration(option: str | None) -> Configured:
    """The configuration in force, or why there is none; a file that is named must exist.

    Raises:
        ConfigError: the file that was named does not exist.
    """
    from agent.config import Settings, load
    from agent.config_files import configured, find_file

    file = find_file(option, os.environ)
    if not configured(option, os.environ):
        return Configured(given=False, file=None, settings=Settings(), error=None)
    try:
        return Configured(given=True, file=file, settings=load(option, os.environ), error=None)
    except ConfigError as error:
        return Configured(given=True, file=file, settings=None, error=error)


def exit_code(results: list[Result]) -> int:
    """0 unless something has to be put right."""
    return NO if any(each.finding.state == FAIL for each in results) else OK


def document(surroundings: Surroundings, results: list[Result]) -> Json:
    """The document of `--json`."""
    states = [each.finding.state for each in results]
    return {
        "schema": SCHEMA,
        "taken_at": iso(surroundings.now()),
        "state": min(states, key=WORST_FIRST.index),
        "counts": {state: states.count(state) for state in WORST_FIRST},
        "checks": [_entry(result) for result in results],
    }


def _entry(result: Result) -> Json:
    check, finding = result
    do = finding.do
    return {
        "id": check.id,
        "group": check.group,
        "title": in_both(lambda: t(check.title)),
        "state": finding.state,
        "found": in_both(finding.said.in_words),
        "evidence": [seen._asdict() for seen in finding.seen],
        "do": None if do is None else in_both(do.in_words),
    }
