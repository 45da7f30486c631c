"""Registration in the four domains, and the operator.

3GPP TS 27.007 clauses 7.2 (+CREG), 10.1.20 (+CGREG), 10.1.22 (+CEREG), 10.1.47 (+C5GREG) and
7.3 (+COPS); all unread.

An answer (`+CREG: <n>,<stat>[,...]`) and an unsolicited line (`+CREG: <stat>[,...]`) begin alike;
`is_answer` tells them apart by the shape of the first two fields.
"""

import re
from typing import NamedTuple

from modem.at.syntax import split_fields, strip_prefix, to_hex, to_int
from modem.causes import reject_name
from modem.commands.base import (
    GAVE_NONE,
    NOT_REGISTERED,
    PrefixedCommand,
    SettingCommand,
    answered,
    decode_ucs2,
    is_nothing,
)
from modem.snapshot import DomainRegistration
from sim.errors import IdentifierError
from sim.identifiers import Plmn
from sim.reading import Absent

PREFIX_OF_DOMAIN = {"cs": "+CREG", "ps": "+CGREG", "eps": "+CEREG", "nr5g": "+C5GREG"}
DOMAIN_OF_PREFIX = {prefix: domain for domain, prefix in PREFIX_OF_DOMAIN.items()}

STATES = (
    "not_registered",
    "home",
    "searching",
    "denied",
    "unknown",
    "roaming",
    "sms_only_home",
    "sms_only_roaming",
    "emergency_only",
    "csfb_not_preferred_home",
    "csfb_not_preferred_roaming",
)
REGISTERED = frozenset({1, 5, 6, 7, 9, 10})

ACT_NAMES = {
    0: "gsm",
    1: "gsm_compact",
    2: "utran",
    3: "egprs",
    4: "hsdpa",
    5: "hsupa",
    6: "hspa",
    7: "lte",
    8: "ec_gsm_iot",
    9: "nb_iot",
    10: "lte_5gcn",
    11: "nr",
    12: "ngran",
    13: "en_dc",
}
_REPORTS_CAUSE = 3
_CAUSE_DOMAIN = {"cs": "mm", "ps": "gmm", "eps": "emm", "nr5g": "5gmm"}
# An answer: <n> is 0-7, and <stat> a bare number of at most three digits (`002,001`). A LAC in its
# place is quoted, or has four digits (`+CREG: 1,0001,0010,0` is unsolicited).
_ANSWER = re.compile(r"0*[0-7]\s*,\s*[0-9]{1,3}\s*(,.*)?")
# FFFF, FFFFFFFF, 28 bits of ones (0FFFFFFF), and FFFE, which is Sierra's word for none.
_FILLED = re.compile(r"(0X)?(F{3,}[FE]|0*F{7,})", re.IGNORECASE)
# `(2,"Test Network","Test","00101",7)`: a name may hold commas and brackets.
_IN_THE_AIR = r'\(([0-9]?),(?:"[^"]*"|[^,"()]*),(?:"[^"]*"|[^,"()]*),"?([0-9]{5,6})"?'
_FORBIDDEN = "3"
_NO_NAS_CAUSE = frozenset({0xFF, 0xFFFF})  # a byte of a message; all ones is a modem's none
_NOT_A_CAUSE = "not a 3GPP cause"
_NO_CAUSE = "registered, so there is no reject cause"


class RegistrationAnswer(NamedTuple):
    """What a line of +CxREG says, numbers as the modem gave them; None for what it left out.

    `n` is None in an unsolicited line.
    """

    n: int | None
    stat: int
    area: str | None
    ci: str | None
    act: str | None
    cause_type: int | None
    cause: int | None


def is_answer(body: str) -> bool:
    """Whether what follows +CxREG: has the shape `<n>,<stat>` rather than `<stat>`."""
    return _ANSWER.fullmatch(body.strip()) is not None


def read_line(line: str, *, solicited: bool) -> tuple[str, RegistrationAnswer] | None:
    """The domain by the line's own name, and its fields; None for any other line."""
    for domain, prefix in PREFIX_OF_DOMAIN.items():
        body = strip_prefix(line, prefix)
        if body is None:
            continue
        fields = list(split_fields(body))
        n = to_int(fields.pop(0)) if solicited and fields else None
        stat = to_int(fields.pop(0)) if fields else None
        return None if stat is None else (domain, _answer(domain, n, stat, fields))
    return None


