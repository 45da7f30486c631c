"""What a broken card does: no answer, errors of its memory, garbage, contact lost."""

from __future__ import annotations

import random
from dataclasses import dataclass

NO_ANSWER = b""
_GARBAGE_SEED = 4711


@dataclass(frozen=True)
class Fault:
    """One way in which a card is broken.

    `answer` is a status word in hexadecimal, `none` (mute), `garbage` or `pulled` (contact lost).
    It shows from command `after` of a session on (0: the first), for the instruction `ins` alone
    and while the file `fid` is selected where these are given, and `times` times in all, else for
    ever.
    """

    answer: str
    after: int = 0
    ins: int | None = None
    fid: int | None = None
    times: int | None = None

    @classmethod
    def of_table(cls, table: dict[str, object]) -> Fault:
        """From a profile: `ins` and `fid` in hexadecimal.

        Raises:
            ValueError, TypeError: no such fault.
        """
        words = dict(table)
        for name in ("ins", "fid"):
            if name in words:
                words[name] = int(str(words[name]), 16)
        fault = cls(**words)  # type: ignore[arg-type]
        if fault.answer not in {"none", "garbage", "pulled"}:
            int(fault.answer, 16)
        return fault


class Damage:
    """The faults of one card, and how far they have come."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults
        self._shown = [0] * len(faults)
        self._asked = 0
        self._random = random.Random(_GARBAGE_SEED)

    def reset(self) -> None:
        """A new session."""
        self._asked = 0

    def meets(self, ins: int, fid: int | None) -> str | None:
        """The answer of the first fault that this command meets; None where the card works."""
        number = self._asked
        self._asked += 1
        for at, fault in enumerate(self._faults):
            if (
                number >= fault.after
                and fault.ins in {None, ins}
                and fault.fid in {None, fid}
                and (fault.times is None or self._shown[at] < fault.times)
            ):
                self._shown[at] += 1
                return fault.answer
        return None

    def garbage(self) -> bytes:
        """Bytes that are no answer: the same row of them in every run."""
        return self._random.randbytes(self._random.randrange(1, 40))
