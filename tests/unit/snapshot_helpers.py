"""Snapshots to try things on: a registered modem, and ways to change it."""

from datetime import UTC, datetime
from typing import Any

from agent.snapshot import GatewaySnapshot
from modem.snapshot import (
    DomainRegistration,
    FacilityLocks,
    LastError,
    ModemIdentity,
    ModemSnapshot,
    OperatorFacts,
    PacketContext,
    PacketFacts,
    PinState,
    Registration,
    Reject,
    SignalFacts,
    SimFacts,
    UsageCounters,
)
from sim.identifiers import Iccid, Imei, Imsi, Msisdn, Plmn
from sim.reading import Absent, Reading, absent

TAKEN_AT = datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)
UNSUPPORTED = "not supported by this modem"


def read(value: Any, source: str = "AT") -> Reading[Any]:
    return Reading(value, source, TAKEN_AT)


def domain(stat: int, state: str, cause: int | None = None, name: str = "x") -> DomainRegistration:
    registered = stat in {1, 5}
    return DomainRegistration(
        stat,
        state,
        area="1A2B" if registered else Absent("not registered"),
        ci="01A2B3C4" if registered else Absent("not registered"),
        act="lte" if registered else Absent("not registered"),
        cause_type=Absent("the modem gave none") if cause is None else 0,
        reject_cause=Absent("the modem gave none") if cause is None else cause,
        reject_name=Absent("the modem gave none") if cause is None else name,
    )


HOME = domain(1, "home")
DENIED = domain(3, "denied", 8, "EPS services and non-EPS services not allowed")
SEARCHING = domain(2, "searching")

REFUSAL = Reject(
    domain="emm",
    cause=15,
    name="No suitable cells in tracking area",
    plmn=Plmn("001", "01"),
    rat="lte",
    kind="attach",
    source="^REJINFO",
    at=TAKEN_AT,
)
_UNSAID = Absent("the refusal does not say")
REMEMBERED = Reject(
    "vendor",
    256,
    "Authentication failure",
    plmn=_UNSAID,
    rat=_UNSAID,
    kind=_UNSAID,
    source="AT^REJINFO?",
    at=Absent("the modem remembers it, but not since when"),
)

CARD = SimFacts(
    state=read("ready"),
    slot=read(1),
    iccid=read(Iccid("89001010000000000018"), "EF.ICCID"),
    modem_iccid=read(Iccid("89001010000000000018"), "AT+QCCID"),
    imsi=read(Imsi("001010123456789")),
    mnc_length=read(2, "EF.AD"),
    msisdn=absent("the modem gave none"),
    eid=absent(UNSUPPORTED),
    spn=absent("not on the card"),
    smsc=read(Msisdn("+12025550100")),
    pin1=PinState(read(False), read(3), read(10)),
)

MODEM = ModemSnapshot(
    profile="quectel_ec2x",
    identity=ModemIdentity(
        read("Quectel"),
        read("EC25"),
        read("EC25EFAR06A03M4G"),
        read(Imei("356938035643809")),
        read(1),
    ),
    sim=CARD,
    registration=Registration(read(HOME), read(HOME), read(HOME), absent(UNSUPPORTED)),
    operator=OperatorFacts(read(Plmn("001", "01")), read("Test PLMN"), read("lte")),
    signal=SignalFacts(read(-73), read(-101.0), read(-10.5), absent(UNSUPPORTED), read(0)),
    packet=PacketFacts(
        read(True),
        read(
            (
                PacketContext(1, "IPV4V6", "iot.example", active=True, addresses=("10.0.0.2",)),
                PacketContext(2, "IP", Absent("the modem gave none"), active=False, addresses=()),
            )
        ),
    ),
    usage=read(UsageCounters(1234, 5678), "AT+QGDCNT?"),
    locks=FacilityLocks(
        read(False), read(False), read(False), *(absent("+CME ERROR: 4") for _ in range(3))
    ),
    last_error=read(LastError("EMM reject", "emm", 8), "AT+CEER"),
)


def gateway(modem: ModemSnapshot = MODEM) -> GatewaySnapshot:
    return GatewaySnapshot(TAKEN_AT, clock_synchronized=True, port="/dev/ttyUSB2", modem=modem)


def registered(**domains: Any) -> ModemSnapshot:
    """The modem with these domains, the others unsupported."""
    readings = {
        name: read(domains[name]) if name in domains else absent(UNSUPPORTED)
        for name in ("cs", "ps", "eps", "nr5g")
    }
    return MODEM._replace(registration=Registration(**readings))


def with_card(**facts: Any) -> ModemSnapshot:
    return MODEM._replace(sim=CARD._replace(**facts))
