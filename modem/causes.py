"""The numbers with which networks and modems say no, and their names.

Two name spaces share the same numbers (EMM #26 is not ESM #26): a cause is always a domain and a
number. Names follow 3GPP TS 24.301 annexes A and B (EMM, ESM), TS 24.008 clause 10.5.3.6 and
annex G (MM, GMM) and 10.5.6.6 (SM), TS 24.501 annex A (5GMM), TS 27.007 clause 9.2 (CME) and
TS 27.005 clause 3.2.5 (CMS), all unread: taken from the lists that ModemManager's headers keep
and from field reports.
"""

import re

_COMMON_MM = {
    3: "Illegal MS",
    5: "IMEI not accepted",
    6: "Illegal ME",
    11: "PLMN not allowed",
    15: "No suitable cells in location area",
    17: "Network failure",
    20: "MAC failure",
    21: "Synch failure",
    22: "Congestion",
    23: "GSM authentication unacceptable",
    25: "Not authorized for this CSG",
    95: "Semantically incorrect message",
    96: "Invalid mandatory information",
    97: "Message type non-existent or not implemented",
    98: "Message type not compatible with the protocol state",
    99: "Information element non-existent or not implemented",
    100: "Conditional IE error",
    101: "Message not compatible with the protocol state",
    111: "Protocol error, unspecified",
}

_MM = {
    **_COMMON_MM,
    2: "IMSI unknown in HLR",
    4: "IMSI unknown in VLR",
    12: "Location area not allowed",
    13: "Roaming not allowed in this location area",
    32: "Service option not supported",
    33: "Requested service option not subscribed",
    34: "Service option temporarily out of order",
    38: "Call cannot be identified",
}

_GMM = {
    **_COMMON_MM,
    2: "IMSI unknown in HLR",
    7: "GPRS services not allowed",
    8: "GPRS services and non-GPRS services not allowed",
    9: "MS identity cannot be derived by the network",
    10: "Implicitly detached",
    12: "Location area not allowed",
    13: "Roaming not allowed in this location area",
    14: "GPRS services not allowed in this PLMN",
    16: "MSC temporarily not reachable",
    40: "No PDP context activated",
}

_EMM = {
    **_COMMON_MM,
    2: "IMSI unknown in HSS",
    3: "Illegal UE",
    7: "EPS services not allowed",
    8: "EPS services and non-EPS services not allowed",
    9: "UE identity cannot be derived by the network",
    10: "Implicitly detached",
    12: "Tracking area not allowed",
    13: "Roaming not allowed in this tracking area",
    14: "EPS services not allowed in this PLMN",
    15: "No suitable cells in tracking area",
    16: "MSC temporarily not reachable",
    18: "CS domain not available",
    19: "ESM failure",
    23: "UE security capabilities mismatch",
    24: "Security mode rejected, unspecified",
    26: "Non-EPS authentication unacceptable",
    31: "Redirection to 5GCN required",
    35: "Requested service option not authorized in this PLMN",
    39: "CS service temporarily not available",
    40: "No EPS bearer context activated",
    42: "Severe network failure",
}

_5GMM = {
    **_COMMON_MM,
    3: "Illegal UE",
    5: "PEI not accepted",
    7: "5GS services not allowed",
    9: "UE identity cannot be derived by the network",
    10: "Implicitly de-registered",
    12: "Tracking area not allowed",
    13: "Roaming not allowed in this tracking area",
    15: "No suitable cells in tracking area",
    23: "UE security capabilities mismatch",
    24: "Security mode rejected, unspecified",
    26: "Non-5G authentication unacceptable",
    27: "N1 mode not allowed",
    28: "Restricted service area",
    31: "Redirection to EPC required",
    43: "LADN not available",
    62: "No network slices available",
    65: "Maximum number of PDU sessions reached",
    67: "Insufficient resources for specific slice and DNN",
    69: "Insufficient resources for specific slice",
    71: "ngKSI already in use",
    72: "Non-3GPP access to 5GCN not allowed",
    73: "Serving network not authorized",
    74: "Temporarily not authorized for this SNPN",
    75: "Permanently not authorized for this SNPN",
    76: "Not authorized for this CAG or authorized for CAG cells only",
    77: "Wireline access area not allowed",
    90: "Payload was not forwarded",
    91: "DNN not supported or not subscribed in the slice",
    92: "Insufficient user-plane resources for the PDU session",
}
del _5GMM[25]  # a CSG is no 5GS thing

