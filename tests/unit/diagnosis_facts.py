"""For each row of the decision table: facts that lead to it, and facts that just do not."""

from typing import Any

from agent.diagnosis.facts import Binding, Cause, Cell, Facts, HostAnswer
from sim.reading import Absent

ICCID, OTHER_ICCID = "89001010000000000018", "89001010000000000026"
IMEI, OTHER_IMEI = "356938035643809", "490154203237518"
HOME, ABROAD = "00101", "00201"

GOOD = Facts(
    answers=True,
    functionality=1,
    sim_state="ready",
    iccid=ICCID,
    imei=IMEI,
    cs=1,
    ps=1,
    eps=1,
    causes=(),
    signal_heard=True,
    signal_weak=False,
    home_plmns=(HOME,),
    forbidden_plmns=(),
    context_active=True,
    address=True,
)
LOST = GOOD._replace(cs=2, ps=2, eps=2, context_active=False, address=False)
DENIED = LOST._replace(cs=3, ps=3, eps=3)
IDLE = GOOD._replace(context_active=False, address=False)
SILENT = Facts(answers=False)


def cause(domain: str, number: int, plmn: str | None = None) -> Cause:
    path = f"registration.{domain}.reject_cause"
    return Cause(domain, number, path, plmn or Absent("the refusal does not say"))


def refused(base: Facts, *causes: Cause, **changes: Any) -> Facts:
    return base._replace(causes=causes, **changes)


def hosts(*answers: bool) -> tuple[HostAnswer, ...]:
    return tuple(HostAnswer(f"h{number}.example", each) for number, each in enumerate(answers))


# row -> (facts that lead to it, facts that do not)
ROWS: dict[str, tuple[Facts, Facts]] = {
    "L0-1": (SILENT, GOOD),
    "L0-2": (LOST._replace(functionality=4), LOST._replace(functionality=5)),
    "L1-1": (
        GOOD._replace(sim_state="absent"),
        GOOD._replace(sim_state="absent", functionality=0),
    ),
    "L1-2": (
        GOOD._replace(sim_state="faulty", sim_state_lasts=True),
        GOOD._replace(sim_state="faulty", sim_state_lasts=False),
    ),
    "L1-3": (GOOD._replace(sim_state="puk_required"), GOOD._replace(sim_state="ph_sim_lock")),
    "L1-4": (GOOD._replace(sim_state="network_lock"), GOOD._replace(sim_state="pin_required")),
    "L1-5": (GOOD._replace(order_iccid=OTHER_ICCID), GOOD._replace(order_iccid=ICCID)),
    "L1-6": (
        GOOD._replace(bindings=(Binding("account.bindings.network_side", OTHER_IMEI),)),
        # the last digit of an IMEISV counts software, not devices
        GOOD._replace(bindings=(Binding("account.bindings.network_side", IMEI[:14] + "01"),)),
    ),
    "L2-1": (
        LOST._replace(signal_heard=False, cells=()),
        LOST._replace(signal_heard=False, cells=(Cell(ABROAD, forbidden=False),)),
    ),
    "L2-2": (
        LOST._replace(cells=(Cell(HOME, forbidden=False),)),
        LOST._replace(cells=(Cell(HOME, forbidden=True),)),
    ),
    "L2-3": (
        LOST._replace(forbidden_plmns=(ABROAD, HOME), cells=(Cell(HOME, forbidden=True),)),
        refused(LOST, cause("emm", 17), forbidden_plmns=(HOME,)),
    ),
    "L3-1": (
        refused(DENIED, cause("mm", 2), cause("emm", 8)),
        refused(DENIED, cause("emm", 8), cs=1),
    ),
    "L3-2": (refused(DENIED, cause("emm", 3)), refused(DENIED, cause("mm", 3), ps=1)),
    "L3-3": (refused(DENIED, cause("gmm", 6)), refused(DENIED, cause("esm", 6))),
    "L3-4": (refused(DENIED, cause("emm", 7), cs=1), refused(DENIED, cause("emm", 7))),
    "L3-5": (
        refused(LOST, cause("emm", 11), forbidden_plmns=(HOME,)),
        refused(LOST, cause("emm", 11, ABROAD)),
    ),
    "L3-6": (refused(LOST, cause("emm", 13, ABROAD)), refused(LOST, cause("emm", 13, HOME))),
    "L3-7": (refused(LOST, cause("emm", 15)), refused(LOST, cause("mm", 12), eps=5)),
    "L3-8": (refused(LOST, cause("gmm", 17)), refused(LOST, cause("emm", 34))),
    "L3-9": (LOST._replace(eps=6), LOST._replace(eps=6, ps=1)),
    "L4-1": (refused(IDLE, cause("esm", 27)), refused(IDLE, cause("emm", 27))),
    "L4-2": (refused(IDLE, cause("sm", 33)), refused(IDLE, cause("esm", 32))),
    "L4-3": (refused(IDLE, cause("esm", 8)), refused(GOOD, cause("esm", 8))),
    "L4-4": (refused(IDLE, cause("esm", 29)), refused(IDLE, cause("esm", 36))),
    "L4-5": (
        refused(IDLE, cause("esm", 31), stop_reasons=("separated",)),
        refused(IDLE, cause("esm", 31), stop_reasons=("arrears",)),
    ),
    "L4-6": (refused(IDLE, cause("sm", 28)), refused(IDLE, cause("esm", 52))),
    "L5-1": (GOOD._replace(hosts=hosts(True, False)), GOOD._replace(hosts=hosts(True, True))),
    "L5-2": (
        GOOD._replace(hosts=hosts(False), dns_answers=False, bytes_left=True, bytes_came=False),
        GOOD._replace(hosts=hosts(False), dns_answers=True, bytes_left=True, bytes_came=True),
    ),
    "L5-3": (
        GOOD._replace(hosts=hosts(False), foreign_answer="pay.example"),
        GOOD._replace(hosts=hosts(True), foreign_answer=""),
    ),
    "L5-4": (
        GOOD._replace(hosts=hosts(True), rate_bps=16_000, expected_bps=64_000),
        GOOD._replace(hosts=hosts(True), rate_bps=16_000, expected_bps=64_000, signal_weak=True),
    ),
    "L5-5": (
        GOOD._replace(hosts=hosts(False), bytes_left=False, unbound_answers=True),
        GOOD._replace(hosts=hosts(True), unbound_answers=True),
    ),
    "L6-1": (
        GOOD._replace(hosts=hosts(True), sms_refused=50),
        GOOD._replace(hosts=hosts(True), sms_refused=28),
    ),
    "L6-2": (
        IDLE._replace(activation_refused=True, sms_came=True),
        IDLE._replace(activation_refused=True, sms_came=False),
    ),
}
