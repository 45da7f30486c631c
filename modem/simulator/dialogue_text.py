"""A dialogue as the text of a file, which `Dialogue.parse` reads back byte for byte."""

from modem.simulator.dialogue import Answer, Dialogue

_NAMES_OF_ENDS = {b"\r\n": "crlf", b"\r": "cr", b"\n": "lf"}


def dialogue_text(dialogue: Dialogue) -> str:
    """Headers, what is said at start, commands and answers in their order."""
    lines = [
        f"model: {dialogue.model}",
        f"provenance: {dialogue.provenance}",
        f"source: {dialogue.source}",
        *([f"note: {dialogue.note}"] if dialogue.note else []),
        f"echo: {'on' if dialogue.echo else 'off'}",
        f"unknown: {'never' if dialogue.unknown is None else dialogue.unknown}",
        *([] if dialogue.line_end == b"\r\n" else [_line_end(dialogue)]),
        "",
        *(f"! {line}" for line in dialogue.boot_urcs),
    ]
    for command, answers in dialogue.exchanges.items():
        for answer in answers:
            lines += [f"> {command}", *_answer_lines(answer)]
    return "\n".join(lines) + "\n"


def _line_end(dialogue: Dialogue) -> str:
    return f"line-end: {_NAMES_OF_ENDS[dialogue.line_end]}"


def _answer_lines(answer: Answer) -> list[str]:
    wait = [f"<wait {answer.wait_s:.3f}"] if answer.wait_s else []
    if answer.never:
        return [*wait, "<never"]
    if answer.raw is not None:
        return [*wait, f"<raw {_escaped(answer.raw)}"]
    return [*wait, *(f"< {line}".rstrip() if not line else f"< {line}" for line in answer.lines)]


def _escaped(data: bytes) -> str:
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


def lines_of(body: bytes, line_end: bytes = b"\r\n") -> tuple[str, ...] | None:
    """`body` as the lines of an answer, None where lines would not give the same bytes again."""
    if len(body) < len(line_end) or not body.startswith(line_end):
        return None
    if not body.endswith(line_end):
        return None
    rest = body[len(line_end) :]
    text = rest.decode("latin-1")
    lines = tuple(text.split(line_end.decode())[:-1])
    if all(line.isascii() and line.isprintable() for line in lines):
        return lines
    return None
