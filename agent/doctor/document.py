"""What `simward doctor` looks at by default, and the document and exit code that come of it."""

import os
from typing import Any

from agent.clock import iso
from agent.config import Settings, load
from agent.config_files import configured, find_file
from agent.doctor.examine import Result
from agent.doctor.finding import FAIL, WORST_FIRST
from agent.doctor.surroundings import Configured, Surroundings
from agent.errors import ConfigError
from agent.exits import NO, OK
from agent.i18n import in_both, t

Json = dict[str, Any]

SCHEMA = "simward/doctor/1"


def configuration(option: str | None) -> Configured:
    """The configuration in force, or why there is none; a file that is named must exist.

    Raises:
        ConfigError: the file that was named does not exist.
    """
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
