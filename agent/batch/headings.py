"""Which column is what, by its heading in Chinese or English. Pure.

A heading is compared without blanks, brackets and signs, small letters, full-width ones made
narrow. One that is exactly a known name wins over one that only contains it (`ICCID 卡号(20位)`).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from agent.batch.cells import Line

HEADING_ROWS: Final = 50
"""How many rows that are not empty may stand above the headings."""

ICCID, IMSI, MSISDN, IMEI, ORDER = "iccid", "imsi", "msisdn", "imei", "order_id"
FIELDS: Final = (ICCID, MSISDN, IMSI, IMEI, ORDER)

# Signs that name a field wherever they stand in a heading.
_CONTAINED: Final = {"iccid": ICCID, "imsi": IMSI, "msisdn": MSISDN, "imei": IMEI}
# Chinese platforms say 卡号 of an ICCID and, beside an ICCID, of a telephone number.
_CARD_NUMBER: Final = frozenset(
    ["卡号", "卡號", "物联卡号", "物聯卡號", "物联网卡号", "cardnumber", "cardno"]
)
# Headings as a whole.
_WHOLE: Final = {
    name: field
    for field, names in {
        ICCID: """卡片序列号 卡序列号 集成电路卡识别码 sim卡号 sim卡序列号 icc
            simserial simserialnumber simnumber simno cardserial cardserialnumber""",
        IMSI: "国际移动用户识别码 國際移動用戶識別碼",
        MSISDN: """接入号 接入号码 接入號 接入號碼 手机号 手机号码 手機號碼 电话号码 電話號碼 号码
            物联卡号码 物联网卡号码 物聯網卡號碼 业务号码 用户号码 移动号码
            accessnumber phonenumber phone mobilenumber mobile telephonenumber""",
        IMEI: "设备识别码 设备号 设备号码 设备串号 設備識別碼 設備號 国际移动设备识别码",
        ORDER: """订单 订单号 订单编号 訂單 訂單號 訂單編號 工单 工单号 工单编号 工單 工單號
            order orderid orderno ordernumber workorder workorderno workorderid
            订单orderid 订单号orderid 工单orderid 工单号orderid""",
    }.items()
    for name in names.split()
}


class Headings(NamedTuple):
    """Where the headings are: the row, and for each field its column and heading as it stands.

    `twice`: fields that several columns claim alike, with those columns; they are in no column.
    """

    row: int
    columns: Mapping[str, tuple[int, str]]
    twice: Mapping[str, tuple[int, ...]]


def find_headings(lines: Iterable[Line]) -> Headings | None:
    """The first of `lines` in which a column says that it has ICCIDs."""
    for line in lines:
        found = headings_in(line)
        if found is not None:
            return found
    return None


def headings_in(line: Line) -> Headings | None:
    """The headings in this line, or None where none of them is of ICCIDs."""
    claims: dict[str, list[tuple[int, int]]] = {}
    for column, cell in sorted(line.cells.items()):
        claim = _claim(cell.text)
        if claim is not None:
            claims.setdefault(claim[1], []).append((claim[0], column))
    _settle_card_number(claims)
    if ICCID not in claims:
        return None
    columns, twice = {}, {}
    for field, rivals in claims.items():
        best = [column for strength, column in rivals if strength == min(rivals)[0]]
        if len(best) == 1:
            columns[field] = (best[0], line.cells[best[0]].text.strip())
        else:
            twice[field] = tuple(best)
    return Headings(line.number, columns, twice)


def _claim(heading: str) -> tuple[int, str] | None:
    """How strongly (0 is most) a heading names which field; `""` is a card number of some kind."""
    if len(heading) > 40:
        return None
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading)).casefold()
    if plain in _CONTAINED:
        return 0, _CONTAINED[plain]
    if plain in _WHOLE:
        return 0, _WHOLE[plain]
    if plain in _CARD_NUMBER:
        return 0, ""
    named = {field for sign, field in _CONTAINED.items() if sign in plain}
    if len(named) == 1:
        return 1, named.pop()
    return None


def _settle_card_number(claims: dict[str, list[tuple[int, int]]]) -> None:
    """A column 卡号 is the ICCID where no other is, else a number where no other is."""
    numbers = claims.pop("", None)
    if numbers is None:
        return
    if ICCID not in claims:
        claims[ICCID] = numbers
    elif MSISDN not in claims:
        claims[MSISDN] = numbers
