"""What an entry of signed evidence says: read, answered, judged or done, each with its time. Pure.

The bodies that `cloud_bridge.certificate.sign` takes. Values are texts, whole numbers, marks, lists
and objects of them; a level with a fraction is given as text (`"-10.5"`).
"""

from typing import Any, Final, NamedTuple

Json = dict[str, Any]

READ: Final = "read"
ANSWERED: Final = "answered"
GATE: Final = "gate"
DONE: Final = "done"


class When(NamedTuple):
    """Seconds since boot, and UTC where the clock was known to be right."""

    up_s: float
    at: str | None

    def body(self) -> Json:
        """As an entry holds it."""
        return {"up_s": int(self.up_s), "at": self.at}


def was_read(when: When, path: str, value: Any, command: str) -> Json:
    """A value of the snapshot by its path, and the command that asked for it."""
    return {"what": READ, **when.body(), "path": path, "value": value, "command": command}


def was_answered(when: When, question: str, value: Any, by: str, note: str | None = None) -> Json:
    """What a person said, and who that was."""
    return {
        "what": ANSWERED,
        **when.body(),
        "question": question,
        "value": value,
        "by": by,
        "note": note,
    }


def was_judged(when: When, gate: str, result: str, source: str, reason: str | None) -> Json:
    """A gate's result; `source` is device, operator or backend."""
    return {
        "what": GATE,
        **when.body(),
        "gate": gate,
        "result": result,
        "source": source,
        "reason": reason,
    }


def was_done(when: When, step: str, result: str, command: str | None = None) -> Json:
    """A step, what came of it (as read back), and the command that did it."""
    return {"what": DONE, **when.body(), "step": step, "result": result, "command": command}
