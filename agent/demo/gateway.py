"""`simward` on a simulated gateway: `python -m agent.demo.gateway ARGUMENTS`.

Its wall clock counts as synchronised. The gates of a real gateway pass nothing with a clock that
nobody keeps right, and the machine of a demo may have such a one.
"""

import sys

from agent.cli import main
from agent.clock import take_as_synchronized

if __name__ == "__main__":
    take_as_synchronized()
    sys.exit(main())
