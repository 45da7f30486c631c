"""What whoever keeps a modem's port wants set in it, and sets again after each of its restarts."""

from modem.commands.base import SettingCommand
from modem.commands.control import SetNumericErrors, SwitchEchoOff
from modem.commands.registration import PREFIX_OF_DOMAIN, ReadRegistration, SetRegistrationReports
from modem.engine import Engine
from modem.errors import AtCommandError, AtProtocolError, AtTimeout
from modem.vendors.profile import Profile

_REPORT_CHANGES = 1


class _Setting(SettingCommand):
    def __init__(self, text: str) -> None:
        self.text = text


def prepare(engine: Engine, profile: Profile) -> tuple[str, ...]:
    """Echo off, numbered errors, reports of registration and card on; the texts that were refused.

    Registration reports that are on already stay as they are: somebody wants more than we do.
    Nothing of this outlives a restart of the modem.

    Raises:
        PortError: the port went away.
    """
    settings: list[SettingCommand] = [SwitchEchoOff(), SetNumericErrors()]
    settings += [
        SetRegistrationReports(domain, _REPORT_CHANGES)
        for domain in PREFIX_OF_DOMAIN
        if domain not in profile.unsupported and _reports(engine, domain) == 0
    ]
    settings += [_Setting(text) for text in profile.card_reports]
    return tuple(each.text for each in settings if not _taken(engine, each))


def _reports(engine: Engine, domain: str) -> int | None:
    """`<n>` as it stands; None where the modem does not say."""
    try:
        return engine.run(ReadRegistration(domain)).n
    except (AtCommandError, AtTimeout, AtProtocolError):
        return None


def _taken(engine: Engine, setting: SettingCommand) -> bool:
    try:
        engine.run(setting)
    except (AtCommandError, AtTimeout, AtProtocolError):
        return False
    return True
