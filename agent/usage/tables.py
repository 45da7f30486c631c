"""The tables of the usage ledger, in the order in which they came into the world."""

from typing import Final

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE usage_counters (   -- the last reading of each modem, and which card was in it
        modem    TEXT PRIMARY KEY,
        iccid    TEXT NOT NULL,
        tx_bytes INTEGER NOT NULL,
        rx_bytes INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE usage_totals (     -- since simward first saw the card
        iccid    TEXT PRIMARY KEY,
        tx_bytes INTEGER NOT NULL CHECK (tx_bytes >= 0),
        rx_bytes INTEGER NOT NULL CHECK (rx_bytes >= 0)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE usage_tracks (     -- the last reading of each modem, and which card was in it
        modem      TEXT PRIMARY KEY,
        slot       INTEGER NOT NULL,
        holder     TEXT NOT NULL,   -- an ICCID; '' none, '?' another card may have been in since
        source     TEXT NOT NULL,
        epoch      TEXT,            -- of the counter: another one is a counter that began again
        tx         INTEGER NOT NULL,
        rx         INTEGER NOT NULL,
        other_tx   INTEGER,         -- see agent.usage.counters.Base
        other_rx   INTEGER,
        peak_tx    INTEGER,
        peak_rx    INTEGER,
        doubt      TEXT NOT NULL DEFAULT 'sure',  -- since then, while the card was not readable
        blurred    INTEGER NOT NULL DEFAULT 0,    -- such readings there were
        loud       INTEGER NOT NULL DEFAULT 0,    -- it is known to echo commands after a start
        quiet      INTEGER NOT NULL DEFAULT 0,    -- it did not at its last reading
        boot       INTEGER NOT NULL,              -- when the last regular reading was
        up_s       REAL NOT NULL,
        not_before REAL             -- seconds since 1970 that it was at least
    ) WITHOUT ROWID;
    CREATE TABLE usage_cards (
        iccid      TEXT PRIMARY KEY,
        slot       INTEGER,
        modem      TEXT,
        tx         INTEGER NOT NULL DEFAULT 0 CHECK (tx >= 0),  -- since simward first saw it
        rx         INTEGER NOT NULL DEFAULT 0 CHECK (rx >= 0),
        boot       INTEGER NOT NULL DEFAULT 0,    -- when it was seen last
        up_s       REAL NOT NULL DEFAULT 0,
        not_before REAL,
        first_at   REAL,            -- the first moment with a date
        moved_at   REAL             -- the last one at which it had used anything
    ) WITHOUT ROWID;
    CREATE TABLE usage_days (       -- by the carrier's calendar
        iccid        TEXT NOT NULL,
        day          TEXT NOT NULL,
        tx           INTEGER NOT NULL CHECK (tx >= 0),
        rx           INTEGER NOT NULL CHECK (rx >= 0),
        early_bytes  INTEGER NOT NULL DEFAULT 0,  -- may have flowed before this day,
        early_since  TEXT NOT NULL,               -- on this one at the earliest ('': not known)
        gaps         INTEGER NOT NULL DEFAULT 0,
        hidden_bytes INTEGER NOT NULL DEFAULT 0,  -- may be missing, at most
        open_gaps    INTEGER NOT NULL DEFAULT 0,  -- gaps without a bound
        hidden_since TEXT NOT NULL,
        PRIMARY KEY (iccid, day)
    ) WITHOUT ROWID;
    CREATE TABLE usage_undated (    -- of boots whose clock was not right yet; a row a day of them
        iccid        TEXT NOT NULL,
        boot         INTEGER NOT NULL,
        part         INTEGER NOT NULL,
        tx           INTEGER NOT NULL DEFAULT 0,
        rx           INTEGER NOT NULL DEFAULT 0,
        gaps         INTEGER NOT NULL DEFAULT 0,
        hidden_bytes INTEGER NOT NULL DEFAULT 0,
        open_gaps    INTEGER NOT NULL DEFAULT 0,
        from_up_s    REAL,          -- NULL: since before this boot
        to_up_s      REAL NOT NULL,
        not_before   REAL,
        PRIMARY KEY (iccid, boot, part)
    ) WITHOUT ROWID;
    CREATE TABLE usage_clock (      -- what time it was at least, and when that was known
        boot       INTEGER NOT NULL,
        up_s       REAL NOT NULL,
        not_before REAL
    );
    INSERT INTO usage_clock VALUES (0, 0, NULL);
    CREATE TABLE usage_alerts (     -- events that were given, so that each is given once a cycle
        iccid TEXT NOT NULL,
        cycle TEXT NOT NULL,
        what  TEXT NOT NULL,
        PRIMARY KEY (iccid, cycle, what)
    ) WITHOUT ROWID;
    CREATE TABLE usage_own (        -- simward's own bytes on the air, by the carrier's calendar
        day      TEXT PRIMARY KEY,
        sent     INTEGER NOT NULL,
        received INTEGER NOT NULL,
        connects INTEGER NOT NULL
    ) WITHOUT ROWID;
    INSERT INTO usage_tracks (modem, slot, holder, source, tx, rx, doubt, boot, up_s)
        SELECT modem, 0, iccid, 'modem', tx_bytes, rx_bytes, 'unsure', 0, 0 FROM usage_counters;
    INSERT INTO usage_cards (iccid, tx, rx) SELECT iccid, tx_bytes, rx_bytes FROM usage_totals;
    DROP TABLE usage_counters;
    DROP TABLE usage_totals;
    """,
)
