"""A recording as a dialogue that can be played back."""

from modem.at.finals import is_final
from modem.recording.walk import UNKNOWN_COMMAND, Exchange, Recording, echoes
from modem.simulator.device import same_command
from modem.simulator.dialogue import Answer, Dialogue
from modem.simulator.dialogue_text import lines_of

_SHORTEST_WAIT_S = 0.001


def dialogue_of(recording: Recording, *, source: str) -> Dialogue:
    """The recording's exchanges; `source` says where they come from."""
    exchanges: dict[str, tuple[Answer, ...]] = {}
    for exchange in recording.exchanges:
        if exchange.command != UNKNOWN_COMMAND:
            key = same_command(exchange.command)
            answer = _answer(exchange, echo=recording.echo)
            if answer not in exchanges.get(key, ())[-1:]:
                exchanges[key] = (*exchanges.get(key, ()), answer)
    revision = _one_line(recording.revision)
    silent = sum(exchange.never for exchange in recording.exchanges)
    return Dialogue(
        exchanges=exchanges,
        model=_one_line(recording.model),
        provenance="recorded",
        source=source,
        note=f"revision {revision}; {len(exchanges)} commands, {silent} never answered",
        echo=recording.echo,
        unknown=_unknown(recording),
    )


def _one_line(text: str) -> str:
    """A header is a line; some modems say their revision in several."""
    return " ".join(text.split())


def _answer(exchange: Exchange, *, echo: bool) -> Answer:
    wait_s = round(exchange.wait_s, 3)
    wait_s = wait_s if wait_s >= _SHORTEST_WAIT_S else 0.0
    if exchange.never:
        return Answer(never=True)
    body = exchange.data
    typed = exchange.command.encode("latin-1") + b"\r"
    if echo and body.startswith(typed):
        lines = lines_of(body[len(typed) :])
    else:
        lines = None if echo or echoes(exchange.command, body) else lines_of(body)
    if lines is not None:
        return Answer(lines=lines, wait_s=wait_s)
    return Answer(raw=body, wait_s=wait_s)


def _unknown(recording: Recording) -> str | None:
    """The final result that the modem has for a command that it lacks; None: it says nothing."""
    for exchange in recording.exchanges:
        if exchange.command == UNKNOWN_COMMAND and not exchange.never:
            lines = exchange.data.decode("latin-1").replace("\r", "\n").split("\n")
            finals = [line.strip() for line in lines if is_final(line.strip())]
            own = [line.strip() for line in lines if line.strip() not in {"", UNKNOWN_COMMAND}]
            return (finals or own or ["ERROR"])[-1]
    return None
