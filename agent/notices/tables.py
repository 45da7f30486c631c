"""The table of what the gateway said of itself."""

from typing import Final

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE notices (   -- what was said last of the clock, of each certificate, of the budget
        about TEXT PRIMARY KEY,
        facts TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
)