def _answer(domain: str, n: int | None, stat: int, rest: list[str | None]) -> RegistrationAnswer:
    """The fields after <stat>, in the order of the domain's form and of its known variants."""
    rest = [field or None for field in rest]  # `""` is nothing too
    with_cause = n == _REPORTS_CAUSE and stat not in REGISTERED
    if _lacks_act(domain, with_cause, rest):
        rest.insert(2, None)
    elif len(rest) == 4 and len(rest[1] or "") <= 2 < len(rest[2] or ""):
        del rest[1]  # Novatel E362 puts a RAC between TAC and cell: `1F00, 20 ,79D903 ,7`
    at = _place_of_cause(domain, with_cause, rest)
    rest += [None] * (9 - len(rest))
    return RegistrationAnswer(
        n, stat, rest[0], rest[1], rest[2], to_int(rest[at]), to_int(rest[at + 1])
    )


def _lacks_act(domain: str, with_cause: bool, rest: list[str | None]) -> bool:
    """Whether the cause stands where <AcT> should: `3,3,,,0,8`, `3,3,"0001","00000101",0,8`."""
    if len(rest) != 4 or domain == "nr5g":
        return False
    nowhere = rest[0] is None and rest[1] is None
    if domain == "ps":  # there a RAC may be the fourth
        return with_cause and nowhere
    return nowhere or (with_cause and rest[2] in {"0", "1"})


def _place_of_cause(domain: str, with_cause: bool, rest: list[str | None]) -> int:
    if domain == "nr5g":
        # Length and value of the allowed slices stand before it; of a device that may use none,
        # either may be left out.
        return len(rest) - 2 if with_cause and len(rest) > 4 else 5
    given = [*rest, None, None, None, None, None, None]
    if domain == "ps" and (given[5] is not None or given[4] is None):
        return 4  # a RAC stands before it
    return 3


def act_names_of(overrides: dict[int, str]) -> dict[int, str]:
    """The words for `<AcT>`, with those of a family that has its own."""
    return {**ACT_NAMES, **overrides}


def to_registration(
    answer: RegistrationAnswer,
    domain: str,
    act_names: dict[int, str],
    no_cause: Absent | None = None,
) -> DomainRegistration:
    """The answer in the forms of the contract, with the reason for each thing that it lacks.

    `no_cause` is the reason for a missing reject cause, where asking for one was refused.
    """
    registered = answer.stat in REGISTERED
    missing = Absent(GAVE_NONE if registered else NOT_REGISTERED)
    five_g = domain == "nr5g"
    if no_cause is None:
        no_cause = Absent(_NO_CAUSE if registered else GAVE_NONE)
    cause, name = _cause(answer, domain, no_cause)
    return DomainRegistration(
        stat=answer.stat,
        state=STATES[answer.stat] if 0 <= answer.stat < len(STATES) else "unknown",
        area=_location(answer.area, _area_width(answer.area) if five_g else 4, missing, registered),
        ci=_location(answer.ci, 9 if five_g else 8, missing, registered),
        act=act_word(answer.act, act_names, missing),
        cause_type=no_cause if answer.cause_type is None else answer.cause_type,
        reject_cause=cause,
        reject_name=name,
    )


def act_word(raw: str | None, act_names: dict[int, str], missing: Absent) -> str | Absent:
    """The contract's word for an `<AcT>`; `missing` where the modem wrote none."""
    if raw is None or raw == "":
        return missing
    number = to_int(raw)
    word = None if number is None else act_names.get(number)
    return answered(raw) if word is None else word


def _cause(
    answer: RegistrationAnswer, domain: str, missing: Absent
) -> tuple[int | Absent, str | Absent]:
    if answer.cause is None:
        return missing, missing
    if answer.cause == 0 or (answer.cause_type == 0 and answer.cause in _NO_NAS_CAUSE):
        return answered(answer.cause), answered(answer.cause)
    if answer.cause_type != 0:
        return answer.cause, Absent(_NOT_A_CAUSE)
    return answer.cause, reject_name(_CAUSE_DOMAIN[domain], answer.cause) or Absent(_NOT_A_CAUSE)


def _area_width(raw: str | None) -> int:
    """5G tracking areas have six digits (TS 23.003 clause 19.4.2.3, unread); some print four."""
    return 6 if raw and len(raw.strip()) > 4 else 4


