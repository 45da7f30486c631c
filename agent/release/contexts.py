"""Which packet contexts are the card's, and whether one is as it was. Pure."""

from collections.abc import Iterable
from typing import Any, Final

from modem.commands.context_setup import ContextRow, Fields

SERVICE_APNS: Final = frozenset({"ims", "sos", "xcap"})
"""APNs of services of the network (GSMA IR.88, unread), which modems define by themselves."""

_ADDRESS: Final = 2
"""Which field is the address: in use for an active context, so it differs from time to time."""


def of_the_card(rows: Iterable[ContextRow]) -> tuple[ContextRow, ...]:
    """Those with an APN of somebody's: not the modem's own for IMS and emergencies, no empty ones.

    A context without APN takes what the network gives: there is nothing of the card in it.
    """
    return tuple(
        row
        for row in rows
        if row.apn and row.apn.lower() not in SERVICE_APNS and not row.for_emergency
    )


def row_of(prepared: list[Any]) -> ContextRow:
    """A row as it was prepared: cid and fields."""
    cid, fields = prepared
    return ContextRow(cid, tuple(fields))


def missing(wanted: Iterable[ContextRow], now: Iterable[ContextRow]) -> tuple[ContextRow, ...]:
    """Those that are not there as they were."""
    there = {row.cid: _compared(row) for row in now}
    return tuple(row for row in wanted if there.get(row.cid) != _compared(row))


def short(row: ContextRow) -> Fields:
    """Type and APN alone: every modem takes these, and has its own words for the rest."""
    return row.fields[:2]


def whole(row: ContextRow) -> Fields:
    """All fields but the address, which may be one that the network gave."""
    return (*row.fields[:_ADDRESS], None, *row.fields[_ADDRESS + 1 :])


def _compared(row: ContextRow) -> list[str]:
    fields = [field or "" for at, field in enumerate(row.fields) if at != _ADDRESS]
    while fields and not fields[-1]:
        fields.pop()
    return fields
