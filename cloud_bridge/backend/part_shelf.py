"""Parts of evidence that came as texts of QR codes, kept until the others come.

Works on the connection of `BackendStore`, inside its transactions.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

SCHEMA: Final = """
    CREATE TABLE evidence_parts (     -- as `cloud_bridge.qr_text` writes them
        document TEXT NOT NULL, total INTEGER NOT NULL,
        text TEXT NOT NULL, received_at TEXT NOT NULL,
        PRIMARY KEY (document, total, text)
    ) WITHOUT ROWID;
"""


class PartShelf:
    """Texts of documents of which not all are there."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def kept(self, document: str, total: int) -> list[str]:
        """The texts of a document that was cut into so many."""
        rows = self._connection.execute(
            "SELECT text FROM evidence_parts WHERE document = ? AND total = ?", (document, total)
        )
        return [text for (text,) in rows]

    def keep(self, document: str, total: int, texts: Iterable[str], received_at: str) -> None:
        """Keep these until the others come."""
        self._connection.executemany(
            "INSERT INTO evidence_parts VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(document, total, text, received_at) for text in texts],
        )

    def drop(self, document: str) -> None:
        """The document is there as a whole, or its parts do not fit: none of them is needed."""
        self._connection.execute("DELETE FROM evidence_parts WHERE document = ?", (document,))