def _location(raw: str | None, width: int, missing: Absent, registered: bool) -> str | Absent:
    if raw is None or raw == "":
        return missing
    value = to_hex(raw.removeprefix("0x").removeprefix("0X"))
    if value is None:
        return answered(raw)
    if _FILLED.fullmatch(raw.strip()) or (value == 0 and not registered):
        return answered(raw)
    return f"{value:0{width}X}"


class ReadRegistration(PrefixedCommand[RegistrationAnswer]):
    """AT+CREG?, AT+CGREG?, AT+CEREG?, AT+C5GREG?: registration in one domain."""

    one_line = True

    def __init__(self, domain: str) -> None:
        own = PREFIX_OF_DOMAIN[domain]
        self.text = f"AT{own}?"
        # A device is on record that answers AT+CGREG? with +CREG:.
        self.prefixes = (own, *(other for other in DOMAIN_OF_PREFIX if other != own))

    def owns(self, line: str) -> bool:
        """Whether `line` has the shape of an answer; `+CREG: 1` is unsolicited."""
        body = self.body(line)
        return body is not None and is_answer(body)

    def parse(self, lines: tuple[str, ...]) -> RegistrationAnswer:
        """The fields; a line under our own name goes before one under a sister's."""
        ranked = sorted(lines, key=lambda line: strip_prefix(line, self.prefixes[0]) is None)
        for line in ranked:
            if (read := read_line(line, solicited=True)) is not None:
                return read[1]
        raise self.refuse(lines)


class SetRegistrationReports(SettingCommand):
    """AT+CxREG=<n>: how much a domain's registration lines say; 3 adds the reject cause."""

    def __init__(self, domain: str, n: int) -> None:
        self.text = f"AT{PREFIX_OF_DOMAIN[domain]}={n}"


class OperatorAnswer(NamedTuple):
    """What +COPS? says: `operator` by name or number as `style` says (0, 1, 2); None if none."""

    mode: int | None
    style: int | None
    operator: str | None
    act: str | None

    @property
    def plmn(self) -> Plmn | None:
        """The operator's number, where that is what the modem wrote."""
        return plmn_of(self.operator)


def plmn_of(text: str | None) -> Plmn | None:
    """`00101` or `001001` as a network's number; None for any other text."""
    try:
        return Plmn.from_text(text or "")
    except IdentifierError:
        return None


class ReadOperator(PrefixedCommand[OperatorAnswer]):
    """AT+COPS?: the operator in use."""

    text = "AT+COPS?"
    prefixes = ("+COPS",)
    one_line = True
    shape = re.compile(r"\s*[0-9](\s*,.*)?")

    def parse(self, lines: tuple[str, ...]) -> OperatorAnswer:
        """Mode, style, operator and <AcT>; `+COPS: 0` is no operator."""
        fields = [*self.rows(lines)[-1], None, None, None, None]
        name = decode_ucs2((fields[2] or "").strip()).strip()
        known = None if is_nothing(name) else name
        return OperatorAnswer(to_int(fields[0]), to_int(fields[1]), known, fields[3])


class SetOperatorStyle(SettingCommand):
    """AT+COPS=3,<format>: how AT+COPS? names the operator (0 long, 1 short, 2 number)."""

    def __init__(self, style: int) -> None:
        self.text = f"AT+COPS=3,{style}"


class NetworkInTheAir(NamedTuple):
    """A network that a search found; `forbidden` as the modem marks it (<stat> 3)."""

    plmn: str
    forbidden: bool


class SearchNetworks(PrefixedCommand[tuple[NetworkInTheAir, ...]]):
    """AT+COPS=?: the networks in the air; it takes up to minutes, and the modem listens alone."""

    text = "AT+COPS=?"
    prefixes = ("+COPS",)
    timeout_s = 120.0

    def parse(self, lines: tuple[str, ...]) -> tuple[NetworkInTheAir, ...]:
        """Each network once, as digits; the modes that stand behind them are left out."""
        found: dict[str, bool] = {}
        for body in self.bodies(lines) if lines else ():
            for stat, plmn in re.findall(_IN_THE_AIR, body):
                found[plmn] = found.get(plmn, False) or stat == _FORBIDDEN
        return tuple(NetworkInTheAir(plmn, bad) for plmn, bad in found.items())
