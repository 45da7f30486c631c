"""Numbers and words of refusals, as this simulator knows them, apart from the client's tables.

3GPP TS 24.008 annex G and H, 24.301 annex A and B, 24.501 annex A, 27.007 clause 9.2; all unread,
names and the numbers above 151 after ModemManager's error enumeration.
"""

LAYER_OF_DOMAIN = {"cs": "MM", "ps": "GMM", "eps": "EMM", "nr5g": "5GMM"}

MOBILITY = {
    2: "IMSI unknown in HSS",
    3: "Illegal UE",
    4: "IMSI unknown in VLR",
    5: "IMEI not accepted",
    6: "Illegal ME",
    7: "EPS services not allowed",
    8: "EPS services and non-EPS services not allowed",
    9: "UE identity cannot be derived by the network",
    10: "Implicitly detached",
    11: "PLMN not allowed",
    12: "Tracking area not allowed",
    13: "Roaming not allowed in this tracking area",
    14: "EPS services not allowed in this PLMN",
    15: "No suitable cells in tracking area",
    16: "MSC temporarily not reachable",
    17: "Network failure",
    18: "CS domain not available",
    19: "ESM failure",
    20: "MAC failure",
    21: "Synch failure",
    22: "Congestion",
    25: "Not authorized for this CSG",
    26: "Non-EPS authentication unacceptable",
    35: "Requested service option not authorized in this PLMN",
    39: "CS service temporarily not available",
    40: "No EPS bearer context activated",
    42: "Severe network failure",
    111: "Protocol error, unspecified",
}
_MOBILITY_OF_LAYER: dict[str, dict[int, str]] = {
    "MM": {
        2: "IMSI unknown in HLR",
        3: "Illegal MS",
        12: "Location area not allowed",
        13: "Roaming not allowed in this location area",
        15: "No suitable cells in location area",
    },
    "GMM": {
        2: "IMSI unknown in HLR",
        3: "Illegal MS",
        7: "GPRS services not allowed",
        8: "GPRS services and non-GPRS services not allowed",
        9: "MS identity cannot be derived by the network",
        12: "Location area not allowed",
        13: "Roaming not allowed in this location area",
        14: "GPRS services not allowed in this PLMN",
        15: "No suitable cells in location area",
    },
    "5GMM": {
        7: "5GS services not allowed",
        27: "N1 mode not allowed",
        31: "Redirection to EPC required",
        62: "No network slices available",
    },
}
SESSION = {
    8: "Operator determined barring",
    26: "Insufficient resources",
    27: "Missing or unknown APN",
    28: "Unknown PDN type",
    29: "User authentication failed",
    30: "Request rejected by Serving GW or PDN GW",
    31: "Request rejected, unspecified",
    32: "Service option not supported",
    33: "Requested service option not subscribed",
    34: "Service option temporarily out of order",
    35: "PTI already in use",
    36: "Regular deactivation",
    38: "Network failure",
    50: "PDN type IPv4 only allowed",
    51: "PDN type IPv6 only allowed",
    54: "PDN connection does not exist",
    55: "Multiple PDN connections for a given APN not allowed",
    65: "Maximum number of EPS bearers reached",
    66: "Requested APN not supported in current RAT and PLMN combination",
    111: "Protocol error, unspecified",
    112: "APN restriction value incompatible with active EPS bearer context",
    113: "Multiple accesses to a PDN connection not allowed",
}
CALL = {
    1: "Unassigned number",
    8: "Operator determined barring",
    16: "Normal call clearing",
    17: "User busy",
    18: "No user responding",
    21: "Call rejected",
    31: "Normal, unspecified",
    34: "No circuit/channel available",
    50: "Requested facility not subscribed",
    57: "Bearer capability not authorized",
}

_CME_OF_SESSION = {
    8: 177,
    38: 190,
    50: 192,
    51: 193,
    54: 202,
    55: 203,
    65: 178,
    66: 179,
    111: 176,
    112: 199,
    113: 200,
}
_LAST_OF_HUNDREDS = 36

CME_TEXTS = {
    0: "phone failure",
    3: "operation not allowed",
    4: "operation not supported",
    5: "PH-SIM PIN required",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    15: "SIM wrong",
    16: "incorrect password",
    17: "SIM PIN2 required",
    18: "SIM PUK2 required",
    20: "memory full",
    21: "invalid index",
    22: "not found",
    30: "no network service",
    31: "network timeout",
    32: "network not allowed - emergency calls only",
    40: "network personalization PIN required",
    42: "network subset personalization PIN required",
    44: "service provider personalization PIN required",
    46: "corporate personalization PIN required",
    50: "Incorrect parameters",
    100: "unknown",
    103: "Illegal MS",
    106: "Illegal ME",
    107: "GPRS services not allowed",
    108: "GPRS services and non-GPRS services not allowed",
    111: "PLMN not allowed",
    112: "Location area not allowed",
    113: "Roaming not allowed in this location area",
    114: "GPRS services not allowed in this PLMN",
    115: "No suitable cells in location area",
    126: "insufficient resources",
    127: "missing or unknown APN",
    128: "unknown PDP address or PDP type",
    129: "user authentication failed",
    130: "activation rejected by GGSN, Serving GW or PDN GW",
    131: "activation rejected, unspecified",
    132: "service option not supported",
    133: "requested service option not subscribed",
    134: "service option temporarily out of order",
    148: "unspecified GPRS error",
    149: "PDP authentication failure",
    177: "operator determined barring",
}


def mobility_words(domain: str, cause: int) -> str:
    """The standard's words for a refused registration."""
    layer = LAYER_OF_DOMAIN.get(domain, "EMM")
    return _MOBILITY_OF_LAYER.get(layer, {}).get(cause) or MOBILITY.get(cause, "Unknown")


def session_words(cause: int) -> str:
    """The standard's words for a refused packet session."""
    return SESSION.get(cause, "Unknown")


def cme_of_session(cause: int) -> int:
    """The CME number that carries an ESM or SM cause; 148 (unspecified) where none does."""
    return _CME_OF_SESSION.get(cause, 100 + cause if cause <= _LAST_OF_HUNDREDS else 148)


def cme_of_mobility(cause: int) -> int:
    """The CME number that carries a cause of registration; 148 (unspecified) where none does."""
    return 100 + cause if cause in MOBILITY and cause <= _LAST_OF_HUNDREDS - 10 else 148


def as_constant(words: str) -> str:
    """`EPS services not allowed` as `EPS_SERVICES_NOT_ALLOWED`, which some firmware prints."""
    return "".join(c if c.isalnum() else "_" for c in words.upper()).replace("__", "_").strip("_")
