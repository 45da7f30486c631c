"""What the platform that a card is on is known to do about another device."""

from agent.binding.record import Rules
from agent.unbind.platform import Platform, find
from agent.unbind.platform_files import all_platforms
from sim.numbering import carrier_of_iccid


def platform_of_card(iccid: str, named: str | None) -> Platform | None:
    """The platform that account facts name; where none do, that of the ICCID's carrier."""
    return find(all_platforms(), carrier_of_iccid(iccid) if named is None else named)


def rules_of(platform: Platform | None) -> Rules | None:
    """Its rules about rebinding; None where nothing is known."""
    if platform is None:
        return None
    binding = platform.binding
    return Rules(binding.soldered_stops, limited=binding.limit is not None)
