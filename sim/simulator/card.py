"""The simulated card itself: bytes of a command in, bytes of the answer out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.simulator import access, restricted
from sim.simulator.channels import Channel
from sim.simulator.contents import UPDATE_BINARY, UPDATE_RECORD, Answer, Command
from sim.simulator.damage import NO_ANSWER, Damage
from sim.simulator.processor import GET_RESPONSE, STATUS, Processor
from sim.simulator.profile import Behaviour, CardProfile, load_profile, profile_of_files
from sim.simulator.selection import Found
from sim.simulator.tree import SimulatedDirectory, SimulatedFile

_REMEMBERED = 100_000
_REFRESH = bytes.fromhex("D009810301010482028182")
"""REFRESH, "UICC reset": what an eUICC asks for when its profile changed (unread)."""


class Asked(NamedTuple):
    """One command of the contact plate, and what the card answered."""

    command: bytes
    answer: bytes


class SimulatedCard:
    """A card made of a profile; `transmit` is its contact plate, `crsm` a modem's way to it."""

    def __init__(self, profile: CardProfile) -> None:
        self._profile = profile
        self._pin = profile.pin1
        self._damage = Damage(profile.faults)
        self._processor = Processor(profile)
        self._log: deque[Asked] = deque(maxlen=_REMEMBERED)
        self._counts: dict[int, int] = {}
        self._present = True

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
        *,
        adm_shown: bool = False,
    ) -> SimulatedCard:
        """The card of a list of files with their FCPs, as card dumps have them.

        `adm_shown`: as if the issuer's key were always open, as whoever made the dump had it.
        """
        profile = profile_of_files(files, kind, atr, behaviour)
        profile.adm.enabled = not adm_shown
        return cls(profile)

    # What it is

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._profile.atr

    @property
    def iccid(self) -> str | None:
        """The ICCID that the profile names."""
        return self._profile.content.identity.iccid

    @property
    def imsi(self) -> str | None:
        """The IMSI that the profile names."""
        return self._profile.content.identity.imsi

    @property
    def msisdn(self) -> str | None:
        """The telephone number that the profile names."""
        return self._profile.content.identity.msisdn

    @property
    def eid(self) -> str | None:
        """The number of an eUICC; None of any other card."""
        euicc = self._profile.euicc
        return None if euicc is None else euicc.eid

    @property
    def is_empty(self) -> bool:
        """Whether it is an eUICC on which no profile is enabled."""
        euicc = self._profile.euicc
        return euicc is not None and euicc.enabled is None

    @property
    def kind(self) -> str:
        """`usim`, `sim` or `euicc`."""
        return self._profile.kind

    def file(self, path: str) -> SimulatedFile:
        """The file at a path of hexadecimal FIDs and AIDs below the MF; for those who look inside.

        Raises:
            KeyError: there is none.
        """
        *directories, fid = path.split("/")
        found = self._processor.tree.make_directory(directories).file(int(fid, 16))
        if found is None:
            raise KeyError(path)
        return found

    # Its life

    @property
    def present(self) -> bool:
        """Whether it has contact: a fault of its profile may end that."""
        return self._present

    def reset(self) -> bytes:
        """Power off and on: selections, channels and PIN verification are gone. The ATR."""
        self._processor.reset()
        self._damage.reset()
        return self.atr

    def insert(self) -> None:
        """Give it contact again."""
        self._present = True
        self.reset()

    def pull(self) -> None:
        """Take its contact away: it answers nothing."""
        self._present = False

    def enable_profile(self, iccid: str | None) -> None:
        """An eUICC whose profile is exchanged behind the reader's back; None disables it.

        The card asks for a REFRESH, and goes on as after a reset.

        Raises:
            KeyError: it has no profile with this ICCID.
        """
        euicc = self._profile.euicc
        if euicc is None:
            raise KeyError(iccid)
        self._profile.content = euicc.enable(iccid)
        self._processor.toolkit.add(_REFRESH)
        self.reset()

    # What it was asked

    @property
    def log(self) -> tuple[Asked, ...]:
        """Every command and its answer, oldest first; of very many the last ones."""
        return tuple(self._log)

    def asked(self, ins: int) -> int:
        """How many commands with this instruction came, since the card was made."""
        return self._counts.get(ins, 0)

    @property
    def terminal_responses(self) -> tuple[bytes, ...]:
        """What the terminal said to the proactive commands that it fetched."""
        return tuple(self._processor.toolkit.responses)

    # PINs

    def pin1_state(self) -> str:
        """`ready`, `pin`, `puk` or `blocked`, as a modem would say it."""
        return self._pin.state

    def retries(self) -> dict[str, int]:
        """Tries left, by `pin1`, `puk1`, `pin2`, `puk2` and `adm`."""
        one, two, adm = self._profile.pins.values()
        return {
            "pin1": one.retries,
            "puk1": one.puk_retries,
            "pin2": two.retries,
            "puk2": two.puk_retries,
            "adm": adm.retries,
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
        return self._profile.pins[access.PIN2 if second else access.PIN1].change(value, new_value)

    # The contact plate

    def transmit(self, apdu: bytes) -> bytes:
        """The whole answer to one command: data, then the status word. Empty: there is none."""
        answer = self._answer(apdu)
        self._log.append(Asked(apdu, answer))
        if len(apdu) > 1:
            self._counts[apdu[1]] = self._counts.get(apdu[1], 0) + 1
        return answer

    def _answer(self, apdu: bytes) -> bytes:
        if not self._present:
            return NO_ANSWER
        command = Command.parse(apdu)
        if command is None:
            return b"\x67\x00"
        fault = self._damage.meets(command.ins, self._processor.selected_fid(command))
        if fault is not None:
            return self._broken(fault)
        data, sw = self._processor.answer(command)
        return data + sw.to_bytes(2, "big")

    def _broken(self, fault: str) -> bytes:
        if fault == "garbage":
            return self._damage.garbage()
        if fault == "pulled":
            self.pull()
        return NO_ANSWER if fault in {"none", "pulled"} else bytes.fromhex(fault)

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
        ins = restricted.INSTRUCTIONS.get(command)
        writes = ins in {UPDATE_BINARY, UPDATE_RECORD}
        if ins is None or bool(data) != writes:
            return 0x6D, 0x00, b""
        uicc = self._profile.behaviour.class_uicc
        request = Command(0x00 if uicc else 0xA0, ins, p1, p2, data, p3 or 256)
        home = restricted.home(self._processor.tree, uicc=uicc)
        if ins == STATUS:
            return 0x90, 0x00, self._processor.describe(home, gsm=request.gsm)
        found = restricted.target(self._processor.tree, home, fid, path)
        content, sw = self._crsm_answer(request, found, p3)
        return sw >> 8, sw & 0xFF, content

    def _crsm_answer(self, request: Command, found: Found | None, p3: int) -> Answer:
        if found is None:
            return b"", 0x9404 if request.gsm else 0x6A82
        if request.ins == GET_RESPONSE:
            return self._processor.describe(found, gsm=request.gsm)[: p3 or 256], 0x9000
        if isinstance(found, SimulatedDirectory):
            return b"", 0x9408 if request.gsm else 0x6981
        if request.data and len(request.data) != p3:
            return b"", 0x6700
        # Restricted access has no record pointer and no short identifiers.
        plain = Channel(self._processor.tree.mf)
        return self._processor.content(found, plain, request, request.p1 << 8 | request.p2)
