"""A sentence to be said later: a text of the catalogue and what stands in its fields."""

from typing import Any, NamedTuple

from agent.i18n import reason_text, t


class Said(NamedTuple):
    """A text of the catalogue with its fields; a field may be a `Said` itself, or a list of them.

    A field named `reason` that is a text is a reason of `agent.i18n.reason_text`.
    """

    text: str
    fields: dict[str, Any]

    def in_words(self) -> str:
        """The sentence, in the language spoken."""
        return t(self.text, **{name: _field(name, each) for name, each in self.fields.items()})


def _field(name: str, value: Any) -> Any:
    if isinstance(value, Said):
        return value.in_words()
    if isinstance(value, list):
        return t(", ").join(each.in_words() for each in value)
    return reason_text(value) if name == "reason" and isinstance(value, str) else value


def say(text: str, /, **fields: Any) -> Said:
    """A text of the catalogue, to be said later, in whatever language."""
    return Said(text, fields)
