"""Files of records as they were read: what puts together what cards spread over many of them."""

from collections.abc import Mapping
from typing import NamedTuple


class RecordFile(NamedTuple):
    """A file with records: its name, how many it has room for, and those that are used."""

    name: str
    size: int
    records: Mapping[int, bytes]


RecordFiles = Mapping[str, RecordFile]
"""By path."""