_COMMON_SM = {
    8: "Operator determined barring",
    26: "Insufficient resources",
    27: "Missing or unknown APN",
    29: "User authentication failed",
    31: "Request rejected, unspecified",
    32: "Service option not supported",
    33: "Requested service option not subscribed",
    34: "Service option temporarily out of order",
    36: "Regular deactivation",
    38: "Network failure",
    39: "Reactivation requested",
    41: "Semantic error in the TFT operation",
    42: "Syntactical error in the TFT operation",
    44: "Semantic errors in packet filter(s)",
    45: "Syntactical errors in packet filter(s)",
    65: "Maximum number of bearers reached",
    66: "Requested APN not supported in current RAT and PLMN combination",
    95: "Semantically incorrect message",
    96: "Invalid mandatory information",
    97: "Message type non-existent or not implemented",
    98: "Message type not compatible with the protocol state",
    99: "Information element non-existent or not implemented",
    100: "Conditional IE error",
    101: "Message not compatible with the protocol state",
    111: "Protocol error, unspecified",
    112: "APN restriction value incompatible with active contexts",
    113: "Multiple accesses to a PDN connection not allowed",
}

_ESM = {
    **_COMMON_SM,
    28: "Unknown PDN type",
    30: "Request rejected by Serving GW or PDN GW",
    35: "PTI already in use",
    37: "EPS QoS not accepted",
    43: "Invalid EPS bearer identity",
    47: "PTI mismatch",
    49: "Last PDN disconnection not allowed",
    50: "PDN type IPv4 only allowed",
    51: "PDN type IPv6 only allowed",
    52: "Single address bearers only allowed",
    53: "ESM information not received",
    54: "PDN connection does not exist",
    55: "Multiple PDN connections for a given APN not allowed",
    56: "Collision with network initiated request",
    57: "PDN type IPv4v6 only allowed",
    58: "PDN type non IP only allowed",
    59: "Unsupported QCI value",
    60: "Bearer handling not supported",
    61: "PDN type Ethernet only allowed",
    81: "Invalid PTI value",
}

_SM = {
    **_COMMON_SM,
    28: "Unknown PDP address or PDP type",
    30: "Activation rejected by GGSN, Serving GW or PDN GW",
    31: "Activation rejected, unspecified",
    35: "NSAPI already used",
    37: "QoS not accepted",
    40: "Feature not supported",
    43: "Unknown PDP context",
    46: "PDP context without TFT already activated",
    48: "Request rejected, Bearer Control Mode violation",
    50: "PDP type IPv4 only allowed",
    51: "PDP type IPv6 only allowed",
    52: "Single address bearers only allowed",
}

_REJECT = {"mm": _MM, "gmm": _GMM, "emm": _EMM, "esm": _ESM, "sm": _SM, "5gmm": _5GMM}
_REJECT_SYNONYMS = {("emm", "epsandnonepsservicesnotallowed"): 8}  # Altair's +CEER

_CME = {
    0: "phone failure",
    1: "no connection to phone",
    2: "phone-adaptor link reserved",
    3: "operation not allowed",
    4: "operation not supported",
    5: "PH-SIM PIN required",
    6: "PH-FSIM PIN required",
    7: "PH-FSIM PUK required",
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
    23: "memory failure",
    24: "text string too long",
    25: "invalid characters in text string",
    26: "dial string too long",
    27: "invalid characters in dial string",
    30: "no network service",
    31: "network timeout",
    32: "network not allowed - emergency calls only",
    40: "network personalization PIN required",
    41: "network personalization PUK required",
    42: "network subset personalization PIN required",
    43: "network subset personalization PUK required",
    44: "service provider personalization PIN required",
    45: "service provider personalization PUK required",
    46: "corporate personalization PIN required",
    47: "corporate personalization PUK required",
    48: "hidden key required",
    49: "EAP method not supported",
    50: "incorrect parameters",
    51: "command implemented but currently disabled",
    52: "command aborted by user",
    53: "not attached to network due to MT functionality restrictions",
    54: "modem not allowed - MT restricted to emergency calls only",
    55: "operation not allowed because of MT functionality restrictions",
    56: "fixed dial number only allowed",
    57: "temporarily out of service due to other MT usage",
    58: "language/alphabet not supported",
    59: "unexpected data value",
    60: "system failure",
    61: "data missing",
    62: "call barred",
    63: "message waiting indication subscription failure",
    100: "unknown",
    148: "unspecified GPRS error",
    149: "PDP authentication failure",
    150: "invalid mobile class",
    177: "operator determined barring",
    178: "maximum number of bearers reached",
    179: "requested APN not supported in current RAT and PLMN combination",
    185: "no bearer activated",
    189: "requested service option not authorized in this PLMN",
    192: "PDP type IPv4 only allowed",
    193: "PDP type IPv6 only allowed",
    200: "multiple accesses to a PDN connection not allowed",
    202: "PDN connection does not exist",
    203: "multiple PDN connections for a given APN not allowed",
    204: "severe network failure",
    210: "N1 mode not allowed",
}
# 102-151 repeat causes 2-51 in practice: registration below 126, sessions from there on.
_CME_MM_OFFSET = 100
_CME_LAST_MM = 125
_CME_LAST_SM = 147

