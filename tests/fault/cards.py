"""Two cards that differ in all that a snapshot shows of a card."""

from modem.simulator.card_slot import Card
from modem.simulator.fixture import read_toml, shipped
from sim.simulator.card import SimulatedCard

FACTS = {
    "A": {"iccid": "89001010000000000018", "imsi": "001010123456789", "msisdn": "+99900000001"},
    "B": {"iccid": "89001010000000000026", "imsi": "001010987654321", "msisdn": "+99900000002"},
}
_SPN = {"A": "Test Net", "B": "Other Net"}


def card(name: str, *, dead: bool = False) -> Card:
    """Card A or B, new; a dead one has contact and answers nothing."""
    tables = read_toml(shipped("cards", "usim_test", ".toml"))
    tables["identity"] |= {**FACTS[name], "spn": _SPN[name]}
    if dead:
        tables["fault"] = [{"answer": "none"}]
    return SimulatedCard.load(tables)


def owners(document: dict) -> set[str]:
    """Whose facts are in the section `sim` of a status document: A, B, both, or nobody's."""
    sim = document["sim"]
    facts = {name: {*FACTS[name].values(), _SPN[name]} for name in FACTS}
    shown = {sim[key] for key in ("iccid", "iccid_modem", "imsi", "msisdn", "spn")} - {None}
    assert shown <= facts["A"] | facts["B"], shown
    return {name for name in facts if facts[name] & shown}
