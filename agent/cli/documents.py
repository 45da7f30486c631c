"""Standard output of `--json`: exactly one document, UTF-8, one newline at the end."""

import sys
from typing import Any


def print_document(document: Any) -> None:
    """Print `document` as the one JSON document of this command."""
    import json

    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    # Not print(): a C locale must not turn Chinese names into an error or into question marks.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", errors="backslashreplace"))
    sys.stdout.flush()
