"""How hard properties try: `SIMWARD_LONG=1` (`./check --long`) asks for far more examples."""

import os

LONG = os.environ.get("SIMWARD_LONG") == "1"


def examples(quick: int) -> int:
    """`quick`, or 20 times as many in the long series."""
    return 20 * quick if LONG else quick
