"""Directories of a card by name: where they are and what they are for.

Sources: ETSI TS 102 221 clause 8 and 3GPP TS 31.102 clauses 4.4 to 4.7, TS 51.011 clause 10 (all
unread); identifiers compared with the file lists of osmocom/pysim.
"""

from typing import NamedTuple

MF = "MF"
USIM = "MF/ADF.USIM"
ISIM = "MF/ADF.ISIM"
GSM = "MF/DF.GSM"
TELECOM = "MF/DF.TELECOM"
# The phone book of all applications, and one that a USIM has for itself.
PHONEBOOKS = (f"{TELECOM}/DF.PHONEBOOK", f"{USIM}/DF.PHONEBOOK")

APPLICATIONS = {
    "ADF.USIM": bytes.fromhex("A0000000871002"),
    "ADF.ISIM": bytes.fromhex("A0000000871004"),
}
"""How the AID of an application begins (ETSI TS 101 220 annex E, unread)."""

ISD_R = bytes.fromhex("A0000005591010FFFFFFFF8900000100")
"""The application of an eUICC that tells of its profiles (GSMA SGP.02 and SGP.22, unread)."""

MF_FID = 0x3F00
CURRENT_APPLICATION = 0x7FFF


class Directory(NamedTuple):
    """A directory that is selected by its identifier; `title` in a few English words."""

    path: str
    fid: int
    title: str


DIRECTORIES = (
    Directory(TELECOM, 0x7F10, "telephony, shared by all applications"),
    Directory(f"{TELECOM}/DF.PHONEBOOK", 0x5F3A, "phone book"),
    Directory(f"{TELECOM}/DF.GRAPHICS", 0x5F50, "images"),
    Directory(f"{TELECOM}/DF.MULTIMEDIA", 0x5F3B, "multimedia messages"),
    Directory(f"{TELECOM}/DF.MCS", 0x5F3D, "mission critical services"),
    Directory(f"{TELECOM}/DF.V2X", 0x5F3E, "vehicle communication"),
    Directory(GSM, 0x7F20, "the SIM of the GSM time"),
    Directory(f"{USIM}/DF.PHONEBOOK", 0x5F3A, "phone book"),
    Directory(f"{USIM}/DF.GSM-ACCESS", 0x5F3B, "access to GSM networks"),
    Directory(f"{USIM}/DF.WLAN", 0x5F40, "WLAN interworking"),
    Directory(f"{USIM}/DF.HNB", 0x5F50, "home base stations"),
    Directory(f"{USIM}/DF.ProSe", 0x5F90, "proximity services"),
    Directory(f"{USIM}/DF.5GS", 0x5FC0, "5G"),
    Directory(f"{USIM}/DF.SAIP", 0x5FD0, "5G, computed by the USIM"),
)
"""All that simward knows, each after the one that it is in."""

_BY_PATH = {directory.path: directory for directory in DIRECTORIES}


def directory_at(path: str) -> Directory | None:
    """The directory of a path by names, or None."""
    return _BY_PATH.get(path)


def directories_in(parent: str) -> list[Directory]:
    """The directories right below `parent`."""
    return [each for each in DIRECTORIES if each.path.rpartition("/")[0] == parent]
