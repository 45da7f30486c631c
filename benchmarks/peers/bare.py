"""The same commands, asked one after the other by a loop that understands nothing of the answers.

    bare.py PORT FILE

What it takes is what the line and this machine take; the commands are lines of FILE.
"""

import os
import re
import sys
import tty
from pathlib import Path

FINAL = re.compile(rb"\r\n(OK|ERROR|\+CM[ES] ERROR: [^\r\n]*)\r\n$")


def main(port: str, file: str) -> None:
    """Ask them all."""
    line = os.open(port, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line)
    for command in Path(file).read_text().splitlines():
        os.write(line, command.encode() + b"\r")
        answer = b""
        while not FINAL.search(answer):
            answer += os.read(line, 4096)
    os.close(line)


main(*sys.argv[1:])
