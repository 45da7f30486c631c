"""What can go wrong with a modem, by who is at fault."""


class ModemError(Exception):
    """Base of all errors of this package."""


class AtUsageError(ModemError, ValueError):
    """We asked for something that cannot be sent (a line break in a command, an empty text)."""


class PortError(ModemError, OSError):
    """The way to the modem is broken."""


class PortUnavailable(PortError):  # noqa: N818 - the field says what happened, not "error"
    """The port could not be opened: `url`, and `reason` in words (missing, taken, not allowed)."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class PortTaken(PortUnavailable):
    """Another program has the port; `programs` are their names, none where nobody may know."""

    def __init__(self, url: str, reason: str, programs: tuple[str, ...]) -> None:
        super().__init__(url, reason)
        self.programs = programs


class PortLost(PortError):  # noqa: N818
    """The port was open and is gone (unplugged, closed by the other end)."""


class CoexistError(ModemError):
    """ModemManager manages the modem and cannot be kept away from it: `reason` in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AtTimeout(ModemError, TimeoutError):  # noqa: N818
    """The modem did not answer `command` within `timeout_s` seconds."""

    def __init__(self, command: str, timeout_s: float) -> None:
        super().__init__(f"{command}: timeout {timeout_s:g} s")
        self.command = command
        self.timeout_s = timeout_s


class AtCommandError(ModemError):
    """The modem refused `command` with the final result `final`, as it wrote it."""

    def __init__(self, command: str, final: str) -> None:
        super().__init__(f"{command}: {final}")
        self.command = command
        self.final = final


class CmeError(AtCommandError):
    """`+CME ERROR`; `code` is None where the words are unknown (3GPP TS 27.007 clause 9.2)."""

    def __init__(self, command: str, final: str, code: int | None) -> None:
        super().__init__(command, final)
        self.code = code


class CmsError(AtCommandError):
    """`+CMS ERROR`; `code` is None where the words are unknown (3GPP TS 27.005 clause 3.2.5)."""

    def __init__(self, command: str, final: str, code: int | None) -> None:
        super().__init__(command, final)
        self.code = code


class AtProtocolError(ModemError):
    """The modem answered `command` with something that is no answer to it; `lines` is what came."""

    def __init__(self, command: str, reason: str, lines: tuple[str, ...] = ()) -> None:
        super().__init__(f"{command}: {reason}")
        self.command = command
        self.reason = reason
        self.lines = lines
