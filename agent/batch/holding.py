"""Cards that no wave takes along: one that the platform blocks fails all of it. Pure.

The gates of an unbinding judge each card by its own account facts. What nobody knows holds a card
back as well: a wave is for cards of which it is known that they pass.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from agent.batch.validation import Card
from agent.i18n.said import Said
from agent.unbind.facts import Backend, Device, Facts, Operator
from agent.unbind.finding import NOT_APPLICABLE, PASS
from agent.unbind.gates import GATES
from agent.unbind.platform import Platform
from cloud_bridge.orders import AccountFacts
from sim.reading import Reading

UNBIND, CANCEL = "unbind", "cancel"
_ASKED: Final = {
    UNBIND: ("card_state", "arrears"),
    CANCEL: ("card_state", "arrears", "auto_renew", "binding"),
}
_LIST: Final = "list"


class Held(NamedTuple):
    """A card that stays behind, and the first gate that keeps it."""

    iccid: str
    gate: str
    result: str
    reason: Said


class Moment(NamedTuple):
    """What time it is, and whether that is known."""

    now: datetime
    synchronized: bool


def held_back(  # noqa: PLR0917 - what a card is judged by
    cards: Sequence[Card],
    accounts: Mapping[str, AccountFacts],
    purpose: str,
    platform: Platform | None,
    platforms: tuple[Platform, ...],
    moment: Moment,
) -> list[Held]:
    """Those of `cards` that are not to be handed in for `purpose`.

    `platform` is where they go; it counts where a card's facts name none.
    """
    found = []
    for card in cards:
        account = accounts.get(card.iccid)
        if account is not None and account.platform is None and platform is not None:
            account = account.model_copy(update={"platform": platform.name})
        iccid = Reading(card.iccid, _LIST, moment.now)
        device = Device(moment.now, moment.synchronized, iccid=iccid)
        facts = Facts(device, Operator(), Backend(None, account), moment.now, platforms)
        held = _first_shut(facts, purpose)
        if held is not None:
            found.append(held)
    return found


def _first_shut(facts: Facts, purpose: str) -> Held | None:
    for gate in GATES:
        if gate.id not in _ASKED[purpose]:
            continue
        finding = gate.rule(facts)
        if finding.result not in {PASS, NOT_APPLICABLE}:
            return Held(facts.device.iccid.known or "", gate.id, finding.result, finding.reason)
    return None
