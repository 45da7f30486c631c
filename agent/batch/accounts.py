"""Account facts of many cards: a folder of JSON files, or a file with one document a line."""

from collections.abc import Iterator
from pathlib import Path

from agent.batch.bounds import read_bounded
from agent.errors import ListError
from agent.i18n import reason_text
from cloud_bridge.orders import AccountFacts, OrderError, read_account


def accounts_in(path: Path) -> dict[str, AccountFacts]:
    """The newest facts of each card, by its ICCID.

    Raises:
        ListError: it cannot be read, or holds something else; which file, and which line of it.
    """
    found: dict[str, AccountFacts] = {}
    for facts in _documents(path):
        known = found.get(facts.iccid)
        if known is None or known.as_of < facts.as_of:
            found[facts.iccid] = facts
    return found


def _documents(path: Path) -> Iterator[AccountFacts]:
    if path.is_dir():
        for file in sorted(path.glob("*.json")):
            yield _read(read_bounded(file), file)
        return
    content = read_bounded(path)
    if content.count(b"simward/account/1") == 1:
        yield _read(content, path)
        return
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            yield _read(line, path, number)


def _read(content: bytes, file: Path, line: int | None = None) -> AccountFacts:
    try:
        return read_account(content)
    except OrderError as error:
        reason = reason_text(error.reason)
        reason = f"{error.key}: {reason}" if error.key else reason
        if line is None:
            raise ListError("{file}: {reason}", file=file, reason=reason) from error
        raise ListError(
            "{file}: line {place}: {reason}", file=file, place=line, reason=reason
        ) from error
