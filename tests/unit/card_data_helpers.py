"""Cards full of somebody's data, and new ones of the same make that hold nothing."""

import copy
import tomllib
from pathlib import Path

from sim.personal import free
from sim.simulator import SimulatedCard

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
ICCID, NEW_ICCID = "89001010000000000083", "89001010000000000091"
NAMES = {"6F3A": "EF.ADN", "4F3A": "EF.ADN", "6F3C": "EF.SMS", "4F4A": "EF.EXT1", "4F26": "EF.GRP"}
NAMES |= {"4F21": "EF.UID", "6F4B": "EF.EXT2", "6F47": "EF.SMSR"}
# The table of the phone book, parameters of messages, sums of calls, and a log that no USIM has.
KEPT = {"4F30", "6F42", "6F44", "6F82", "6F83"}


def profile():
    return tomllib.loads((CARDS / "personal.toml").read_text("utf-8"))


def full_card(**words):
    return SimulatedCard.load({**profile(), **words})


def empty_card(iccid=NEW_ICCID, **words):
    """A card of the same make on which nobody has written anything."""
    table = copy.deepcopy(profile())
    table["identity"]["iccid"] = iccid
    for file in table["file"]:
        fid = file["path"].rpartition("/")[2]
        if file["path"] in _changeable():
            file["records"] = [
                free(NAMES.get(fid, ""), len(raw) // 2).hex() for raw in file["records"]
            ]
    return SimulatedCard.load({**table, **words})


def records(card):
    """Every record that may be cleared, by path, as the card holds them now."""
    return {path: tuple(card.file(inside(path)).records) for path in _changeable()}


def _changeable():
    return [
        file["path"]
        for file in profile()["file"]
        if "records" in file
        and file["update"] == "pin1"
        and file["path"].rpartition("/")[2] not in KEPT
    ]


def inside(path):
    """The path as the simulator names it: identifiers and AIDs alone."""
    return (
        path.replace("ADF.USIM", "A0000000871002").replace("DF.TELECOM", "7F10").removeprefix("MF/")
    )
