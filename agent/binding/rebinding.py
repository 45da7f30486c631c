"""The rules of `rebinding.toml`, and which of them a card is under."""

import os
import tomllib
from functools import cache

from agent.binding.record import Rules, rules_for
from sim.numbering import carrier_of_iccid

_FILE = os.path.join(os.path.dirname(__file__), "rebinding.toml")  # noqa: PTH118, PTH120 - pathlib costs 8 ms at start


@cache
def all_rules() -> tuple[Rules, ...]:
    """Every entry, in the file's order."""
    with open(_FILE, "rb") as file:  # noqa: PTH123 - as above
        entries = tomllib.load(file)["rules"]
    return tuple(
        Rules(
            each["name"],
            tuple(each["platforms"]),
            each.get("carrier"),
            each["soldered_stops"],
            each.get("limit"),
            each["source"],
        )
        for each in entries
    )


def rules_of_card(iccid: str, platform: str | None) -> Rules | None:
    """The rules that a card is under; None where nothing is known of its platform or carrier."""
    return rules_for(all_rules(), platform, carrier_of_iccid(iccid))
