"""The simulated card itself: bytes of a command in, bytes of the answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.simulator import contents, encoding
from sim.simulator.contents import UPDATE_BINARY, UPDATE_RECORD, Answer, Command
from sim.simulator.pin import pin_command
from sim.simulator.profile import Behaviour, CardProfile, load_profile, profile_of_files
from sim.simulator.tree import MF_FID, SimulatedDirectory, SimulatedFile

Found = SimulatedDirectory | SimulatedFile
_GSM = 0xA0
_CRSM_TO_INS = {176: 0xB0, 178: 0xB2, 192: 0xC0, 214: 0xD6, 220: 0xDC, 242: 0xF2}


@dataclass
class _Channel:
    """What one logical channel has selected, and the answer that waits for GET RESPONSE.

    `application` is the one that is active: it stays so while other directories are selected.
    """

    directory: SimulatedDirectory
    application: SimulatedDirectory | None = None
    file: SimulatedFile | None = None
    waiting: bytes = b""


class SimulatedCard:
    """A card made of a profile; `transmit` is its contact plate, `crsm` a modem's way to it."""

    def __init__(self, profile: CardProfile) -> None:
        self._profile = profile
        self._tree = profile.tree
        self._behaviour = profile.behaviour
        self._pin = profile.pin1
        self._channels: dict[int, _Channel] = {}
        self._handlers: dict[int, Callable[[Command, _Channel], Answer]] = {
            0xA4: self._select,
            0xB0: self._binary,
            0xB2: self._record,
            0xF2: self._status,
            UPDATE_BINARY: self._binary,
            UPDATE_RECORD: self._record,
            0x70: self._manage_channel,
            **dict.fromkeys((0x20, 0x24, 0x26, 0x28, 0x2C), self._pin_command),
        }
        self.reset()

    @classmethod
    def load(cls, profile: Mapping[str, Any] | str | Path) -> SimulatedCard:
        """The card of a profile, given as a mapping or as the path of a TOML file."""
        return cls(load_profile(profile))

    @classmethod
    def from_toml(cls, path: str | Path) -> SimulatedCard:
        """The card of a profile file."""
        return cls(load_profile(path))

    @classmethod
    def from_files(
        cls,
        files: Iterable[Mapping[str, Any]],
        kind: str = "usim",
        atr: bytes = b"\x3b\x00",
        behaviour: Behaviour | None = None,
    ) -> SimulatedCard:
        """The card of a list of files with their FCPs, as card dumps have them."""
        return cls(profile_of_files(files, kind, atr, behaviour))

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._profile.atr

    @property
    def iccid(self) -> str | None:
        """The ICCID that the profile names."""
        return self._profile.identity.iccid

    @property
    def imsi(self) -> str | None:
        """The IMSI that the profile names."""
        return self._profile.identity.imsi

    @property
    def msisdn(self) -> str | None:
        """The telephone number that the profile names."""
        return self._profile.identity.msisdn

    @property
    def kind(self) -> str:
        """`usim` or `sim`."""
        return self._profile.kind

    def reset(self) -> bytes:
        """Power off and on: selections, channels and PIN verification are gone. The ATR."""
        self._channels = {0: _Channel(self._tree.mf)}
        self._pin.verified = self._profile.pin2.verified = False
        return self.atr

    # PINs

    def pin1_state(self) -> str:
        """`ready`, `pin`, `puk` or `blocked`, as a modem would say it."""
        return self._pin.state

    def retries(self) -> dict[str, int]:
        """Tries left, by `pin1`, `puk1`, `pin2` and `puk2`."""
        one, two = self._pin, self._profile.pin2
        return {
            "pin1": one.retries,
            "puk1": one.puk_retries,
            "pin2": two.retries,
            "puk2": two.puk_retries,
        }

    @property
    def pin1_enabled(self) -> bool:
        """Whether the card asks for PIN1."""
        return self._pin.enabled

    def verify_pin(self, value: str) -> bool:
        """Show PIN1: whether it was right. A wrong one costs a try."""
        return self._pin.verify(value)

    def unblock_pin(self, puk: str, new_value: str) -> bool:
        """Show the PUK and set a new PIN1: whether it was right. A wrong one costs a try."""
        return self._pin.unblock(puk, new_value)

    def switch_pin(self, value: str, *, enabled: bool) -> bool:
        """Have the card ask for PIN1 or not: whether `value` was right. A wrong one costs a try."""
        return self._pin.switch(value, enabled=enabled)

    def change_pin(self, value: str, new_value: str, *, second: bool = False) -> bool:
        """Change PIN1 (or PIN2): whether `value` was right. A wrong one costs a try."""
        return (self._profile.pin2 if second else self._pin).change(value, new_value)

    # The contact plate

    def transmit(self, apdu: bytes) -> bytes:
        """The whole answer to one command: data, then the status word."""
        command = _parse(apdu)
        if command is None:
            return b"\x67\x00"
        data, sw = self._dispatch(command)
        if sw == 0x9000 and self._behaviour.proactive_pending:
            sw = 0x9100 | self._behaviour.proactive_pending
        return data + sw.to_bytes(2, "big")

    def _dispatch(self, command: Command) -> Answer:
        known = self._behaviour.class_gsm if command.gsm else self._behaviour.class_uicc
        channel = self._channels.get(0 if command.gsm else command.cla & 0x03)
        if not known or (not command.gsm and command.cla & 0x60):
            return b"", 0x6E00
        if channel is None:
            return b"", 0x6881
        if command.ins == 0xC0:
            return _fetch(command, channel)
        channel.waiting = b""
        handler = self._handlers.get(command.ins)
        return handler(command, channel) if handler else (b"", 0x6D00)

    # Selection

    def _select(self, command: Command, channel: _Channel) -> Answer:
        found = self._find(command, channel)
        if isinstance(found, int):
            return b"", found
        if isinstance(found, SimulatedFile):
            channel.file = found
        else:
            channel.directory, channel.file = found, None
            channel.application = found.application or channel.application
        if command.p2 & 0x0C == 0x0C and not command.gsm:
            return b"", 0x9000
        return self._answer_later(command, channel, self._describe(found, command.gsm))

    def _find(self, command: Command, channel: _Channel) -> Found | int:
        """What is to be selected, or the status word that says why not."""
        not_found = 0x9404 if command.gsm else 0x6A82
        if command.p1 == 0x00:
            if len(command.data) != 2:
                return 0x6700
            fid = int.from_bytes(command.data, "big")
            if fid == 0x7FFF:
                return (None if command.gsm else channel.application) or not_found
            return self._tree.resolve(channel.directory, fid) or not_found
        if command.gsm:
            return 0x6B00
        ways: dict[int, Callable[[], Found | None]] = {
            0x03: lambda: channel.directory.parent,
            0x04: lambda: self._tree.application(command.data),
            0x08: lambda: self._walk(self._tree.mf, command.data, channel),
            0x09: lambda: self._walk(channel.directory, command.data, channel),
        }
        way = ways.get(command.p1)
        return (way() or not_found) if way else 0x6A86

    def _walk(self, start: SimulatedDirectory, path: bytes, channel: _Channel) -> Found | None:
        here: Found | None = start
        for at in range(0, len(path), 2):
            fid = int.from_bytes(path[at : at + 2], "big")
            if not isinstance(here, SimulatedDirectory):
                return None
            if fid == 0x7FFF and at == 0:
                here = channel.application or next(iter(self._tree.applications), None)
            elif fid != MF_FID:
                here = here.file(fid) or here.directory(fid)
        return here

    def _describe(self, found: Found, gsm: bool) -> bytes:
        if found.fcp is not None and (found.fcp[:1] in {b"\x62", b"\x6f"}) != gsm:
            return found.fcp
        if isinstance(found, SimulatedDirectory):
            if gsm:
                children = (len(found.directories), len(found.files))
                pin = (self._pin.enabled, self._pin.retries, self._pin.puk_retries)
                return encoding.gsm_answer_of_directory(found.fid, children, pin)
            return encoding.fcp_of_directory(found.fid, found.aid, self._pin.enabled)
        describe = encoding.gsm_answer_of_file if gsm else encoding.fcp_of_file
        pin1 = found.read == "pin1"
        return describe(found.fid, found.structure, found.size, found.record_length, pin1)

    def _answer_later(self, command: Command, channel: _Channel, answer: bytes) -> Answer:
        if self._behaviour.answer == "inline":
            return answer, 0x9000
        channel.waiting = answer
        return b"", (0x9F00 if command.gsm else 0x6100) | len(answer) & 0xFF

    def _status(self, command: Command, channel: _Channel) -> Answer:
        answer = self._describe(channel.directory, command.gsm)
        if command.p2 == 0x0C and not command.gsm:
            return b"", 0x9000
        if command.gsm:
            return answer[: command.le], 0x9000
        if command.le != len(answer):
            return b"", 0x6C00 | len(answer) & 0xFF
        return answer, 0x9000

    # Contents

    def _binary(self, command: Command, channel: _Channel) -> Answer:
        offset = command.p1 << 8 | command.p2
        if command.p1 & 0x80:
            sfi = command.p1 & 0x1F
            channel.file = next((f for f in channel.directory.files if f.sfi == sfi), None)
            offset = command.p2
            if channel.file is None:
                return b"", 0x6A82
        if channel.file is None:
            return b"", 0x9400 if command.gsm else 0x6986
        return self._content(channel.file, offset, command)

    def _record(self, command: Command, channel: _Channel) -> Answer:
        if channel.file is None:
            return b"", 0x9400 if command.gsm else 0x6986
        return self._content(channel.file, 0, command)

    def _content(self, file: SimulatedFile, offset: int, command: Command) -> Answer:
        """Read or write `file`, as the command's instruction says."""
        binary = command.ins in {0xB0, UPDATE_BINARY}
        is_open = self.pin1_state() == "ready"
        if refused := contents.refusal(file, command, transparent=binary, open_=is_open):
            return b"", refused
        if command.ins == UPDATE_BINARY:
            return b"", contents.write_binary(file, offset, command)
        if command.ins == UPDATE_RECORD:
            return b"", contents.write_record(file, command)
        if not binary:
            return contents.read_record(file, command)
        behaviour = self._behaviour
        return contents.read_binary(
            file, offset, command, le_zero=behaviour.le_zero, overlong=behaviour.overlong
        )

    # PINs and channels over APDU

    def _pin_command(self, command: Command, _channel: _Channel) -> Answer:
        pins = {0x01: self._pin, 0x81: self._profile.pin2}
        if command.gsm:
            pins = {0x00: self._pin, 0x01: self._pin, 0x02: self._profile.pin2}
        pin = pins.get(command.p2)
        if pin is None:
            return b"", 0x6B00 if command.gsm else 0x6A88
        return b"", pin_command(pin, command.ins, command.data, gsm=command.gsm)

    def _manage_channel(self, command: Command, _channel: _Channel) -> Answer:
        if not self._behaviour.logical_channels or command.gsm:
            return b"", 0x6881
        if command.p1 == 0x80:
            if command.p2 == 0 or command.p2 not in self._channels:
                return b"", 0x6A86
            del self._channels[command.p2]
            return b"", 0x9000
        wanted = [command.p2] if command.p2 else range(1, self._behaviour.logical_channels + 1)
        free = next((n for n in wanted if n not in self._channels), None)
        if free is None or free > 3:
            return b"", 0x6A81
        self._channels[free] = _Channel(self._tree.mf)
        return (b"" if command.p2 else bytes((free,))), 0x9000

    # A modem's +CRSM

    def crsm(  # noqa: PLR0917 - the parameters of +CRSM, in its order
        self,
        command: int,
        fid: int,
        p1: int = 0,
        p2: int = 0,
        p3: int = 0,
        data: bytes = b"",
        path: str = "",
    ) -> tuple[int, int, bytes]:
        """SW1, SW2 and data of one +CRSM (3GPP TS 27.007 clause 8.18, unread).

        `command` is 176, 178, 192, 214, 220 or 242. `path` is hexadecimal, without the file itself;
        where it is empty the modem looks in the application, then in DF.GSM, DF.TELECOM and the
        MF. What is selected on the contact plate stays.
        """
        ins = _CRSM_TO_INS.get(command)
        writes = ins in {UPDATE_BINARY, UPDATE_RECORD}
        if ins is None or bool(data) != writes:
            return 0x6D, 0x00, b""
        gsm = not self._behaviour.class_uicc
        request = Command(_GSM if gsm else 0, ins, p1, p2, data, p3 or 256)
        if ins == 0xF2:
            return 0x90, 0x00, self._describe(self._home(), gsm)
        content, sw = self._crsm_answer(request, self._crsm_target(fid, path), p3)
        return sw >> 8, sw & 0xFF, content

    def _crsm_answer(self, request: Command, found: Found | None, p3: int) -> Answer:
        gsm = request.gsm
        if found is None:
            return b"", 0x9404 if gsm else 0x6A82
        if request.ins == 0xC0:
            return self._describe(found, gsm)[: p3 or 256], 0x9000
        if isinstance(found, SimulatedDirectory):
            return b"", 0x9408 if gsm else 0x6981
        if request.data and len(request.data) != p3:
            return b"", 0x6700
        return self._content(found, request.p1 << 8 | request.p2, request)

    def _home(self) -> SimulatedDirectory:
        if self._tree.applications and self._behaviour.class_uicc:
            return self._tree.applications[0]
        return self._tree.mf.directory(0x7F20) or self._tree.mf

    def _crsm_target(self, fid: int, path: str) -> Found | None:
        if path:
            whole = bytes.fromhex(path) + fid.to_bytes(2, "big")
            return self._walk(
                self._tree.mf, whole, _Channel(self._tree.mf, self._home().application)
            )
        if fid == MF_FID:
            return self._tree.mf
        gsm, telecom = (self._tree.mf.directory(fid) for fid in (0x7F20, 0x7F10))
        places = [self._tree.mf] if fid >> 8 == 0x2F else [self._home(), gsm, telecom]
        for place in places:
            found = place and (place.file(fid) or place.directory(fid))
            if found:
                return found
        return self._tree.mf.directory(fid)


def _fetch(command: Command, channel: _Channel) -> Answer:
    waiting = channel.waiting
    if not waiting:
        return b"", 0x6F00
    if command.le > len(waiting) or (command.le == 256 and len(waiting) < 256):
        return b"", 0x6C00 | len(waiting) & 0xFF
    channel.waiting = waiting[command.le :]
    if channel.waiting:
        sw = (0x9F00 if command.gsm else 0x6100) | len(channel.waiting) & 0xFF
        return waiting[: command.le], sw
    return waiting, 0x9000


def _parse(apdu: bytes) -> Command | None:
    """The parts of a short command; Le 00 is 256. None where the lengths do not fit."""
    if len(apdu) < 4:
        return None
    cla, ins, p1, p2 = apdu[:4]
    body = apdu[4:]
    if len(body) <= 1:
        return Command(cla, ins, p1, p2, b"", (body[0] if body else 0) or 256)
    count = body[0]
    data, end = body[1 : 1 + count], body[1 + count :]
    if len(data) != count or len(end) > 1:
        return None
    return Command(cla, ins, p1, p2, data, (end[0] if end else 0) or 256)
