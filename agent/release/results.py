"""What a step of a release says: before, after, and when it is read back. Values alone."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from agent.i18n import in_both
from agent.i18n.said import Said

Json = dict[str, Any]

# What a plan says.
WOULD_DO: Final = "would_do"
NEEDS_HUMAN: Final = "needs_human"
# What a plan and a result say.
NOTHING_TO_DO: Final = "nothing_to_do"
NOT_AVAILABLE: Final = "not_available"
# What a result says.
DONE: Final = "done"
REFUSED: Final = "refused"

# Whether a step can be undone.
UNDO_ALL: Final = "all"
UNDO_PART: Final = "part"
UNDO_NONE: Final = "none"


def said_json(said: Said) -> Json:
    """A text with its fields, as it travels over the control socket and stands in a journal."""
    fields = {
        name: said_json(each) if isinstance(each, Said) else each
        for name, each in said.fields.items()
    }
    return {"text": said.text, "fields": fields}


def said_of(json: Json) -> Said:
    """Back from JSON."""
    fields = json["fields"].items()
    return Said(
        json["text"],
        {name: said_of(each) if isinstance(each, dict) else each for name, each in fields},
    )


def in_words(said: tuple[Said, ...]) -> list[dict[str, str]]:
    """In both languages, as documents hold it."""
    return [in_both(each.in_words) for each in said]


class Planned(NamedTuple):
    """What a step would do: `would_do`, `nothing_to_do`, `needs_human` or `not_available`.

    `needs_human` is what belongs to the card perhaps: it is named in `why` and never touched.
    `undo` is `all`, `part` or `none`; what cannot be undone is in `why`.
    """

    step: str
    result: str
    what: tuple[Said, ...] = ()
    why: tuple[Said, ...] = ()
    cuts_uplink: bool = False
    undo: str = UNDO_ALL

    def to_json(self) -> Json:
        """For the control socket."""
        return {
            "step": self.step,
            "result": self.result,
            "what": [said_json(each) for each in self.what],
            "why": [said_json(each) for each in self.why],
            "cuts_uplink": self.cuts_uplink,
            "undo": self.undo,
        }

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> "Planned":
        """Back from the control socket."""
        return cls(
            json["step"],
            json["result"],
            tuple(said_of(each) for each in json["what"]),
            tuple(said_of(each) for each in json["why"]),
            json["cuts_uplink"],
            json["undo"],
        )

    def document(self) -> Json:
        """For people and documents: the texts in both languages."""
        return {**self.to_json(), "what": in_words(self.what), "why": in_words(self.why)}


class StepResult(NamedTuple):
    """What came of doing or undoing: `done`, `nothing_to_do`, `refused` or `not_available`.

    `commands` are what was sent, called or moved, without secrets; of a refused step too.
    """

    result: str
    because: tuple[Said, ...] = ()
    commands: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """For the control socket."""
        return {
            "result": self.result,
            "because": [said_json(each) for each in self.because],
            "commands": list(self.commands),
        }

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> "StepResult":
        """Back from the control socket."""
        because = tuple(said_of(each) for each in json["because"])
        return cls(json["result"], because, tuple(json["commands"]))

    def document(self) -> Json:
        """For people, journal and evidence: the texts in both languages."""
        return {**self.to_json(), "because": in_words(self.because)}


class Proof(NamedTuple):
    """Read back: released or not, None where nobody can say; `evidence` is what was read.

    `available` is False where there is nothing that could be asked (no such command is known of
    this modem, no such program runs). Nothing in the evidence is a secret, nor a number of a
    subscriber.
    """

    released: bool | None
    evidence: Json
    available: bool = True

    def to_json(self) -> Json:
        """For the control socket, journal and evidence."""
        return self._asdict()

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> "Proof":
        """Back from JSON."""
        return cls(json["released"], dict(json["evidence"]), json["available"])


def all_released(proofs: Iterable[Proof]) -> bool | None:
    """Whether a card is released, by what all the steps read back.

    No: a step says no. None: something that can be asked did not answer, or nothing at all could
    be asked. What cannot be asked says neither.
    """
    told = [proof.released for proof in proofs if proof.available]
    if False in told:
        return False
    return True if told and None not in told else None


def settled(commands: list[str], because: list[Said], *, acted: bool) -> StepResult:
    """The result of a step: refused where anything was refused, else done or nothing to do."""
    if because:
        return StepResult(REFUSED, tuple(because), tuple(commands))
    return StepResult(DONE if acted else NOTHING_TO_DO, (), tuple(commands))
