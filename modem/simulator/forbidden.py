"""EF.FPLMN as a modem keeps it: the networks that said no for good.

3GPP TS 31.102 clause 4.2.16, unread: three bytes a network, the newest last.
"""

from modem.simulator.card_slot import Card

_FID = 0x6F7B
_READ, _WRITE = 176, 214
_ENTRY = 3
_EMPTY = b"\xff" * _ENTRY
_TOO_MUCH = 255


def forbidden_on(card: Card) -> tuple[str, ...]:
    """The networks on the card, as digits; none where the file cannot be read."""
    content = _content(card)
    entries = [content[at : at + _ENTRY] for at in range(0, len(content), _ENTRY)]
    return tuple(_digits(entry) for entry in entries if entry != _EMPTY)


def forbid(card: Card, plmn: str) -> bool:
    """Put `plmn` on the card, the oldest one giving way; whether the card took it."""
    kept = [entry for entry in forbidden_on(card) if entry != plmn]
    return _write(card, [*kept, plmn])


def allow(card: Card, plmn: str) -> bool:
    """Take `plmn` off the card; whether the card took it."""
    return _write(card, [entry for entry in forbidden_on(card) if entry != plmn])


def _content(card: Card) -> bytes:
    """The whole file: the card says how long it is when it is asked for more."""
    sw1, sw2, content = card.crsm(_READ, _FID, 0, 0, _TOO_MUCH, b"", "")
    if sw1 in {0x6C, 0x67} and sw2:
        sw1, _, content = card.crsm(_READ, _FID, 0, 0, sw2, b"", "")
    return content if sw1 in {0x90, 0x62} else b""


def _write(card: Card, plmns: list[str]) -> bool:
    size = len(_content(card))
    if not size:
        return False
    newest = plmns[-(size // _ENTRY) :]
    content = b"".join(_bytes(plmn) for plmn in newest).ljust(size, b"\xff")
    return card.crsm(_WRITE, _FID, 0, 0, size, content, "")[0] == 0x90


def _bytes(plmn: str) -> bytes:
    mcc, mnc = plmn[:3], plmn[3:].ljust(3, "F")
    nibbles = mcc[1] + mcc[0] + mnc[2] + mcc[2] + mnc[1] + mnc[0]
    return bytes.fromhex(nibbles)


def _digits(entry: bytes) -> str:
    nibbles = entry.hex().upper()
    return (nibbles[1] + nibbles[0] + nibbles[3] + nibbles[5] + nibbles[4] + nibbles[2]).strip("F")
