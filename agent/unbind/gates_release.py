"""The gates before the carrier cancels: data saved, release proved, binding released. Pure."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from collections.abc import Iterable, Mapping

from agent.i18n.said import say
from agent.unbind.facts import Facts
from agent.unbind.finding import (
    BACKEND,
    DEVICE,
    NEEDS_HUMAN,
    OPERATOR,
    Evidence,
    Finding,
    account_of,
    asks,
    failed,
    passed,
    wants_facts,
)
from agent.unbind.platform import ALL, CARRIER_SIDES, Platform, Text
from agent.unbind.words import SIDES
from cloud_bridge.orders import BoundTo

_RELEASE = Text(
    "所有释放前的关口通过后运行 `simward unbind`，由它释放并读回证明",
    "When every gate before the release is open, run `simward unbind`: it releases and proves it by reading back",
)
_RELEASE_AGAIN = Text(
    "释放没有被证实：用 `simward unbind --resume` 继续",
    "The release is not proved: go on with `simward unbind --resume`",
)
_STILL_THERE = Text(
    "卡上仍有数据：先用 `simward sim residue` 查看，再用 `simward sim wipe` 清除，或改选保留、销毁卡片",
    "There is data on the card: see `simward sim residue`, clear it with `simward sim wipe`, or choose to keep it or destroy the card",
)
_ASK_CARRIER = Text(
    "请运营商解绑（{way}），释放后取新的账户信息",
    "Have the carrier release the binding ({way}), then get new account facts",
)


def backup(facts: Facts) -> Finding:
    """Is what is on the card saved: phone book, messages, call lists?

    Passes: everything was counted and there is nothing; or the unbinding itself saved it; or the operator says that it is saved (`simward sim backup`), or not wanted.
    Fails: never.
    Needs: the operator's answer, where there is something or it could not be counted.
    """
    counted = facts.device.personal
    evidence = _counts(facts)
    if counted.known is not None and _nothing(counted.known):
        return passed(
            DEVICE, say("there is nothing of anybody on the card"), evidence, counted.taken_at
        )
    saved = facts.device.saved
    if saved.known is not None:
        evidence["backup.sha256"] = saved.known
        return passed(DEVICE, say("saved by the unbinding"), evidence, saved.taken_at)
    answer = facts.answer("backup.saved")
    if answer is None:
        return asks("backup.saved", say("nobody has said that the card's data is saved"), evidence)
    evidence["answers.backup.saved"] = answer.value
    return passed(OPERATOR, say("the operator has settled what becomes of it"), evidence, answer.at)


def personal_data(facts: Facts) -> Finding:
    """What becomes of the personal data on the card? Cancelling erases none of it.

    Passes: everything was counted and there is nothing; or the operator says that it stays, or that the card will be destroyed, or, where it could not be counted, that it was cleared.
    Fails: it is said to be cleared, and there still is some.
    Needs: the operator's choice, where there is something or it could not be counted.
    """
    counted = facts.device.personal
    evidence = _counts(facts)
    if counted.known is not None and _nothing(counted.known):
        return passed(
            DEVICE, say("there is nothing of anybody on the card"), evidence, counted.taken_at
        )
    answer = facts.answer("personal_data.decision")
    if answer is None:
        return asks(
            "personal_data.decision",
            say("nobody has said what becomes of the personal data"),
            evidence,
        )
    evidence["answers.personal_data.decision"] = answer.value
    if answer.value == "cleared" and counted.known is not None and any(counted.known.values()):
        text = say("said to be cleared, and there still is some")
        return failed(DEVICE, text, evidence, _STILL_THERE, counted.taken_at)
    return passed(
        OPERATOR,
        say("the operator has settled what becomes of it"),
        evidence,
        answer.at,
    )


def _counts(facts: Facts) -> Evidence:
    counted = facts.device.personal.known
    return {} if counted is None else {"personal.counts": dict(counted)}


def _nothing(counts: Mapping[str, int | None]) -> bool:
    return bool(counts) and all(each == 0 for each in counts.values())


def release_proved(facts: Facts) -> Finding:
    """Was the card released from this device, and read back that it is?

    Passes: `simward unbind` released it, and what was released was read back as released.
    Fails: it was read back, and is not released.
    Needs: the release itself (operator: `simward unbind`).
    """
    release = facts.device.release
    if release.known is None:
        reason = say("the card was not released from this device yet")
        return Finding(NEEDS_HUMAN, DEVICE, reason, {}, None, _RELEASE)
    evidence: Evidence = {"release.proved": release.known}
    if not release.known:
        return failed(
            DEVICE,
            say("reading back shows that it is not released"),
            evidence,
            _RELEASE_AGAIN,
            release.taken_at,
        )
    return passed(DEVICE, say("released, and read back"), evidence, release.taken_at)


def binding(facts: Facts) -> Finding:
    """Has the carrier released its device-card binding, on every side that the platform asks for?

    Passes: fresh account facts say of each side that the platform asks for (all of them, or one at least) that it is not bound, and of none that it is. Device locks are reported and stop nothing; the own asset register is unlinked after the cancellation.
    Fails: a side is bound.
    Needs: fresh facts that speak of those sides (backend). No operator's word replaces them.
    """
    account = account_of(facts)
    if isinstance(account, Finding):
        return account
    platform = facts.platform or next(each for each in facts.platforms if each.name == "generic")
    at, told = account.facts.as_of, account.facts.bindings
    sides: dict[str, bool | None] = {
        each.kind: each.bound for each in told if each.kind in CARRIER_SIDES
    }
    evidence: Evidence = {**account.evidence, **_told(told)}
    way = _way(platform)
    if bound := [each.kind for each in told if each.kind in CARRIER_SIDES and each.bound]:
        text = say(
            "still bound at the carrier: {sides}", sides=[say(SIDES[each]) for each in bound]
        )
        return failed(BACKEND, text, evidence, way, at)
    asked = platform.binding.sides
    released = [side for side in asked if sides.get(side) is False]
    if platform.binding.asks == ALL and len(released) < len(asked):
        silent = [side for side in asked if side not in released]
        return wants_facts(
            say(
                "nobody says whether this is released: {sides}",
                sides=[say(SIDES[each]) for each in silent],
            ),
            evidence,
            way,
        )
    if not released:
        return wants_facts(
            say("nobody says whether the carrier's binding is released"), evidence, way
        )
    return passed(
        BACKEND,
        say("released at the carrier: {sides}", sides=[say(SIDES[each]) for each in released]),
        evidence,
        at,
    )


def _told(bindings: Iterable[BoundTo]) -> Evidence:
    return {
        f"account.bindings.{each.kind}": each.bound
        for each in bindings
        if each.kind in CARRIER_SIDES and each.bound is not None
    }


def _way(platform: Platform) -> Text:
    way = platform.binding.way
    return Text(_ASK_CARRIER.zh.format(way=way.zh), _ASK_CARRIER.en.format(way=way.en))
