"""From a card profile (TOML) or a list of files to a file tree.

A profile states its provenance, its identity in words and whatever files it has beside; see
hardware_fixtures/cards.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.simulator import encoding
from sim.simulator.pin import Pin
from sim.simulator.tree import FileTree, SimulatedFile

_USIM_AID = "A0000000871002FF86FF0389FFFFFFFF"
_ISIM_AID = "A0000000871004FF86FF0389FFFFFFFF"
_PIN2: dict[str, Any] = {"enabled": True, "value": "5678", "puk": "87654321"}
_NAMES = {
    "MF": "",
    "DF.TELECOM": "7F10",
    "DF.GSM": "7F20",
    "ADF.USIM": _USIM_AID,
    "ADF.ISIM": _ISIM_AID,
}


@dataclass(frozen=True)
class Behaviour:
    """In what a card may differ from the book, all of it seen in the field.

    `answer`: `get_response` (61xx, 9Fxx) or `inline` (data at once, as over T=1).
    `le_zero`: READ BINARY with Le 00 is answered with `6c`, `empty` (a bare 9000) or `data`.
    `overlong`: more bytes wanted than there are: `6c`, or `6282` with those that there are.
    `proactive_pending`: length of a proactive command that waits; successes say 91xx.
    """

    class_uicc: bool = True
    class_gsm: bool = True
    answer: str = "get_response"
    le_zero: str = "6c"
    overlong: str = "6c"
    logical_channels: int = 3
    proactive_pending: int = 0


@dataclass(frozen=True)
class Identity:
    """What the profile says of the card in words; None where it has none."""

    iccid: str | None = None
    imsi: str | None = None
    msisdn: str | None = None


@dataclass
class CardProfile:
    """All that makes a simulated card."""

    name: str
    tree: FileTree
    identity: Identity
    behaviour: Behaviour
    pin1: Pin
    pin2: Pin
    atr: bytes = bytes.fromhex("3B9F95801FC78031E073FE2113000102030405060708")
    kind: str = "usim"


def load_profile(source: Mapping[str, Any] | str | Path) -> CardProfile:
    """The card of a profile, given as a mapping or as the path of a TOML file.

    Raises:
        OSError, tomllib.TOMLDecodeError: the file cannot be read.
        ValueError, KeyError, TypeError: it says something that no card has.
    """
    if isinstance(source, Mapping):
        table = source
    else:
        table = tomllib.loads(Path(source).read_text("utf-8"))
    kind = table.get("kind", "usim")
    words = table.get("identity", {})
    profile = CardProfile(
        name=table["name"],
        tree=FileTree(),
        identity=Identity(words.get("iccid"), words.get("imsi"), words.get("msisdn")),
        behaviour=Behaviour(**{**_usual(kind), **table.get("behaviour", {})}),
        pin1=Pin(**table.get("pin1", {})),
        pin2=Pin(**{**_PIN2, **table.get("pin2", {})}),
        kind=kind,
    )
    if "atr" in table:
        profile.atr = bytes.fromhex(table["atr"])
    _write_identity(profile, words)
    for entry in table.get("file", ()):
        add_file(profile.tree, entry)
    return profile


def _usual(kind: str) -> dict[str, Any]:
    return {"class_uicc": False, "logical_channels": 0} if kind == "sim" else {}


def _write_identity(profile: CardProfile, words: Mapping[str, Any]) -> None:
    home = "DF.GSM" if profile.kind == "sim" else "ADF.USIM"
    telecom = "DF.TELECOM" if profile.kind == "sim" else "ADF.USIM"
    tree = profile.tree
    if profile.kind != "sim":
        record = encoding.ef_dir(bytes.fromhex(_USIM_AID), words.get("label", "USIM"))
        add_file(tree, {"path": "MF/2F00", "records": [record.hex(), "FF" * len(record)]})
        tree.make_directory([_USIM_AID])
    if "iccid" in words:
        add_file(tree, {"path": "MF/2FE2", "hex": encoding.ef_iccid(words["iccid"]).hex()})
    if "imsi" in words:
        content = encoding.ef_imsi(words["imsi"]).hex()
        imsi = {"path": f"{home}/6F07", "hex": content, "read": "pin1", "sfi": 7}
        add_file(tree, {**imsi, "update": "never"})
        ad = encoding.ef_ad(words.get("mnc_length")).hex()
        add_file(tree, {"path": f"{home}/6FAD", "hex": ad, "sfi": 3})
    if "spn" in words:
        add_file(tree, {"path": f"{home}/6F46", "hex": encoding.ef_spn(words["spn"]).hex()})
    if "msisdn" in words:
        record = encoding.ef_msisdn(words["msisdn"], words.get("msisdn_label", ""))
        records = [record.hex(), "FF" * len(record)]
        add_file(tree, {"path": f"{telecom}/6F40", "records": records, "read": "pin1"})


def add_file(tree: FileTree, entry: Mapping[str, Any]) -> None:
    """Put one file into the tree, in place of one that is already there.

    `path` names a directory of the table above or hexadecimal FIDs, then the file's FID. Who may
    write is `update`; unsaid it is whoever shows the PIN that the file wants to be read. `blank`
    is the head of each of `slots` records of `slot_bytes` that nothing was written to yet.
    """
    *directories, fid = str(entry["path"]).split("/")
    steps = [step for name in directories if (step := _NAMES.get(name, name))]
    parent = tree.make_directory([step for step in steps if step.upper() != "3F00"])
    records = [bytes.fromhex(record) for record in entry.get("records", ())]
    if "slots" in entry:
        blank = bytes.fromhex(entry.get("blank", "")).ljust(entry["slot_bytes"], b"\xff")
        records += [blank] * entry["slots"]
    fcp = entry.get("fcp")
    made = SimulatedFile(
        fid=int(fid, 16),
        structure=entry.get("structure") or ("linear_fixed" if records else "transparent"),
        content=bytes.fromhex(entry.get("hex", "")),
        records=records,
        read=entry.get("read", "always"),
        update=entry.get("update") or ("pin1" if entry.get("read") == "pin1" else "never"),
        fcp=bytes.fromhex(fcp) if fcp else None,
        sfi=entry.get("sfi"),
    )
    parent.files = [*(f for f in parent.files if f.fid != made.fid), made]


def profile_of_files(
    files: Iterable[Mapping[str, Any]], kind: str, atr: bytes, behaviour: Behaviour | None = None
) -> CardProfile:
    """The card of a list of files as card dumps have them.

    An entry has `fids` (`3f00/7f20/6f07`, an AID in place of a FID), `raw_hex` or `records` (by
    number), and `fcp`; directories come as entries with an `fcp` alone.
    """
    tree = FileTree()
    usual = Behaviour(**_usual(kind))
    for entry in files:
        steps = str(entry["fids"]).split("/")[1:]
        if "raw_hex" in entry or "records" in entry:
            numbered = entry.get("records", {})
            records = [numbered[n] for n in sorted(numbered, key=int)]
            content = {"hex": entry.get("raw_hex", ""), "records": records}
            path = {"path": "/".join(steps), "fcp": entry.get("fcp")}
            add_file(tree, {**path, **content, "structure": entry.get("structure")})
        elif entry.get("fcp"):
            _describe_directory(tree, steps, bytes.fromhex(entry["fcp"]))
    pins = Pin(), Pin(**_PIN2)
    return CardProfile("dump", tree, Identity(), behaviour or usual, *pins, atr, kind)


def _describe_directory(tree: FileTree, steps: list[str], fcp: bytes) -> None:
    directory = tree.make_directory(steps)
    directory.fcp = fcp
    at = fcp.find(b"\x84")
    if directory.aid and at >= 0 and fcp[at + 2 :].startswith(directory.aid):
        directory.aid = fcp[at + 2 : at + 2 + fcp[at + 1]]
