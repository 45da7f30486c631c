"""What the simulated card does with one command."""

from __future__ import annotations

from collections.abc import Callable

from sim.simulator import access, contents, selection
from sim.simulator.channels import Channel, Channels
from sim.simulator.contents import UPDATE_BINARY, UPDATE_RECORD, Answer, Command
from sim.simulator.euicc import STORE_DATA, store_data
from sim.simulator.pin import Pin, pin_command
from sim.simulator.profile import CardProfile
from sim.simulator.toolkit import INSTRUCTIONS as TOOLKIT
from sim.simulator.toolkit import Toolkit
from sim.simulator.tree import FileTree, SimulatedFile

SELECT, READ_BINARY, READ_RECORD, STATUS, GET_RESPONSE = 0xA4, 0xB0, 0xB2, 0xF2, 0xC0
_MANAGE_CHANNEL, _AUTHENTICATE = 0x70, 0x88
_PIN_COMMANDS = (0x20, 0x24, 0x26, 0x28, 0x2C)
_WRONG_MAC = 0x9862
_MOST_AT_ONCE = 256


class Processor:
    """The commands of a card, and what a session with it has selected and shown."""

    def __init__(self, profile: CardProfile) -> None:
        self._profile = profile
        self._behaviour = profile.behaviour
        self.toolkit = Toolkit(bytes.fromhex(each) for each in profile.behaviour.proactive)
        self._handlers: dict[int, Callable[[Command, Channel], Answer]] = {
            SELECT: self._select,
            READ_BINARY: self._binary,
            READ_RECORD: self._record,
            STATUS: self._status,
            UPDATE_BINARY: self._binary,
            UPDATE_RECORD: self._record,
            _MANAGE_CHANNEL: self._manage_channel,
            _AUTHENTICATE: self._authenticate,
            STORE_DATA: self._store_data,
            **dict.fromkeys(_PIN_COMMANDS, self._pin_command),
            **dict.fromkeys(TOOLKIT, self._toolkit_command),
        }
        self.reset()

    @property
    def tree(self) -> FileTree:
        """The files that the card shows now."""
        return self._profile.content.tree

    def reset(self) -> None:
        """A new session."""
        self._channels = Channels(self.tree.mf, self._behaviour.logical_channels)
        for pin in self._profile.pins.values():
            pin.verified = False
        self.toolkit.reset()

    def selected_fid(self, command: Command) -> int | None:
        """The file that is selected on the command's channel."""
        channel = self._channel(command)
        if isinstance(channel, int) or channel.file is None:
            return None
        return channel.file.fid

    def answer(self, command: Command) -> Answer:
        """Data and status word."""
        data, sw = self._dispatch(command)
        if sw == 0x9000 and self.toolkit.pending:
            sw = 0x9100 | self.toolkit.pending & 0xFF
        return data, sw

    def _channel(self, command: Command) -> Channel | int:
        return self._channels.basic if command.gsm else self._channels.of_class(command.cla)

    def _dispatch(self, command: Command) -> Answer:
        if not (self._behaviour.class_gsm if command.gsm else self._behaviour.class_uicc):
            return b"", 0x6E00
        channel = self._channel(command)
        if isinstance(channel, int):
            return b"", channel
        if command.ins == GET_RESPONSE:
            return _fetch(command, channel)
        channel.waiting = b""
        handler = self._handlers.get(command.ins)
        return handler(command, channel) if handler else (b"", 0x6D00)

    # Selection

    def _select(self, command: Command, channel: Channel) -> Answer:
        found = selection.find(command, channel, self.tree)
        if isinstance(found, int):
            return b"", found
        channel.record = 0
        if isinstance(found, SimulatedFile):
            channel.file = found
        else:
            channel.directory, channel.file = found, None
            channel.application = found.application or channel.application
        done = 0x9000
        if isinstance(found, SimulatedFile) and found.deactivated and not command.gsm:
            done = 0x6283
        if command.p2 & 0x0C == 0x0C and not command.gsm:
            return b"", done
        return self._answer_later(command, channel, self.describe(found, gsm=command.gsm), done)

    def describe(self, found: selection.Found, *, gsm: bool) -> bytes:
        """What SELECT answers for a file or directory."""
        return selection.describe(found, self._profile.pins, gsm=gsm)

    def _answer_later(
        self, command: Command, channel: Channel, answer: bytes, done: int = 0x9000
    ) -> Answer:
        if self._behaviour.answer == "inline" and len(answer) <= _MOST_AT_ONCE:
            return answer, done
        channel.waiting = answer
        if done != 0x9000:
            return b"", done
        return b"", _more(command, len(answer))

    def _status(self, command: Command, channel: Channel) -> Answer:
        if command.gsm:
            return self.describe(channel.directory, gsm=command.gsm)[: command.le], 0x9000
        if command.p2 == 0x0C:
            return b"", 0x9000
        if command.p2 == 0x01:
            application = channel.application
            aid = application.aid if application else b""
            answer = b"\x84" + bytes((len(aid),)) + aid
        else:
            answer = self.describe(channel.directory, gsm=command.gsm)
        if command.le != len(answer):
            return b"", 0x6C00 | len(answer) & 0xFF
        return answer, 0x9000

    # Contents

    def _binary(self, command: Command, channel: Channel) -> Answer:
        offset = command.p1 << 8 | command.p2
        if command.p1 & 0x80:
            if not self._select_short(command.p1 & 0x1F, channel):
                return b"", 0x6A82
            offset = command.p2
        if channel.file is None:
            return b"", 0x9400 if command.gsm else 0x6986
        return self.content(channel.file, channel, command, offset)

    def _record(self, command: Command, channel: Channel) -> Answer:
        short = command.p2 >> 3
        if short and not command.gsm and not self._select_short(short, channel):
            return b"", 0x6A82
        if channel.file is None:
            return b"", 0x9400 if command.gsm else 0x6986
        return self.content(channel.file, channel, command, 0)

    def _select_short(self, sfi: int, channel: Channel) -> bool:
        """Whether the current directory has a file with this short identifier; then select it."""
        found = next((file for file in channel.directory.files if file.sfi == sfi), None)
        if found is not None:
            channel.file, channel.record = found, 0
        return found is not None

    def content(
        self, file: SimulatedFile, channel: Channel, command: Command, offset: int
    ) -> Answer:
        """Read or write `file`, as the command says."""
        binary = command.ins in {READ_BINARY, UPDATE_BINARY}
        mode = "update" if command.ins in {UPDATE_BINARY, UPDATE_RECORD} else "read"
        rule = access.rule_of(file, mode)
        allowed = any(all(self._is_open(key) for key in way) for way in rule)
        if refused := contents.refusal(file, command, transparent=binary, allowed=allowed):
            return b"", refused
        if not binary:
            answer, channel.record = contents.access_record(file, command, channel.record)
            return answer
        if mode == "update":
            return b"", contents.write_binary(file, offset, command)
        quirks = self._behaviour
        return contents.read_binary(
            file, offset, command, le_zero=quirks.le_zero, overlong=quirks.overlong
        )

    def _is_open(self, key: int) -> bool:
        pin = self._profile.pins.get(key)
        return pin is not None and pin.state == "ready"

    # PINs, the toolkit, applications

    def _pin_command(self, command: Command, _channel: Channel) -> Answer:
        pin = self._pin_of(command)
        if pin is None:
            return b"", 0x6B00 if command.gsm else 0x6A88
        quirk = self._behaviour.pin_query
        if not command.data and command.ins in {0x20, 0x2C} and quirk and not command.gsm:
            return b"", int(quirk, 16)
        return b"", pin_command(pin, command.ins, command.data, gsm=command.gsm)

    def _pin_of(self, command: Command) -> Pin | None:
        pins = self._profile.pins
        if not command.gsm:
            return pins.get(command.p2)
        # UNBLOCK CHV names CHV1 by 00, the others by 01.
        keys = {0x00: access.PIN1, 0x01: access.PIN1, 0x02: access.PIN2}
        return pins.get(keys.get(command.p2, 0))

    def _manage_channel(self, command: Command, channel: Channel) -> Answer:
        return self._channels.manage(command, channel)

    def _authenticate(self, command: Command, _channel: Channel) -> Answer:
        """No network of ours has the key: any challenge is one that the card does not believe."""
        if not self._is_open(access.PIN1):
            return b"", 0x9804 if command.gsm else 0x6982
        return b"", 0x6D00 if command.gsm else _WRONG_MAC

    def _toolkit_command(self, command: Command, _channel: Channel) -> Answer:
        return self.toolkit.answer(command.ins, command.data, command.le)

    def _store_data(self, command: Command, channel: Channel) -> Answer:
        euicc = self._profile.euicc
        is_there = euicc is not None and channel.application is euicc.isd_r
        if euicc is None or not is_there or command.gsm:
            return b"", 0x6D00
        answer, sw = store_data(euicc, command.p1, command.data)
        return self._answer_later(command, channel, answer) if answer else (b"", sw)


def _fetch(command: Command, channel: Channel) -> Answer:
    waiting = channel.waiting
    if not waiting:
        return b"", 0x6F00
    if command.le > len(waiting) or (command.le == 256 and len(waiting) < 256):
        return b"", 0x6C00 | len(waiting) & 0xFF
    channel.waiting = waiting[command.le :]
    if channel.waiting:
        return waiting[: command.le], _more(command, len(channel.waiting))
    return waiting, 0x9000


def _more(command: Command, left: int) -> int:
    """So many bytes wait; 00 stands for 256 and more."""
    return (0x9F00 if command.gsm else 0x6100) | min(left, _MOST_AT_ONCE) & 0xFF
