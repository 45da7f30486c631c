"""The files that the broker's keys name: readable, a pair, and how many days they still count."""

import ssl
from collections.abc import Callable
from pathlib import Path

from agent.doctor.finding import Finding, Seen, failure, fine, not_applicable, warning, worst
from agent.doctor.surroundings import Surroundings
from agent.doctor.x509 import Validity, validities
from agent.i18n import mark
from agent.i18n.said import Said, say
from agent.notices.certificates import DAYS

NONE_NAMED = mark("no certificate is configured")


def certificate(s: Surroundings) -> Finding:
    """The device's own certificate."""
    return _dated(
        s,
        "broker.cert",
        s.settings.broker.cert,
        say("renew the certificate now; with a CA of your own, ask its owner"),
    )


def authority(s: Surroundings) -> Finding:
    """The certificates that the broker's is checked against: all in the file, the first to end."""
    return _dated(s, "broker.ca", s.settings.broker.ca, say("get the CA's new certificate"))


def _dated(s: Surroundings, key: str, file: Path | None, do: Said) -> Finding:
    if file is None:
        return not_applicable(say(NONE_NAMED))
    text = _content(s, key, file)
    if isinstance(text, Finding):
        return text
    try:
        found = validities(text)
    except ValueError:
        found = []
    if not found:
        fix = say("put a certificate in PEM form there")
        return failure(say("{key}: {file} holds no certificate", key=key, file=str(file)), fix)
    return worst(judged(s, each, str(file), do) for each in found)


def judged(s: Surroundings, found: Validity, source: str, do: Said) -> Finding:
    """Whether a certificate counts today, by this machine's clock, as TLS will see it."""
    now = s.now()
    seen = Seen(source, f"{found.not_before:%Y-%m-%d} to {found.not_after:%Y-%m-%d}")
    days = (found.not_after - now).days
    if now < found.not_before:
        said = say(
            "counts only from {date} on, by this machine's clock",
            date=f"{found.not_before:%Y-%m-%d}",
        )
        return failure(said, say("see whether the clock is right"), seen)
    if now >= found.not_after:
        return failure(say("expired on {date}", date=f"{found.not_after:%Y-%m-%d}"), do, seen)
    if days < DAYS[0]:
        return warning(say("expires in {days} days", days=days), do, seen)
    return fine(say("{days} days left", days=days), seen)


def key_pair(s: Surroundings) -> Finding:
    """Whether the device's key belongs to its certificate."""
    cert, key = s.settings.broker.cert, s.settings.broker.key
    if cert is None and key is None:
        return not_applicable(say(NONE_NAMED))
    if cert is None:
        do = say("give broker.cert as well")
        return failure(say("broker.key is of no use without broker.cert"), do)
    contents = [
        _content(s, name, file)
        for name, file in (("broker.cert", cert), ("broker.key", key))
        if file is not None
    ]
    missing = next((each for each in contents if isinstance(each, Finding)), None)
    return missing or _pair(cert, key)


def _pair(cert: Path, key: Path | None) -> Finding:
    seen = (Seen("broker.cert", str(cert)), Seen("broker.key", str(key or cert)))
    asked: list[bool] = []

    def no_password() -> str:
        asked.append(True)
        return "-"

    problem = _pairing(cert, key, no_password)
    if problem is None:
        return fine(say("key and certificate belong together"), *seen)
    if asked:
        do = say("take the password off: openssl pkey -in OLD -out NEW; nobody types it at boot")
        return failure(say("the key is protected by a password"), do, *seen)
    if "MISMATCH" in problem:
        do = say("put the key that the certificate was made for there")
        return failure(say("the key does not belong to the certificate"), do, *seen)
    do = say("put key and certificate in PEM form there")
    return failure(say("key or certificate cannot be used: {error}", error=problem), do, *seen)


def _pairing(cert: Path, key: Path | None, password: Callable[[], str]) -> str | None:
    """What OpenSSL says against the pair; None for nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_cert_chain(cert, key, password=password)
    except ssl.SSLError as error:
        return error.reason or str(error)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _content(s: Surroundings, key: str, file: Path) -> str | Finding:
    text = s.text(file)
    if text is None:
        do = say("put the file there, or correct {key}", key=key)
        return failure(say("{key}: there is no file {file}", key=key, file=str(file)), do)
    return text
