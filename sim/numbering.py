"""Numbering plans: how long a country's MNCs are, and whose card a Chinese ICCID is.

Sources: ITU-T E.212 and its list of MNCs (unread, from general knowledge of the field: a country
may have networks of both kinds, so EF.AD wins wherever a card has it); ICCID prefixes after the
list at it.cha138.com/java/show-137669.html.
"""

# Countries whose networks have MNCs of three digits. Canada, USA and the Caribbean share +1 and
# have three throughout; of the others only those where no two-digit MNC is in use are named.
_THREE_DIGITS = frozenset(
    {
        "302",  # Canada
        "310", "311", "312", "313", "314", "315", "316",  # USA
        "330",  # Puerto Rico
        "334",  # Mexico
        "338",  # Jamaica
        "342",  # Barbados
        "344",  # Antigua and Barbuda
        "346",  # Cayman Islands
        "348",  # British Virgin Islands
        "350",  # Bermuda
        "352",  # Grenada
        "354",  # Montserrat
        "356",  # Saint Kitts and Nevis
        "358",  # Saint Lucia
        "360",  # Saint Vincent
        "365",  # Anguilla
        "366",  # Dominica
        "376",  # Turks and Caicos
        "708",  # Honduras
        "722",  # Argentina
        "732",  # Colombia
        "750",  # Falkland Islands
    }
)  # fmt: skip

_CARRIERS = {
    "898600": "CMCC",
    "898602": "CMCC",
    "898604": "CMCC",
    "898607": "CMCC",
    "898608": "CMCC",
    "898601": "CUCC",
    "898606": "CUCC",
    "898609": "CUCC",
    "898603": "CTCC",
    "898611": "CTCC",
}


def mnc_length_of_country(mcc: str) -> int:
    """How many digits an MNC of country `mcc` has, 2 or 3, where the card does not say."""
    return 3 if mcc in _THREE_DIGITS else 2


def split_imsi(imsi: str, mnc_length: int | None) -> tuple[str, str]:
    """MCC and MNC of an IMSI; `mnc_length` from EF.AD, or None to take the country's."""
    mcc = imsi[:3]
    return mcc, imsi[3 : 3 + (mnc_length or mnc_length_of_country(mcc))]


def carrier_of_iccid(iccid: str) -> str | None:
    """`CMCC`, `CUCC` or `CTCC`, or None where the prefix is none of theirs.

    The prefix names who issued the card's number; a reseller's card has its carrier's.
    """
    return _CARRIERS.get(iccid[:6])
