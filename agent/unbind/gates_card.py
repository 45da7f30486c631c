"""The gates that the device answers: is it the right card, does it work, what hangs on it. Pure."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from agent.i18n.said import say
from agent.unbind.facts import FROM_CARD, Facts
from agent.unbind.finding import (
    DEVICE,
    NEW_ORDER,
    OPERATOR,
    SET_CLOCK,
    UNKNOWN,
    Evidence,
    Finding,
    asks,
    failed,
    passed,
    unread,
    wants_facts,
)
from agent.unbind.platform import Text
from agent.unbind.words import SIM_STATES
from cloud_bridge.orders import WorkOrder

_WRONG_CARD = Text(
    "立即停止：找出工单所指的卡，或请后台更正工单；不要把卡换到别的设备里试",
    "Stop: find the card that the order means, or have the order corrected; do not try the card in another device",
)
_WRONG_DEVICE = Text(
    "立即停止：确认设备是否换过；如已更换，先在平台重绑或解绑",
    "Stop: find out whether the device was changed; if so, rebind or unbind on the platform first",
)
_DISAGREE = Text(
    "以卡内 EF.ICCID 为准；重新插卡、重启模块后再试，并核对卡面号码",
    "EF.ICCID is the authority; reseat the card, restart the modem, compare with the number on the card",
)
_DAMAGED = Text(
    "卡或设备不正常：排除故障；卡已损坏或丢失时走 --device-lost 流程，并准备证明",
    "Card or device is not in order: put it right; for a damaged or lost one use --device-lost, with proof",
)
_LOCKED = Text("向卡管理员索取 PIN，禁止猜测", "Ask the card's owner for the PIN; never guess")
_COME_HERE = Text(
    "您的会话正经过这张卡：请到现场（串口、以太网）操作",
    "Your own session comes over this card: come to the device (console, Ethernet)",
)
_SAME = say("card and work order are the same")
_LOCK_STATES = frozenset({"pin_required", "puk_required", "blocked"})
_UNSURE_STATES = frozenset({"busy", "unknown"})


def identity(facts: Facts) -> Finding:
    """Is it the card of the work order, in the device of the work order?

    Passes: EF.ICCID was read and is the order's; the modem's own answer, and the order's IMEI and IMSI where it names them, agree; the order has not expired.
    Fails: another ICCID, IMEI or IMSI than the order's; EF.ICCID and the modem disagree; the order has expired.
    Needs: a work order (backend); where only the modem gives an ICCID, the number printed on the card (operator).
    """
    device, order = facts.device, facts.backend.order
    if device.iccid.known is None:
        return unread("sim.iccid", device.iccid)
    iccid = device.iccid.known
    evidence: Evidence = {"sim.iccid": iccid}
    if order is None:
        return wants_facts(say("there is no work order"), evidence, NEW_ORDER)
    evidence["order.iccid"] = order.iccid
    shut = (
        _other_card(facts, order, evidence)
        or _expired(facts, order, evidence)
        or _other_names(facts, order, evidence)
    )
    if shut is not None:
        return shut
    if device.iccid.source != FROM_CARD:
        return _printed(facts, evidence)
    return passed(DEVICE, _SAME, evidence, device.iccid.taken_at)


def _other_card(facts: Facts, order: WorkOrder, evidence: Evidence) -> Finding | None:
    iccid, modem_says = facts.device.iccid, facts.device.modem_iccid.known
    if order.iccid != iccid.known:
        text = say("the work order names another card than the one read")
        return failed(DEVICE, text, evidence, _WRONG_CARD, iccid.taken_at)
    if modem_says is None or iccid.source != FROM_CARD:
        return None
    evidence["sim.iccid_modem"] = modem_says
    if modem_says == iccid.known:
        return None
    text = say("EF.ICCID and the modem's own answer disagree")
    return failed(DEVICE, text, evidence, _DISAGREE, iccid.taken_at)


def _expired(facts: Facts, order: WorkOrder, evidence: Evidence) -> Finding | None:
    if order.expires_at is None:
        return None
    evidence["order.expires_at"] = order.expires_at
    if not facts.synchronized:
        text = say("nobody can tell whether the work order has expired")
        return Finding(UNKNOWN, DEVICE, text, evidence, None, SET_CLOCK)
    evidence["clock.synchronized"] = True
    if order.expires_at <= facts.now:
        return failed(DEVICE, say("the work order has expired"), evidence, NEW_ORDER)
    return None


def _other_names(facts: Facts, order: WorkOrder, evidence: Evidence) -> Finding | None:
    """What the order names beside the card; only as many digits of an IMEI count as name a device."""
    device = facts.device
    for name, path, wanted, reading, digits in (
        ("IMEI", "modem.imei", order.imei, device.imei, 14),
        ("IMSI", "sim.imsi", order.imsi, device.imsi, None),
    ):
        if wanted is None:
            continue
        if reading.known is None:
            return unread(path, reading)
        evidence |= {f"order.{name.lower()}": wanted, path: reading.known}
        if wanted[:digits] != reading.known[:digits]:
            text = say("the work order names another {what} than the one read", what=name)
            advice = _WRONG_DEVICE if name == "IMEI" else _WRONG_CARD
            return failed(DEVICE, text, evidence, advice, reading.taken_at)
    return None


def _printed(facts: Facts, evidence: Evidence) -> Finding:
    answer = facts.answer("identity.printed_iccid")
    if answer is None:
        text = say("only the modem gives an ICCID; compare with the number on the card")
        return asks("identity.printed_iccid", text, evidence)
    printed = "".join(str(answer.value).split()).upper().rstrip("F")
    evidence["answers.identity.printed_iccid"] = printed
    if printed != facts.device.iccid.known:
        text = say("the number printed on the card is another one")
        return failed(OPERATOR, text, evidence, _WRONG_CARD, answer.at)
    return passed(OPERATOR, _SAME, evidence, answer.at)


def device_health(facts: Facts) -> Finding:
    """Does the device work: modem, card, clock?

    Passes: the modem gives its IMEI, the card is ready, the clock is synchronised.
    Fails: the card is absent, locked, faulty or blocked.
    Needs: nobody; what cannot be read, and a clock that nothing keeps right, are unknown.
    """
    device, state = facts.device, facts.device.sim_state
    if device.imei.known is None:
        return unread("modem.imei", device.imei)
    if state.known is None:
        return unread("sim.state", state)
    evidence: Evidence = {"modem.imei": device.imei.known, "sim.state": state.known}
    if state.known in _UNSURE_STATES:
        text = say(
            "the card's state is not clear: {state}",
            state=say(SIM_STATES.get(state.known, state.known)),
        )
        return Finding(UNKNOWN, DEVICE, text, evidence, state.taken_at, _DAMAGED)
    if state.known != "ready":
        advice = _LOCKED if state.known in _LOCK_STATES else _DAMAGED
        text = say(
            "the card is not ready: {state}", state=say(SIM_STATES.get(state.known, state.known))
        )
        return failed(DEVICE, text, evidence, advice, state.taken_at)
    if not device.clock_synchronized:
        text = say("the clock is not synchronised")
        return Finding(UNKNOWN, DEVICE, text, evidence, device.taken_at, SET_CLOCK)
    evidence["clock.synchronized"] = True
    return passed(DEVICE, say("modem, card and clock are in order"), evidence, state.taken_at)


def own_uplink(facts: Facts) -> Finding:
    """Would the release cut this machine's own way out?

    Passes: no default route and no session leads over the cellular interface; or the operator says where the evidence goes instead (file or QR codes); or the evidence is handed over already.
    Fails: the operator's own SSH session comes over the card.
    Needs: where the default route leads over the card, or there is none, the medium for the evidence (operator).
    """
    reading = facts.device.uplink
    if reading.known is None:
        return unread("uplink", reading)
    uplink = reading.known
    evidence: Evidence = {"uplink": uplink._asdict()}
    if uplink.carries == "ssh":
        text = say(
            "the SSH session from {address} comes over {interface}",
            address=uplink.address,
            interface=uplink.interface,
        )
        return failed(DEVICE, text, evidence, _COME_HERE, reading.taken_at)
    if uplink.carries is None and uplink.defaults:
        text = say("this machine's way out is {interfaces}", interfaces=", ".join(uplink.defaults))
        return passed(DEVICE, text, evidence, reading.taken_at)
    elsewhere = _elsewhere(facts, evidence)
    if elsewhere is not None:
        return elsewhere
    text = say("this machine has no way out of its own")
    if uplink.carries is not None:
        text = say(
            "the default route of this machine leads over {interface}", interface=uplink.interface
        )
    return asks("own_uplink.medium", text, evidence)


def _elsewhere(facts: Facts, evidence: Evidence) -> Finding | None:
    """The evidence is, or will be, in somebody's hands before anything is cut."""
    handed = facts.device.handed
    if handed.known is not None:
        evidence["evidence.before_release"] = handed.known
        text = say("the evidence before the release is handed over")
        return passed(DEVICE, text, evidence, handed.taken_at)
    answer = facts.answer("own_uplink.medium")
    if answer is None:
        return None
    evidence["answers.own_uplink.medium"] = answer.value
    return passed(OPERATOR, say("the operator takes the evidence along"), evidence, answer.at)
