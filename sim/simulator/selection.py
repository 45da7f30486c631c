"""How the simulated card finds what SELECT names, and what it says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim.simulator import encoding
from sim.simulator.channels import Channel
from sim.simulator.contents import Command
from sim.simulator.pin import Pin
from sim.simulator.tree import MF_FID, FileTree, SimulatedDirectory, SimulatedFile

Found = SimulatedDirectory | SimulatedFile
CURRENT_APPLICATION = 0x7FFF
_NEXT_OCCURRENCE = 0x02


def find(command: Command, channel: Channel, tree: FileTree) -> Found | int:
    """What SELECT names, or the status word that says why not (TS 102 221 clause 11.1.1, unread).

    By FID, from the MF or from the current directory by path, by AID (whole or shortened from the
    right, the first or the next that fits), or the parent of the current directory.
    """
    not_found = 0x9404 if command.gsm else 0x6A82
    if command.p1 == 0x00:
        if not command.data and not command.gsm:
            return tree.mf
        if len(command.data) != 2:
            return 0x6700
        fid = int.from_bytes(command.data, "big")
        if fid == CURRENT_APPLICATION:
            return (None if command.gsm else channel.application) or not_found
        return tree.resolve(channel.directory, fid) or not_found
    if command.gsm:
        return 0x6B00
    after = channel.directory if command.p2 & 0x03 == _NEXT_OCCURRENCE else None
    ways: dict[int, Callable[[], Found | None]] = {
        0x03: lambda: channel.directory.parent,
        0x04: lambda: tree.application(command.data, after),
        0x08: lambda: walk(tree, tree.mf, command.data, channel.application),
        0x09: lambda: walk(tree, channel.directory, command.data, channel.application),
    }
    way = ways.get(command.p1)
    return (way() or not_found) if way else 0x6A86


def walk(
    tree: FileTree, start: Found, path: bytes, application: SimulatedDirectory | None
) -> Found | None:
    """What a path of FIDs leads to; 7FFF at its head is the active application."""
    here: Found | None = start
    for at in range(0, len(path), 2):
        fid = int.from_bytes(path[at : at + 2], "big")
        if not isinstance(here, SimulatedDirectory):
            return None
        if fid == CURRENT_APPLICATION and at == 0:
            here = application or next(iter(tree.applications), None)
        elif fid != MF_FID:
            here = here.file(fid) or here.directory(fid)
    return here


def describe(found: Found, pins: Mapping[int, Pin], *, gsm: bool) -> bytes:
    """What SELECT answers: the FCP, or 22 or 15 bytes to class A0."""
    if found.fcp is not None and (found.fcp[:1] in {b"\x62", b"\x6f"}) != gsm:
        return found.fcp
    if isinstance(found, SimulatedFile):
        return encoding.gsm_answer_of_file(found) if gsm else encoding.fcp_of_file(found)
    return encoding.gsm_answer_of_directory(found, pins) if gsm else _fcp(found, pins)


def _fcp(directory: SimulatedDirectory, pins: Mapping[int, Pin]) -> bytes:
    enabled = {key: pin.enabled for key, pin in pins.items()}
    return encoding.fcp_of_directory(directory.fid, directory.aid, enabled)
