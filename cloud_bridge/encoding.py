"""Messages as bytes: JSON, compact, UTF-8. Pure.

The first byte tells the encoding: `{` is JSON (the only one so far).

A row of the outbox holds a message's body without the words that name it (`v gw store seq`);
`envelope` puts them in front, so that a row is never parsed on its way out.

A backlog goes out in columns: what is the same in all rows is said once in `same`, the rest as
one array a field in `columns`. A batch never mixes boots. A null in a column stands for a field
that its report does not have; fields that no report has are left out.

    {"v":1,"gw":"a1b2","store":"0f3c9a11","boot":7,
     "same":{"slot":1,"plmn":"00101"},
     "columns":{"seq":[41,42],"up_s":[900.2,1800.2],"rsrp":[-101,-99]}}
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cloud_bridge.errors import MessageError

VERSION: Final = 1
MAX_MESSAGE_BYTES: Final = 64 * 1024
FRAME_BYTES: Final = 200
"""What MQTT puts around a message at most: a fixed head, the topic, properties."""
MAX_DEPTH: Final = 16
MAX_BATCH_ROWS: Final = 96
"""Rows a publish: 96 are a day at the default period (figures: a batch of 96 costs 1.7 kB)."""


class Row(NamedTuple):
    """One row of the outbox: `body` is the encoded message without `v gw store seq`."""

    seq: int
    kind: str
    boot: int
    body: bytes


def encode(message: Mapping[str, Any]) -> bytes:
    """`message` as bytes.

    Raises:
        MessageError: a value that JSON cannot carry (NaN, bytes, half a surrogate pair).
    """
    try:
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except (TypeError, ValueError) as error:
        raise MessageError("cannot be encoded as JSON") from error


def decode(raw: bytes) -> dict[str, Any]:
    """The message in `raw`.

    Raises:
        MessageError: too long, another encoding, not JSON, nested deeper than any of ours.
    """
    if len(raw) > MAX_MESSAGE_BYTES:
        raise MessageError("longer than 64 KiB")
    if raw[:1] != b"{":
        raise MessageError("unknown encoding")
    try:
        # A text that begins with a brace is an object, or no JSON.
        message: dict[str, Any] = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MessageError("not JSON") from error
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _deeper_than(message, MAX_DEPTH):
        raise MessageError("nested too deeply")
    if b"\\u" in raw:
        encode(message)
    return message


def _deeper_than(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


def envelope(gw: str, store: str, row: Row) -> bytes:
    """The row as the message that goes on the air."""
    head = encode({"v": VERSION, "gw": gw, "store": store, "seq": row.seq})
    return head[:-1] + (b"," if len(row.body) > 2 else b"") + row.body[1:]


def message_of(gw: str, store: str, rows: Sequence[Row]) -> bytes:
    """One row, or several reports of one boot, as the message that goes on the air."""
    return envelope(gw, store, rows[0]) if len(rows) == 1 else batch(gw, store, rows)


def batch(gw: str, store: str, rows: Sequence[Row]) -> bytes:
    """Report rows of one boot as one message in columns.

    Raises:
        ValueError: no rows, or rows of several boots.
    """
    boots = {row.boot for row in rows}
    if len(boots) != 1:
        raise ValueError("a batch holds rows of exactly one boot")
    bodies = [json.loads(row.body) for row in rows]
    same: dict[str, Any] = {}
    columns: dict[str, list[Any]] = {"seq": [row.seq for row in rows]}
    for name in _names(bodies):
        values = [body.get(name) for body in bodies]
        if name == "boot" or all(value is None for value in values):
            continue
        if all(_identical(value, values[0]) for value in values):
            same[name] = values[0]
        else:
            columns[name] = values
    boot = boots.pop()
    head = {"v": VERSION, "gw": gw, "store": store, "boot": boot}
    return encode({**head, "same": same, "columns": columns})


def _names(bodies: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    """Every field name, in the order in which it first appears."""
    return dict.fromkeys(name for body in bodies for name in body)


def _identical(left: object, right: object) -> bool:
    # True == 1 and 1 == 1.0 in Python, not on the wire.
    return type(left) is type(right) and left == right


def unbatch(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The single reports of a batch, each a message of its own.

    Raises:
        MessageError: no columns, columns of different lengths, or too many rows.
    """
    columns = message.get("columns")
    same = message.get("same", {})
    if not isinstance(columns, dict) or not isinstance(same, dict):
        raise MessageError("batch without columns")
    seqs = columns.get("seq")
    if not isinstance(seqs, list) or not 1 <= len(seqs) <= 10 * MAX_BATCH_ROWS:
        raise MessageError("batch with too few or too many rows")
    for values in columns.values():
        if not isinstance(values, list) or len(values) != len(seqs):
            raise MessageError("batch with columns of different lengths")
    head = {name: message.get(name) for name in ("v", "gw", "store", "boot")}
    return [{**same, **_row_of(columns, index), **head} for index in range(len(seqs))]


def _row_of(columns: Mapping[str, list[Any]], index: int) -> dict[str, Any]:
    """The fields that row `index` has."""
    return {name: values[index] for name, values in columns.items() if values[index] is not None}
