"""The answer to `simward usage`, from the store of a state directory; whoever owns that."""

import json
from typing import Any, Final

from agent.binding.recorded_facts import RecordedFacts
from agent.clock import clock_synchronized, now
from agent.config import Settings
from agent.store import reading_store
from agent.usage.air import air_of
from agent.usage.document import document
from agent.usage.meter import plan_of
from cloud_bridge.orders import AccountFacts, read_account

Json = dict[str, Any]

NO_BROKER: Final = "no broker is configured"


def usage_of(settings: Settings, *, air: bool = False, account: AccountFacts | None = None) -> Json:
    """The document `simward/usage/1`.

    `air`: with simward's own bytes; `account`: what the platform says of a card.

    Raises:
        StoreError: the store cannot be read, or is another version's.
    """
    with reading_store(settings.device.state_dir) as connection:
        usage = document(
            connection,
            plan_of(settings),
            now=now(),
            synchronized=clock_synchronized(),
            account=account,
            recorded=(lambda _iccid: None) if connection is None else RecordedFacts(connection).of,
        )
        if air:
            usage["air"] = air_of(connection, settings)
            if usage["air"]["predicted"] is None:
                usage["absent"]["air.predicted"] = NO_BROKER
            usage["absent"] = usage.pop("absent")  # stays the last
    return usage


def answer_to(request: Json, settings: Settings) -> Json:
    """The document for a request of the control socket.

    Raises:
        StoreError: the store cannot be read.
        OrderError: the account facts in the request cannot be used.
    """
    facts = request.get("account")
    account = None if facts is None else read_account(json.dumps(facts).encode())
    return usage_of(settings, air=request.get("air") is True, account=account)
