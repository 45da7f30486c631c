"""Packet contexts written: what defines them, and what they log in with.

3GPP TS 27.007 clauses 10.1.1 (+CGDCONT) and 10.1.31 (+CGAUTH), both unread; answers of +CGAUTH?
from logs of a BG96 and a SIM7600 (user and password), a WP76 and a PLS62 (the user alone).
"""

from typing import NamedTuple

from modem.at.syntax import to_int
from modem.commands.base import PrefixedCommand, SettingCommand
from modem.errors import AtUsageError

Fields = tuple[str | None, ...]


class ContextRow(NamedTuple):
    """One context as +CGDCONT? has it: `fields` are all that stands behind the cid, in order."""

    cid: int
    fields: Fields

    @property
    def pdp_type(self) -> str:
        """`IP`, `IPV4V6` and such; empty where the modem says none."""
        return (self.fields[0] or "").upper() if self.fields else ""

    @property
    def apn(self) -> str:
        """Empty where there is none: the network then chooses."""
        return self.fields[1] or "" if len(self.fields) > 1 else ""

    @property
    def for_emergency(self) -> bool:
        """Whether it is kept for emergency bearers: `<request_type>` 1."""
        return len(self.fields) > 6 and self.fields[6] == "1"


class ReadContextRows(PrefixedCommand[tuple[ContextRow, ...]]):
    """AT+CGDCONT?: the contexts with every field, to be written back as they were."""

    text = "AT+CGDCONT?"
    prefixes = ("+CGDCONT",)

    def parse(self, lines: tuple[str, ...]) -> tuple[ContextRow, ...]:
        """One for each line, as they come; none is an answer too."""
        found = []
        for row in self.rows(lines) if lines else ():
            cid = to_int(row[0]) if row else None
            if cid is None:
                raise self.refuse(lines)
            found.append(ContextRow(cid, row[1:]))
        return tuple(found)


class DefineContext(SettingCommand):
    """AT+CGDCONT=<cid>,...: write a context; without fields, take it away."""

    def __init__(self, cid: int, fields: Fields = ()) -> None:
        self.text = f"AT+CGDCONT={written(cid, fields, texts=range(3))}"


class Authentication(NamedTuple):
    """What a context logs in with: `protocol` 0 none, 1 PAP, 2 CHAP, then user and password.

    `fields` are as many as the modem tells. `beside` is what has to be written with them.
    """

    cid: int
    protocol: int
    fields: Fields
    beside: Fields = ()

    @property
    def is_set(self) -> bool:
        """Whether there is anything to take away: a protocol with empty words is nothing."""
        return any(self.fields) or (self.protocol != 0 and not self.fields)

    @property
    def tells_password(self) -> bool:
        """Whether user and password stand there both: only then it can be written back."""
        return len(self.fields) > 1 and all(self.fields[:2])

    def cleared(self) -> "Authentication":
        """The same context, logging in with nothing."""
        return self._replace(protocol=0, fields=())


class SetAuthentication(SettingCommand):
    """AT+CGAUTH=<cid>,<protocol>,...; protocol 0 alone removes user and password."""

    def __init__(self, row: Authentication) -> None:
        self._cid = row.cid
        fields = (str(row.protocol), *row.fields)
        self.text = f"AT+CGAUTH={written(row.cid, fields, texts=range(1, 3))}"

    @property
    def shown(self) -> str:
        """The command without what it logs in with."""
        return f"AT+CGAUTH={self._cid},***"


class ReadAuthentication(PrefixedCommand[tuple[Authentication, ...]]):
    """AT+CGAUTH?: what the contexts log in with; some modems leave out passwords, some users."""

    text = "AT+CGAUTH?"
    prefixes = ("+CGAUTH",)
    writer = SetAuthentication

    def parse(self, lines: tuple[str, ...]) -> tuple[Authentication, ...]:
        """One for each line; none is an answer too."""
        found = []
        for row in self.rows(lines) if lines else ():
            cid, protocol = (to_int(field) for field in [*row, None, None][:2])
            if cid is None or protocol is None:
                raise self.refuse(lines)
            found.append(Authentication(cid, protocol, row[2:]))
        return tuple(found)


def written(cid: int, fields: Fields, texts: range) -> str:
    """The fields of a command line behind a cid; those at `texts` are quoted.

    Raises:
        AtUsageError: a field cannot stand between quotes.
    """
    words = [str(cid)]
    for at, field in enumerate(fields):
        if field is not None and ('"' in field or not field.isprintable()):
            raise AtUsageError("a field with a quote cannot be written")
        quoted = at in texts and field is not None
        words.append(f'"{field}"' if quoted else field or "")
    return ",".join(words).rstrip(",")
