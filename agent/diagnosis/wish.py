"""What a diagnosis shall do beside reading, with which documents, and how it is set up."""

import json
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent.config import Settings
from agent.config_files import SYSTEM_STATE_DIR
from agent.diagnosis.ip_path import Target, target_of
from agent.errors import ConfigError, RefusedError, UsageError
from agent.unbind.account_state import state_of
from agent.unbind.platform_files import all_platforms
from cloud_bridge.orders import AccountFacts, WorkOrder, read_account, read_order

Json = dict[str, Any]

_NUMBER: Final = re.compile(r"\+?[0-9]{3,20}")
# 3GPP TS 22.101 clause 10.1 (unread): 112 and 911 with any card, the others without one; and the
# numbers that are in use for it in China. What a card adds (EF.ECC) is asked before sending.
EMERGENCY: Final = frozenset(
    {"112", "911", "000", "08", "110", "118", "119", "999", "120", "122", "995"}
    # China's by short message, and those of forests and of the sea (public services, unread).
    | {"12110", "12119", "12395"}
)
_CHINA: Final = ("0086", "86")


class Wish(NamedTuple):
    """What the caller allows and knows. `ssh` is his session's (client, own address)."""

    probe: bool = False
    reattach: bool = False
    sms_to: str | None = None
    order: WorkOrder | None = None
    account: AccountFacts | None = None
    ssh: tuple[str, str] | None = None

    def to_json(self) -> Json:
        """As a request for the control socket."""
        return {
            "ask": "diagnose",
            "probe": self.probe,
            "reattach": self.reattach,
            "sms_to": self.sms_to,
            "order": self.order and self.order.model_dump(mode="json", by_alias=True),
            "account": self.account and self.account.model_dump(mode="json", by_alias=True),
            "ssh": self.ssh,
        }

    def understood(self) -> "Wish":
        """With state and stop reasons of the platform in words, by the platform's own rules.

        Where the facts name no platform, it is the work order's.
        """
        if self.account is None:
            return self
        named = None if self.order is None else self.order.platform
        told = state_of(self.account, all_platforms(), named=named)
        words = {"state": told.state, "stop_reasons": told.reasons}
        return self._replace(account=self.account.model_copy(update=words))

    @classmethod
    def from_json(cls, request: Json) -> "Wish":
        """From such a request.

        Raises:
            OrderError, UsageError, RefusedError: what is in it cannot be used.
        """
        order, account = request.get("order"), request.get("account")
        number, ssh = request.get("sms_to"), request.get("ssh")
        return cls(
            probe=request.get("probe") is True,
            reattach=request.get("reattach") is True,
            sms_to=None if number is None else checked_number(str(number)),
            order=None if order is None else read_order(json.dumps(order).encode()),
            account=None if account is None else read_account(json.dumps(account).encode()),
            ssh=(str(ssh[0]), str(ssh[1])) if isinstance(ssh, list) and len(ssh) == 2 else None,
        )


class Setup(NamedTuple):
    """What the configuration says of the modem's data connection and of probing."""

    apn: str | None = None
    interface: str | None = None
    targets: tuple[Target, ...] = ()
    budget_bytes: int = 20_000
    state_dir: Path | None = None
    """Where this machine's records are."""


def setup_of(settings: Settings | None, port: str | None) -> Setup:
    """Of the configured modem at `port`, else of the first one.

    Raises:
        ConfigError: an entry of `probe.hosts` is none.
    """
    if settings is None:
        return Setup(state_dir=Path(SYSTEM_STATE_DIR))
    entry = next((each for each in settings.modem if port in {None, each.port}), None)
    targets = []
    for text in settings.probe.hosts:
        try:
            targets.append(target_of(text))
        except ValueError as error:
            raise ConfigError(
                "probe.hosts: {host} is neither HOST[:PORT] nor http://HOST[:PORT]/PATH", host=text
            ) from error
    return Setup(
        apn=None if entry is None else entry.apn,
        interface=None if entry is None else entry.interface,
        targets=tuple(targets),
        budget_bytes=settings.probe.budget_bytes,
        state_dir=settings.device.state_dir,
    )


def checked_number(number: str, option: str = "--probe-sms") -> str:
    """A number that the message, or the call, of `option` may go to.

    Raises:
        UsageError: it is no telephone number.
        RefusedError: it is an emergency number.
    """
    plain = re.sub(r"[ ()-]", "", number)
    if not _NUMBER.fullmatch(plain):
        raise UsageError("{name}: {number} is no telephone number", name=option, number=number)
    refuse_emergency(plain, EMERGENCY, option)
    return plain


def refuse_emergency(number: str, emergency: frozenset[str], option: str = "--probe-sms") -> None:
    """See that `number` is none of `emergency`, with China's code in front or without.

    Raises:
        RefusedError: it is one.
    """
    digits = number.removeprefix("+")
    if {digits, *(digits.removeprefix(code) for code in _CHINA)} & emergency:
        raise RefusedError(
            "{name}: {number} is an emergency number; nothing goes there",
            name=option,
            number=number,
        )