# Words that firmware prints instead of the standard's, or beside them.
_CME_SYNONYMS = {
    "simnotinserted": 10,
    "nosim": 10,
    "simnotpresent": 10,
    "uiccnotinserted": 10,
    "simpinrequired": 11,
    "simpin": 11,
    "simpukrequired": 12,
    "simpuk": 12,
    "simfailure": 13,
    "uiccfailure": 13,
    "simbusy": 14,
    "uiccbusy": 14,
    "simwrong": 15,
    "wrongsim": 15,
    "notallowed": 3,
    "notsupported": 4,
    "operationnotsupport": 4,
    "invalidcommandline": 100,  # Air724UG
    "unknownerror": 100,
    "unknowncallingerror": 100,
    "phsimpinrequired": 5,
    "nonetworkservice": 30,
    "invalidparameter": 50,
    "invalidparameters": 50,
    "parametersareinvalid": 50,
}

_CMS = {
    300: "ME failure",
    301: "SMS service of ME reserved",
    302: "operation not allowed",
    303: "operation not supported",
    304: "invalid PDU mode parameter",
    305: "invalid text mode parameter",
    310: "SIM not inserted",
    311: "SIM PIN required",
    312: "PH-SIM PIN required",
    313: "SIM failure",
    314: "SIM busy",
    315: "SIM wrong",
    316: "SIM PUK required",
    317: "SIM PIN2 required",
    318: "SIM PUK2 required",
    320: "memory failure",
    321: "invalid memory index",
    322: "memory full",
    330: "SMSC address unknown",
    331: "no network service",
    332: "network timeout",
    340: "no +CNMA acknowledgement expected",
    500: "unknown error",
}

# Not compiled here: where nothing is refused nobody needs them.
_NOT_ALPHANUMERIC = r"[^a-z0-9]"
_CME_FINAL = r"(?i)\+CME ERROR\s*[:：]\s*(.*)"


def reject_name(domain: str, cause: int) -> str | None:
    """The cause's name in `domain` (`mm gmm emm esm sm 5gmm`); None for a number without one."""
    return _REJECT.get(domain, {}).get(cause)


def reject_cause_of_words(domain: str, text: str) -> int | None:
    """The number that `text` names in `domain`, whatever its case; None for other words."""
    plain = _plain(text)
    for cause, name in _REJECT.get(domain, {}).items():
        if _plain(name) == plain:
            return cause
    return _REJECT_SYNONYMS.get((domain, plain))


def cme_name(code: int) -> str | None:
    """What `+CME ERROR: <code>` means; None for a number without a name."""
    if code in _CME:
        return _CME[code]
    cause = code - _CME_MM_OFFSET
    if 1 < cause <= _CME_LAST_MM - _CME_MM_OFFSET:
        return reject_name("emm", cause)
    if _CME_LAST_MM < code <= _CME_LAST_SM:
        return reject_name("sm", cause)
    return None


def cms_name(code: int) -> str | None:
    """What `+CMS ERROR: <code>` means; None for a number without a name."""
    return _CMS.get(code)


def cme_code_of_words(text: str) -> int | None:
    """The number of a verbose `+CME ERROR`, whatever its case and dashes; None for other words."""
    plain = _plain(text)
    for code, name in _CME.items():
        if _plain(name) == plain:
            return code
    return _CME_SYNONYMS.get(plain)


def cme_code(final: str) -> int | None:
    """The number of a final result `+CME ERROR: ...`, numeric or verbose; None for any other."""
    match = re.match(_CME_FINAL, final)
    if not match:
        return None
    text = match.group(1).strip()
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else cme_code_of_words(text)


def _plain(text: str) -> str:
    return re.sub(_NOT_ALPHANUMERIC, "", text.lower())
