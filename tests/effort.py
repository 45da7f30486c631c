"""How hard properties try: `SIMWARD_LONG=1` (`./check --long`) asks for far more examples."""

import os

LONG = os.environ.get("SIMWARD_LONG") == "1"


def examples(quick: int, *, times: int = 20) -> int:
    """`quick`, or so many times as many in the long series; fewer where each takes long."""
    return times * quick if LONG else quick
