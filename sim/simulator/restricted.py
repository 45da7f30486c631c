"""Where a modem looks for a file that +CRSM names (3GPP TS 27.007 clause 8.18, unread)."""

from __future__ import annotations

from sim.simulator.selection import Found, walk
from sim.simulator.tree import MF_FID, FileTree, SimulatedDirectory

INSTRUCTIONS = {176: 0xB0, 178: 0xB2, 192: 0xC0, 214: 0xD6, 220: 0xDC, 242: 0xF2}
_DF_GSM, _DF_TELECOM = 0x7F20, 0x7F10


def home(tree: FileTree, *, uicc: bool) -> SimulatedDirectory:
    """The directory that the modem works in: its application, or DF.GSM of a SIM."""
    if tree.applications and uicc:
        return tree.applications[0]
    return tree.mf.directory(_DF_GSM) or tree.mf


def target(tree: FileTree, here: SimulatedDirectory, fid: int, path: str) -> Found | None:
    """The file `fid` at `path`; without a path where modems look: here, DF.GSM, DF.TELECOM."""
    if path:
        whole = bytes.fromhex(path) + fid.to_bytes(2, "big")
        return walk(tree, tree.mf, whole, here.application)
    if fid == MF_FID:
        return tree.mf
    others = [tree.mf.directory(each) for each in (_DF_GSM, _DF_TELECOM)]
    for place in [tree.mf] if fid >> 8 == 0x2F else [here, *others]:
        found = place and (place.file(fid) or place.directory(fid))
        if found:
            return found
    return tree.mf.directory(fid)
