"""From a card profile (TOML) or a list of files to a simulated card.

A profile states its provenance, its identity in words and whatever files it has beside; see
hardware_fixtures/cards.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.simulator import access, encoding
from sim.simulator.content import CardContent, Identity
from sim.simulator.damage import Fault
from sim.simulator.euicc import Euicc, StoredProfile
from sim.simulator.pin import Pin
from sim.simulator.tree import FileTree, SimulatedFile

_USIM_AID = "A0000000871002FF86FF0389FFFFFFFF"
_ISIM_AID = "A0000000871004FF86FF0389FFFFFFFF"
_PIN2: dict[str, Any] = {"enabled": True, "value": "5678", "puk": "87654321"}
_ADM: dict[str, Any] = {"enabled": True, "value": "88888888", "puk": ""}
_NAMES = {
    "MF": "",
    "DF.TELECOM": "7F10",
    "DF.GSM": "7F20",
    "DF.PHONEBOOK": "5F3A",
    "DF.5GS": "5FC0",
    "ADF.USIM": _USIM_AID,
    "ADF.ISIM": _ISIM_AID,
}
_EF_DIR, _ARR_OF_MF, _ARR_OF_ADF = 0x2F00, 0x2F06, 0x6F06
_ORDINARY = ("always", "adm")


@dataclass(frozen=True)
class Behaviour:
    """In what a card may differ from the book, all of it seen in the field.

    `answer`: `get_response` (61xx, 9Fxx) or `inline` (data at once, as over T=1).
    `le_zero`: READ BINARY with Le 00 is answered with `6c`, `empty` (a bare 9000) or `data`.
    `overlong`: more bytes wanted than there are: `6c`, or `6282` with those that there are.
    `pin_query`: a status word for VERIFY without data in place of 63Cx (`6985`, `6900`).
    `proactive`: proactive commands, hexadecimal, that wait from the start; successes say 91xx.
    """

    class_uicc: bool = True
    class_gsm: bool = True
    answer: str = "get_response"
    le_zero: str = "6c"
    overlong: str = "6c"
    logical_channels: int = 3
    pin_query: str = ""
    proactive: tuple[str, ...] = ()


@dataclass
class CardProfile:
    """All that makes a simulated card."""

    name: str
    content: CardContent
    behaviour: Behaviour
    pin1: Pin = field(default_factory=Pin)
    pin2: Pin = field(default_factory=lambda: Pin(**_PIN2))
    adm: Pin = field(default_factory=lambda: Pin(**_ADM))
    atr: bytes = bytes.fromhex("3B9F95801FC78031E073FE21130001020304050607BC")
    kind: str = "usim"
    faults: tuple[Fault, ...] = ()
    euicc: Euicc | None = None

    @property
    def pins(self) -> dict[int, Pin]:
        """By the number that VERIFY names."""
        return {access.PIN1: self.pin1, access.PIN2: self.pin2, access.ADM1: self.adm}


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
    euicc = _euicc(table["euicc"]) if "euicc" in table else None
    profile = CardProfile(
        name=table["name"],
        content=euicc.content() if euicc else _content(table, kind),
        behaviour=_behaviour(kind, table.get("behaviour", {})),
        pin1=Pin(**table.get("pin1", {})),
        pin2=Pin(**{**_PIN2, **table.get("pin2", {})}),
        adm=Pin(**{**_ADM, **table.get("adm", {})}),
        kind=kind,
        faults=tuple(Fault.of_table(fault) for fault in table.get("fault", ())),
        euicc=euicc,
    )
    if "atr" in table:
        profile.atr = bytes.fromhex(table["atr"])
    return profile


def _behaviour(kind: str, words: Mapping[str, Any]) -> Behaviour:
    usual = {"class_uicc": False, "logical_channels": 0} if kind == "sim" else {}
    return Behaviour(**{**usual, **words, "proactive": tuple(words.get("proactive", ()))})


def _content(table: Mapping[str, Any], kind: str) -> CardContent:
    words = table.get("identity", {})
    identity = Identity(words.get("iccid"), words.get("imsi"), words.get("msisdn"))
    content = CardContent(identity=identity)
    _write_identity(content.tree, words, kind)
    if "isim" in table:
        _write_isim(content.tree, table["isim"])
    for entry in table.get("file", ()):
        add_file(content.tree, entry)
    _write_rules(content.tree)
    return content


def _euicc(table: Mapping[str, Any]) -> Euicc:
    empty = CardContent()
    _write_rules(empty.tree)
    profiles = [
        StoredProfile(
            iccid=entry["identity"]["iccid"],
            content=_content(entry, "usim"),
            name=entry.get("name", ""),
            provider=entry.get("provider", ""),
            nickname=entry.get("nickname"),
            profile_class=entry.get("class", "operational"),
        )
        for entry in table.get("profile", ())
    ]
    words = {
        key: table[key] for key in ("enabled", "smdp", "smds", "takes_tag_list") if key in table
    }
    euicc = Euicc(table["eid"], profiles, empty, **words)
    euicc.enable(euicc.enabled)
    for content in (empty, *(profile.content for profile in profiles)):
        content.tree.applications.append(euicc.isd_r)  # last: the first one is the modem's
    return euicc


# Writing files


def _write_identity(tree: FileTree, words: Mapping[str, Any], kind: str) -> None:
    home = "DF.GSM" if kind == "sim" else "ADF.USIM"
    telecom = "DF.TELECOM" if kind == "sim" else "ADF.USIM"
    if kind != "sim":
        _list_application(tree, _USIM_AID, words.get("label", "USIM"))
    if "iccid" in words:
        content = encoding.ef_iccid(words["iccid"]).hex()
        add_file(tree, {"path": "MF/2FE2", "hex": content, "sfi": 2})
    if "imsi" in words:
        content = encoding.ef_imsi(words["imsi"]).hex()
        imsi = {"path": f"{home}/6F07", "hex": content, "read": "pin1", "sfi": 7}
        add_file(tree, {**imsi, "update": "adm"})
        ad = encoding.ef_ad(words.get("mnc_length")).hex()
        add_file(tree, {"path": f"{home}/6FAD", "hex": ad, "sfi": 3})
    if "spn" in words:
        add_file(tree, {"path": f"{home}/6F46", "hex": encoding.ef_spn(words["spn"]).hex()})
    if "msisdn" in words:
        record = encoding.ef_msisdn(words["msisdn"], words.get("msisdn_label", ""))
        records = [record.hex(), "FF" * len(record)]
        add_file(tree, {"path": f"{telecom}/6F40", "records": records, "read": "pin1"})


def _write_isim(tree: FileTree, words: Mapping[str, Any]) -> None:
    """EF.IMPI, EF.DOMAIN and EF.IMPU (3GPP TS 31.103 clause 4.2, unread)."""
    _list_application(tree, _ISIM_AID, words.get("label", "ISIM"))
    longest = max(len(text) for text in (words["impi"], words["domain"], *words["impu"])) + 8
    impu = [encoding.ef_text_object(each, longest).hex() for each in words["impu"]]
    for fid, content in (
        ("6F02", {"hex": encoding.ef_text_object(words["impi"], longest).hex(), "sfi": 2}),
        ("6F03", {"hex": encoding.ef_text_object(words["domain"], longest).hex(), "sfi": 5}),
        ("6F04", {"records": impu, "sfi": 4}),
    ):
        add_file(tree, {"path": f"ADF.ISIM/{fid}", "read": "pin1", "update": "adm", **content})


def _list_application(tree: FileTree, aid: str, label: str) -> None:
    """Make the application, and list it in EF.DIR, which has a record to spare."""
    tree.make_directory([aid])
    listing = tree.mf.file(_EF_DIR)
    used = [r for r in listing.records if r.strip(b"\xff")] if listing else []
    used.append(encoding.ef_dir(bytes.fromhex(aid), label))
    records = [record.hex() for record in [*used, b"\xff" * len(used[0])]]
    add_file(tree, {"path": f"MF/{_EF_DIR:04X}", "records": records, "sfi": 30})


def add_file(tree: FileTree, entry: Mapping[str, Any]) -> None:
    """Put one file into the tree, in place of one that is already there.

    `path` names a directory of the table above or hexadecimal FIDs, then the file's FID. Who may
    write is `update`; unsaid it is whoever shows the PIN that the file wants to be read, else the
    issuer. `blank` is the head of each of `slots` records of `slot_bytes` that nothing was written
    to yet.

    Raises:
        ValueError, KeyError: no such file can be.
    """
    *directories, fid = str(entry["path"]).split("/")
    steps = [step for name in directories if (step := _NAMES.get(name, name))]
    parent = tree.make_directory([step for step in steps if step.upper() != "3F00"])
    records = [bytes.fromhex(record) for record in entry.get("records", ())]
    if "slots" in entry:
        blank = bytes.fromhex(entry.get("blank", "")).ljust(entry["slot_bytes"], b"\xff")
        records += [blank] * entry["slots"]
    if len({len(record) for record in records}) > 1:
        raise ValueError(f"{entry['path']}: records of different length")
    fcp = entry.get("fcp")
    made = SimulatedFile(
        fid=int(fid, 16),
        structure=entry.get("structure") or ("linear_fixed" if records else "transparent"),
        content=bytes.fromhex(entry.get("hex", "")),
        records=records,
        read=entry.get("read", "always"),
        update=entry.get("update") or ("pin1" if entry.get("read") == "pin1" else "adm"),
        fcp=bytes.fromhex(fcp) if fcp else None,
        sfi=entry.get("sfi"),
        deactivated=entry.get("deactivated", False),
        parent=parent,
    )
    for words in (made.read, made.update):
        access.rule_of_words(words)
    parent.files = [*(f for f in parent.files if f.fid != made.fid), made]


def _write_rules(tree: FileTree) -> None:
    """EF.ARR in the MF and in each application: a record for each pair of rights that occurs."""
    pairs = {_ORDINARY: 1}
    for directory, file in tree.every_file():
        file.rule = pairs.setdefault((file.read, file.update), len(pairs) + 1)
        file.arr = _ARR_OF_ADF if directory.application else _ARR_OF_MF
    rules = [access.arr_record(*pair) for pair in pairs]
    longest = max(map(len, rules))
    records = [rule.ljust(longest, b"\xff").hex() for rule in rules]
    places = ["MF/2F06", *(f"{each.aid.hex()}/6F06" for each in tree.applications)]
    for path in places:
        add_file(tree, {"path": path, "records": records, "sfi": 6})
    for application in tree.applications:
        for file in application.files:
            if file.fid == _ARR_OF_ADF:
                file.arr = _ARR_OF_ADF


# Cards as dumps have them


def profile_of_files(
    files: Iterable[Mapping[str, Any]], kind: str, atr: bytes, behaviour: Behaviour | None = None
) -> CardProfile:
    """The card of a list of files as card dumps have them.

    An entry has `fids` (`3f00/7f20/6f07`, an AID in place of a FID), `raw_hex` or `records` (by
    number), and `fcp`; directories come as entries with an `fcp` alone.
    """
    tree = FileTree()
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
    return CardProfile(
        "dump", CardContent(tree), behaviour or _behaviour(kind, {}), atr=atr, kind=kind
    )


def _describe_directory(tree: FileTree, steps: list[str], fcp: bytes) -> None:
    directory = tree.make_directory(steps)
    directory.fcp = fcp
    at = fcp.find(b"\x84")
    if directory.aid and at >= 0 and fcp[at + 2 :].startswith(directory.aid):
        directory.aid = fcp[at + 2 : at + 2 + fcp[at + 1]]
